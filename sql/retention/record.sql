-- What retention dropped of one kind, at one look.
INSERT INTO etl.retention (looked_at, what, before, rows, bytes)
SELECT {at:DateTime64(6, 'UTC')}, {what:String}, {before:DateTime64(6, 'UTC')}, {rows:UInt64}, {bytes:UInt64};
