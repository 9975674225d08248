-- Awards of {from} to {to} as a source corrects them: a higher version with another amount, one in five on a neighbouring
-- day, never outside of the period.
SELECT
    program_id,
    award_id,
    org_id,
    member_id,
    kind,
    a.amount + CAST(1 + cityHash64(award_id, {night:UInt64}) % 100 AS Decimal(18, 4)) / 100 AS amount,
    currency,
    multiIf(
        cityHash64(award_id, {night:UInt64}, 'moves') % 5 != 0, a.awarded_at,
        a.awarded_at + INTERVAL 1 DAY < {to:DateTime64(6, 'UTC')}, a.awarded_at + INTERVAL 1 DAY,
        a.awarded_at - INTERVAL 1 DAY) AS awarded_at,
    a.version + 1 AS version,
    is_deleted,
    source_row
FROM warehouse.awards AS a FINAL
WHERE a.awarded_at >= {from:DateTime64(6, 'UTC')} AND a.awarded_at < {to:DateTime64(6, 'UTC')}
ORDER BY cityHash64(award_id, {night:UInt64}), program_id, award_id
LIMIT {rows:UInt64}
