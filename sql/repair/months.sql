-- All months of events, to compute the figures from the facts alone.
SELECT month FROM kpi_core.event_month;
