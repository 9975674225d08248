-- How many claims of others are live.
SELECT count() AS claims
FROM etl.notice_claims FINAL
WHERE claim != {claim:String} AND expires_at > now64(6);
