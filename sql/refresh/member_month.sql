-- Touched months of member_month, computed anew from the facts in force.
INSERT INTO etl.{workshop:Identifier}
SELECT
    month,
    program_id,
    member_id,
    org_id,
    sumIf(amount, kind = 'award')      AS awarded,
    sumIf(amount, kind = 'reversal')   AS reversed,
    sumIf(amount, kind = 'expiry')     AS expired,
    sumIf(amount, kind = 'redemption') AS redeemed,
    sumIf(amount, kind = 'refund')     AS refunded,
    sum(sessions)                      AS sessions,
    sum(page_views)                    AS page_views,
    sum(seconds)                       AS session_seconds,
    min(day)                           AS first_event_on,
    max(at)                            AS last_event_at
FROM kpi_core.activity
WHERE month IN {months:Array(Date32)}
GROUP BY month, program_id, member_id, org_id
SETTINGS max_partitions_per_insert_block = 0;
