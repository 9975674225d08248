-- What people and BI tools read: nothing about money.
CREATE DATABASE IF NOT EXISTS kpi_engagement
COMMENT 'KPI views for people and BI tools: engagement only, nothing about money';
