-- Facts and dimensions as the sources deliver them: the truth.
CREATE DATABASE IF NOT EXISTS warehouse
COMMENT 'Canonical entities: facts and dimensions, the truth that every figure follows from';
