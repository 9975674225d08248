-- Ends a BACKUP or RESTORE that nobody waits for any more.
KILL QUERY WHERE query_id = {query:String} ASYNC;
