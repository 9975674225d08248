-- The chosen segment.
scope = 'segment' AND program_id = ${program:singlequote} AND segment = ${segment:singlequote}
