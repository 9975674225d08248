-- The state of a month's figures, metric by metric, and of all of them.
SELECT
    concat(if(population = '', '', concat(population, '/')), metric) AS name,
    figures,
    hex(state) AS own,
    hex(sum(state) OVER ()) AS total
FROM kpi_core.figure_state(month = {month:Date32})
ORDER BY name;
