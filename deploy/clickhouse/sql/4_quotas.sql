-- How much of the server users may use: a dashboard that runs away, or a guessed password, stops here. The same as
-- users.d/partnerplus-profiles.xml; safe to run again.

CREATE QUOTA IF NOT EXISTS partnerplus_reader;

ALTER QUOTA partnerplus_reader
    KEYED BY user_name
    FOR INTERVAL 1 hour MAX queries = 20000, errors = 2000, execution_time = 7200
    TO bi_service, executive, analyst, partner_manager, support, marketing, monitor;
