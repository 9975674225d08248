-- The months of the member with the largest balance.
SELECT m.*, m.month AS time
FROM kpi.member_monthly AS m
WHERE program_id = {program:String} AND member_id = (
    SELECT argMax(member_id, (unspent_dollars, -cityHash64('')))
    FROM (SELECT * FROM kpi.member_monthly WHERE month = {month:Date32} AND program_id = {program:String} AND {org:String} IN ('', org_id) AND {segment:String} IN ('', segment) ORDER BY member_id DESC))
