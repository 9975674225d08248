-- The chosen organisation.
scope = 'organisation' AND program_id = ${program:singlequote} AND org_id = ${org:singlequote}
