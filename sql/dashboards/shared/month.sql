-- The months to choose from: the newest complete one first, since the first is what is shown; then the newest ones.
SELECT
    toString(month) AS value,
    concat(formatDateTime(month, '%Y-%m'), multiIf(is_newest, ' (newest complete)', state = 'open', ' (open)', '')) AS label
FROM {database:Identifier}.months
GROUP BY month, state, is_newest
ORDER BY is_newest DESC, month DESC
