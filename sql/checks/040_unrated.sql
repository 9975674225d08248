-- Awards and redemptions that count nowhere, because their currency has no rate at or before their day.
CREATE OR REPLACE VIEW kpi.unrated
(
    month      Date32 COMMENT 'Month of the entry, in the reporting zone',
    entity     String COMMENT 'awards or redemptions',
    program_id String COMMENT 'Programme of the entry',
    event_id   String COMMENT 'Key of the entry within the programme',
    currency   String COMMENT 'Currency without a rate',
    day        Date32 COMMENT 'Day of the entry, in the reporting zone',
    amount     Decimal(18, 4) COMMENT 'Amount in that currency',
    source     String COMMENT 'Source of the entry',
    unit       String COMMENT 'File, object or window',
    source_row UInt64 COMMENT 'Place of the row in its unit, from 1'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT makeDate32(toYear(day), toMonth(day), 1) AS month, entity, program_id, event_id, currency, day, amount, source, unit, source_row
FROM kpi_core.unrated
ORDER BY entity, program_id, event_id
COMMENT 'Awards and redemptions that count nowhere, for want of an exchange rate';
