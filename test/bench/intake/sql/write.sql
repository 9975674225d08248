-- Writes what was drawn as one object. The settings are those of CSV without quotes.
INSERT INTO FUNCTION s3({url:String}, {key:String}, {secret:String}, {format:String}, 'auto', {compression:String})
SELECT award_id, program_id, org_id, member_id, amount, currency, awarded_at
FROM bench.drawn
ORDER BY i
SETTINGS format_custom_field_delimiter = ',', format_custom_escaping_rule = 'Raw'
