-- Lets a live claim last anew; one that has expired stays so.
INSERT INTO etl.leases (name, claim, renewals, holder, claimed_at, expires_at)
SELECT name, claim, {renewals:UInt32}, holder, claimed_at, now64(6) + toIntervalMillisecond({lasts:UInt64})
FROM etl.leases FINAL
WHERE name = {name:String} AND claim = {claim:String} AND renewals < {renewals:UInt32} AND expires_at > now64(6);
