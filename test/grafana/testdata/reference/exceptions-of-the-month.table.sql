-- Of the portfolio and all programmes; of all in a programme; of an organisation or a segment alone.
SELECT *
FROM kpi.exceptions
WHERE month = {month:Date32} AND multiIf(
    {scope:String} = 'portfolio', scope IN ('portfolio', 'program'),
    {scope:String} = 'program', program_id = {program:String},
    scope = {scope:String} AND program_id = {program:String} AND org_id = {org:String} AND segment = {segment:String})
