-- Where a source goes on, if its place is still the same.
SELECT cursor
FROM etl.cursors FINAL
WHERE source = {source:String} AND place = {place:String};
