-- The chosen programme.
scope = 'program' AND program_id = ${program:singlequote}
