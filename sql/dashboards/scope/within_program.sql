-- All of the chosen programme: itself, its organisations and its segments.
program_id = ${program:singlequote}
