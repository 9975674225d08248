-- What receivers of notifications were told: one row for each receiver, matter and time that it came up, rewritten as it
-- goes on; and one for each due time of a summary.
CREATE TABLE IF NOT EXISTS etl.notices
(
    receiver     LowCardinality(String) COMMENT 'Receiver in the config',
    matter       String COMMENT 'Key of the matter; of a summary: daily, weekly or monthly',
    kind         LowCardinality(String) COMMENT 'Kind of the matter or summary: the name of its file in sql/matters, or as matter',
    opened_at    DateTime64(6, 'UTC') COMMENT 'When it was seen first; of a summary: when it was due',
    severity     LowCardinality(String) COMMENT 'info, warning or critical',
    title        String,
    text         String,
    todo         String COMMENT 'What to do about it',
    since        DateTime64(6, 'UTC') COMMENT 'Since when it is so; of a summary: what it tells of begins there',
    tell         UInt32 COMMENT 'Messages that it is worth: 1, and one for each repetition',
    told         UInt32 COMMENT 'Of these: how many the receiver has accepted or had replaced by a later one',
    told_at      Nullable(DateTime64(6, 'UTC')) COMMENT 'When it accepted the newest; NULL: none yet',
    gone_at      Nullable(DateTime64(6, 'UTC')) COMMENT 'Since when the matter has not been seen any more',
    resolved_at  Nullable(DateTime64(6, 'UTC')) COMMENT 'When it had been gone for long enough',
    recovered_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the receiver accepted the message that it is gone',
    failures     UInt32 COMMENT 'Deliveries that failed since the last one that did not',
    tried_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When the newest of them failed',
    error        String COMMENT 'Why it failed',
    updated_at   DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (receiver, matter, opened_at)
COMMENT 'What receivers of notifications were told';
