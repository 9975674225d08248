-- All rows that count nowhere, each with an id that stays the same whatever load or replay rejects it again: those that
-- were rejected, and entries in force without an exchange rate. The latter are in the facts: a rate that arrives mends them.
CREATE OR REPLACE VIEW etl.standing_rejects AS
SELECT
    lower(substring(hex(sipHash64(source, unit, entity, mapping, position)), 1, 12)) AS id,
    source, unit, entity, mapping, position, column, rule, reason, raw, run_id, load_id, recorded_at
FROM
(
    SELECT
        toString(source) AS source, unit, toString(entity) AS entity, mapping, position, toString(column) AS column,
        toString(rule) AS rule, reason, raw, run_id, load_id, recorded_at
    FROM etl.open_rejects
    UNION ALL
    SELECT
        u.source, u.unit, u.entity, toUInt16(0), u.source_row, 'currency', 'rate',
        concat('there is no rate from ', u.currency, ' to the reporting currency on or before ', toString(u.day)),
        toJSONString(map('program_id', u.program_id, if(u.entity = 'awards', 'award_id', 'redemption_id'), u.event_id,
            'currency', u.currency, 'day', toString(u.day), 'amount', toString(u.amount))),
        u.run_id, '', u.delivered_at
    FROM kpi_core.unrated AS u
);
