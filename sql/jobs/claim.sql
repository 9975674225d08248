-- Claims a lease, for so many milliseconds by the server's clock.
INSERT INTO etl.leases (name, claim, renewals, holder, claimed_at, expires_at)
SELECT {name:String}, {claim:String}, 0, {holder:String}, now64(6) AS at, at + toIntervalMillisecond({lasts:UInt64});
