-- The state of the data, as a text that is another one as soon as units were loaded, figures computed or limits declared.
SELECT concat(
    'edition ', toString((SELECT max(edition) FROM kpi_core.edition)),
    ', units ', toString((SELECT max(updated_at) FROM etl.units)),
    ', sources ', toString((SELECT max(updated_at) FROM etl.sources))) AS data;
