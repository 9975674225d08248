-- The restore has ended: all parts are back, and migrated.
DROP DATABASE restore_unfinished SYNC;
