-- The result of one check: its verdict follows from the limits in force. Where the answer was lost, it is there already.
INSERT INTO etl.checks (check_id, checked_at, check, month, verdict, figure, unit, message, query, data)
WITH
    (SELECT anyOrNull(value) FROM kpi_core.threshold WHERE rule = {check:String} AND threshold = 'fail_above') AS fail_above,
    (SELECT anyOrNull(value) FROM kpi_core.threshold WHERE rule = {check:String} AND threshold = 'warn_above') AS warn_above
SELECT
    {id:String},
    {at:DateTime64(6, 'UTC')},
    {check:String},
    {month:Nullable(Date32)},
    multiIf({beyond:Decimal(38, 4)} > fail_above, 'fail', {beyond:Decimal(38, 4)} > warn_above, 'warn', 'pass'),
    {figure:Decimal(38, 4)},
    {unit:String},
    {message:String},
    {query:String},
    {data:String}
WHERE ({id:String}, {check:String}) NOT IN (SELECT check_id, check FROM etl.checks WHERE check_id = {id:String});
