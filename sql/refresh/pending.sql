-- What loads have touched since the last refresh. 1900-01-01 stands for a change that touches no month of events: a
-- dimension, or all figures where thresholds changed. `anew`: nothing of earlier editions may be used.
SELECT
    groupUniqArrayIf(month, month > '1900-01-01')           AS months,
    countIf(source = '' AND unit = 'everything') > 0        AS anew,
    countIf(source = '' AND unit = 'figures') > 0           AS all_figures,
    count()                                                 AS touches
FROM etl.touched_months FINAL
WHERE settled = 0;
