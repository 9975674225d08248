-- The portfolio and each programme: what organisations and segments have is told where a programme is looked at.
scope IN ('portfolio', 'program')
