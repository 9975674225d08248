-- The edition that this query sees: the newest one in effect when the query began. All that one query reads goes by the
-- same second, so that it never sees a mixture.
CREATE OR REPLACE VIEW kpi_core.current_edition AS
SELECT max(edition) AS edition
FROM kpi_core.edition
WHERE effective_at <= initialQueryStartTime();
