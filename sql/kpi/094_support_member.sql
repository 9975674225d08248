-- One member's state, for who has to tell it to the member: SELECT * FROM kpi_support.member(program_id = 'acme', member_id = '17').
-- It takes a member's id, so that nobody reads through everybody's balances with it.
CREATE OR REPLACE VIEW kpi_support.member
(
    program_id        String COMMENT 'Programme',
    member_id         String COMMENT 'Member, within the programme',
    org_id            String COMMENT 'Organisation in force now; empty: none',
    joined_on         Nullable(Date32) COMMENT 'First day; of a member that only events mention: of the first event',
    left_on           Nullable(Date32) COMMENT 'Day of leaving; NULL: has not left',
    inferred          UInt8 COMMENT '1 where only events mention the member',
    unspent_dollars   Decimal(38, 4) COMMENT 'Balance, in the reporting currency; negative where more was drawn than awarded',
    awarded_to_date   Decimal(38, 4) COMMENT 'Net awarded of all time',
    redeemed_to_date  Decimal(38, 4) COMMENT 'Net redeemed of all time',
    expired_to_date   Decimal(38, 4) COMMENT 'Expired of all time',
    oldest_unspent_on Nullable(Date32) COMMENT 'Day of the oldest dollars unspent (FIFO); NULL where nothing is unspent',
    counted_until     DateTime64(6, 'UTC') COMMENT 'What was loaded up to this time is in it'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    n.program_id AS program_id,
    n.member_id AS member_id,
    n.org_id AS org_id,
    n.joined_on AS joined_on,
    n.left_on AS left_on,
    n.inferred AS inferred,
    m.awarded_to_date - m.redeemed_to_date - m.expired_to_date AS unspent_dollars,
    m.awarded_to_date AS awarded_to_date,
    m.redeemed_to_date AS redeemed_to_date,
    m.expired_to_date AS expired_to_date,
    if(empty(m.lots), NULL, m.lots[1].1) AS oldest_unspent_on,
    (SELECT refreshed_at FROM kpi.as_of) AS counted_until
FROM
(
    SELECT
        c.program_id AS program_id, c.member_id AS member_id, min(c.org_id) AS org_id, min(c.joined_on) AS joined_on, max(c.left_on) AS left_on,
        max(c.inferred) AS inferred
    FROM kpi_core.member AS c
    WHERE edition = (SELECT edition FROM kpi_core.current_edition) AND program_id = {program_id:String} AND member_id = {member_id:String}
    GROUP BY program_id, member_id
) AS n
-- A member whom no event mentions yet has a row in the first table only: its sums are 0.
LEFT ANY JOIN
(
    SELECT program_id, member_id, awarded_to_date, redeemed_to_date, expired_to_date, lots
    FROM kpi_core.member_month_now
    WHERE NOT is_part AND month = (SELECT newest_month FROM kpi.as_of) AND program_id = {program_id:String} AND member_id = {member_id:String}
) AS m ON n.program_id = m.program_id AND n.member_id = m.member_id
COMMENT 'The state of the one member that the question names, by program_id and member_id';
