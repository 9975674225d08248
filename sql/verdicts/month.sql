-- Whether a month has figures, and whether it is over.
SELECT
    (SELECT count() FROM kpi.metric_monthly WHERE scope = 'portfolio' AND month = {month:Date32}) AS figures,
    toDate32(toTimeZone(now64(6, 'UTC'), (SELECT timezone FROM kpi_core.settings))) >= addMonths({month:Date32}, 1) AS is_over;
