-- Small awards of {since} to {from}, which redemptions.sql leaves alone, redeemed in full between {from} and {to}; every
-- one of {nights} nights others.
SELECT
    program_id,
    concat('N', toString({night:UInt64}), '-', award_id) AS redemption_id,
    org_id,
    member_id,
    'redemption' AS kind,
    amount,
    currency,
    'vouchers' AS category,
    {from:DateTime64(6, 'UTC')} + toIntervalMicrosecond(
        cityHash64(award_id, 'redeemed') % dateDiff('microsecond', {from:DateTime64(6, 'UTC')}, {to:DateTime64(6, 'UTC')})) AS redeemed_at,
    toUInt64(toUnixTimestamp64Micro(redeemed_at)) AS version
FROM warehouse.awards AS a FINAL
WHERE a.kind = 'award' AND amount < 7 AND awarded_at >= {since:DateTime64(6, 'UTC')} AND awarded_at < {from:DateTime64(6, 'UTC')}
    AND cityHash64(award_id, 'night') % {nights:UInt64} = {night:UInt64} - 1
ORDER BY program_id, award_id
LIMIT {rows:UInt64}
