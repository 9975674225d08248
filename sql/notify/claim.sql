-- A claim that is live for so many seconds from now; 0 gives it back.
INSERT INTO etl.notice_claims
SELECT {claim:String}, now64(6) + toIntervalSecond({seconds:UInt32}), now64(6);
