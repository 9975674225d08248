-- Until when a claim is live after so many renewals, and the server's clock; no row where it was not renewed so often, or given back.
SELECT expires_at, now64(6) AS at
FROM etl.leases FINAL
WHERE name = {name:String} AND claim = {claim:String} AND renewals = {renewals:UInt32};
