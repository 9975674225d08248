-- Who there is. The same as users.d/partnerplus-users.xml; safe to run again, which changes no password. Parameters: the SHA-256
-- of each password, in hexadecimal. Narrow HOST down to where each user comes from.

CREATE USER IF NOT EXISTS partnerplus
    IDENTIFIED WITH sha256_hash BY {partnerplus:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_pipeline;

GRANT partnerplus_pipeline TO partnerplus;

CREATE USER IF NOT EXISTS reader
    IDENTIFIED WITH sha256_hash BY {reader:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_reader TO reader;

CREATE USER IF NOT EXISTS engagement_reader
    IDENTIFIED WITH sha256_hash BY {engagement_reader:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_engagement_reader TO engagement_reader;

CREATE USER IF NOT EXISTS monitor
    IDENTIFIED WITH sha256_hash BY {monitor:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_monitor TO monitor;
