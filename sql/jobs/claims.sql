-- The live claims to a lease, the oldest first, and the server's clock.
SELECT claim, holder, claimed_at, expires_at, now64(6) AS at
FROM etl.leases FINAL
WHERE name = {name:String} AND expires_at > now64(6)
ORDER BY claimed_at, claim;
