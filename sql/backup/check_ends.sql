-- What was unpacked to be looked at.
DROP DATABASE IF EXISTS backup_check SYNC;
