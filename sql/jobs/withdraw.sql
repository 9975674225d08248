-- Gives a claim back. It is never live again, whatever else is written of it.
INSERT INTO etl.leases (name, claim, renewals, holder, claimed_at, expires_at)
SELECT name, claim, 4294967295, holder, claimed_at, least(expires_at, now64(6))
FROM etl.leases FINAL
WHERE name = {name:String} AND claim = {claim:String};
