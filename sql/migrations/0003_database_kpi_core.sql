-- Computed tables. People read kpi and kpi_engagement instead.
CREATE DATABASE IF NOT EXISTS kpi_core
COMMENT 'Computed tables behind kpi: not for readers';
