-- Each segment of the chosen programme.
scope = 'segment' AND program_id = ${program:singlequote}
