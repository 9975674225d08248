-- How many figures a closing has kept.
SELECT count() AS figures
FROM etl.closed_figures FINAL
WHERE month = {month:Date32} AND closed_at = {at:DateTime64(6, 'UTC')};
