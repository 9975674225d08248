-- What retention itself wrote down.
SELECT looked_at, what
FROM etl.retention
WHERE looked_at < {before:DateTime64(6, 'UTC')};
