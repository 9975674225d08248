-- Whether the rows of an edition are still there to be compared with: those of the last three are.
SELECT count() < 3 AS is_kept
FROM kpi_core.edition
WHERE edition > {found:UInt64};
