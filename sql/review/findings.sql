-- The risks and opportunities of a month, the gravest first, then where the most unspent dollars are at stake: of the portfolio and
-- the programmes, or of every scope; of all, or of one programme.
SELECT
    toString(f.scope) AS scope, program_id, org_id, segment, kind, topic, rule, toString(metric) AS metric, severity,
    toString(observed) AS observed, toString(expected) AS expected, toString(at_stake) AS at_stake, evidence, interventions
FROM kpi.findings AS f
WHERE month = {month:Date32}
    AND ({all_scopes:Bool} OR scope IN ('portfolio', 'program'))
    AND ({program:String} = '' OR program_id = {program:String})
ORDER BY indexOf(['critical', 'warning', 'info'], severity), f.at_stake DESC, indexOf(['portfolio', 'program', 'organisation', 'segment'], scope),
    program_id, org_id, segment, topic, metric;
