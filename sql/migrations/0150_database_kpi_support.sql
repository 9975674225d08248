-- What a support desk reads: one member at a time.
CREATE DATABASE IF NOT EXISTS kpi_support
COMMENT 'Views for a support desk: they answer for one member, which the question has to name';
