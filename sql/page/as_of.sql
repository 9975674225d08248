-- What the figures contain. No row where there are none.
SELECT run_id, newest_event, newest_month, refreshed_at
FROM kpi.as_of;
