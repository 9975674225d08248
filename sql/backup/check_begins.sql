-- Room beside the warehouse, where what is unpacked of a backup is looked at.
CREATE DATABASE IF NOT EXISTS backup_check;
