-- Page views of one visitor with gaps under 30 minutes, cut at the ends of months: a function of one month's page views
-- alone. kpi_core.event_session joins what goes on over the end of a month.
CREATE TABLE IF NOT EXISTS kpi_core.visit
(
    edition      UInt64 COMMENT 'Edition that computed the row',
    month        Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id   String COMMENT 'Programme',
    visitor_kind LowCardinality(String) COMMENT 'visitor, or member where the page views name no visitor',
    visitor      String COMMENT 'Visitor or member; empty: the programme''s one nameless visitor',
    member_id    String COMMENT 'The first member that the page views name; empty: none',
    first_at     DateTime64(6, 'UTC') COMMENT 'First page view',
    last_at      DateTime64(6, 'UTC') COMMENT 'Last page view',
    page_views   UInt64 COMMENT 'Page views',
    at_edge      UInt8 COMMENT '1 where it begins on the first or ends on the last day of the month'
)
ENGINE = MergeTree
PARTITION BY (month, edition)
ORDER BY (program_id, visitor_kind, visitor, first_at)
COMMENT 'Page views of one visitor with gaps under 30 minutes, within one month';
