-- Member x month in each scope that it counts for. A known member counts for the organisation and segment in force now,
-- whatever its events say; any other, and an anonymous session, for the organisation that the events name. KPI.md
-- sections 1 and 2.
CREATE OR REPLACE VIEW kpi_core.scope_member_month AS
SELECT
    m.*,
    arrayJoin(multiIf(
        m.is_part AND (k.is_known = 1 OR m.org_id = ''), [],
        m.is_part, [('organisation', m.program_id, m.org_id, '')],
        arrayConcat(
            [('portfolio', '', '', ''), ('program', m.program_id, '', '')],
            if(k.org_id = '', [], [('organisation', m.program_id, k.org_id, '')]),
            if(k.segment = '', [], [('segment', m.program_id, '', k.segment)])))) AS key
FROM kpi_core.member_month_in(edition = {edition:UInt64}) AS m
LEFT JOIN kpi_core.known_member(edition = {edition:UInt64}) AS k ON m.program_id = k.program_id AND m.member_id = k.member_id;
