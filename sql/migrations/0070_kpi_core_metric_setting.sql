-- What people decide about metrics, from the metrics file. Each row is a whole set, and the newest is in force: what the
-- file no longer has falls back to the catalogue, all at once. kpi_core.metric_in_force reads it.
CREATE TABLE IF NOT EXISTS kpi_core.metric_setting
(
    changed_at DateTime64(6, 'UTC') COMMENT 'When the set came into force',
    settings   Map(String, Tuple(
                   owner    String,
                   baseline Nullable(Decimal(38, 12)),
                   target   Nullable(Decimal(38, 12)),
                   warn     Nullable(Decimal(38, 12)),
                   critical Nullable(Decimal(38, 12)))) COMMENT 'By metric, or population/metric of a distribution; empty owner or NULL: that of the catalogue'
)
ENGINE = MergeTree
ORDER BY changed_at
COMMENT 'Owners, baselines, targets and limits of metrics, every set that ever was in force';
