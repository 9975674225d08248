-- What people and BI tools read: everything.
CREATE DATABASE IF NOT EXISTS kpi
COMMENT 'KPI views for people and BI tools: everything';
