-- The chosen programme, or the portfolio: the variable stands for an empty programme where all are chosen.
scope IN ('portfolio', 'program') AND program_id IN (${program:singlequote})
