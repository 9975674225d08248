-- Who there is. The same as users.d/partnerplus-users.xml; safe to run again, which changes no password. Parameters: the SHA-256
-- of each password, in hexadecimal. Narrow HOST down to where each user comes from.

CREATE USER IF NOT EXISTS partnerplus
    IDENTIFIED WITH sha256_hash BY {partnerplus:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_writer;

GRANT partnerplus_writer TO partnerplus;

CREATE USER IF NOT EXISTS bi_service
    IDENTIFIED WITH sha256_hash BY {bi_service:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_bi_service TO bi_service;

CREATE USER IF NOT EXISTS executive
    IDENTIFIED WITH sha256_hash BY {executive:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_executive TO executive;

CREATE USER IF NOT EXISTS analyst
    IDENTIFIED WITH sha256_hash BY {analyst:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_analyst TO analyst;

CREATE USER IF NOT EXISTS partner_manager
    IDENTIFIED WITH sha256_hash BY {partner_manager:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_confined;

GRANT partnerplus_partner_manager TO partner_manager;

CREATE USER IF NOT EXISTS support
    IDENTIFIED WITH sha256_hash BY {support:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_confined;

GRANT partnerplus_support TO support;

CREATE USER IF NOT EXISTS marketing
    IDENTIFIED WITH sha256_hash BY {marketing:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_confined;

GRANT partnerplus_marketing TO marketing;

CREATE USER IF NOT EXISTS monitor
    IDENTIFIED WITH sha256_hash BY {monitor:String}
    HOST IP '::/0'
    SETTINGS PROFILE partnerplus_reader;

GRANT partnerplus_monitor TO monitor;
