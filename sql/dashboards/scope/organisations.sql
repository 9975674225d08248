-- Each organisation of the chosen programme.
scope = 'organisation' AND program_id = ${program:singlequote}
