-- The state of a month's figures: another one as soon as one of them, or what it is compared with, is another.
SELECT hex(sum(state)) AS state
FROM kpi_core.figure_state(month = {month:Date32});
