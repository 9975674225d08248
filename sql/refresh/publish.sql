-- The edition is complete. It takes effect at a full second that has not begun yet, a third of a second off at least.
INSERT INTO kpi_core.edition (edition, run_id, newest_event, newest_month, refreshed_at, effective_at)
SELECT
    {edition:UInt64}, {run:String}, {newest_event:DateTime64(6, 'UTC')}, {newest:Date32}, {refreshed_at:DateTime64(6, 'UTC')},
    if({at_once:Bool}, toDateTime('1970-01-01 00:00:00', 'UTC'), toDateTime(now64(6, 'UTC') + INTERVAL 1333 MILLISECOND, 'UTC'));
