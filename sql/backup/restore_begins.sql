-- A restore is under way: until it has ended, nothing else may use the warehouse.
CREATE DATABASE IF NOT EXISTS restore_unfinished;
