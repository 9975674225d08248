-- What the edition published last says about itself, where the facts give something else.
INSERT INTO etl.differing_rows (check_id, table, month, key, found, expected, among)
SELECT
    {id:String},
    'edition',
    NULL,
    concat('edition ', toString(edition)),
    map('newest_month', toString(newest_month), 'newest_event', toString(newest_event)),
    map('newest_month', toString({newest:Date32}), 'newest_event', toString({newest_event:DateTime64(6, 'UTC')})),
    1
FROM kpi_core.edition
WHERE edition = {found:UInt64} AND (newest_month != {newest:Date32} OR newest_event != {newest_event:DateTime64(6, 'UTC')});
