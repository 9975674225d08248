-- Who holds which lease: of several live claims, the oldest is the holder's, and the others are about to be withdrawn.
SELECT name, argMin(holder, claimed_at) AS holder, min(claimed_at) AS since
FROM etl.leases FINAL
WHERE expires_at > now64(6)
GROUP BY name;
