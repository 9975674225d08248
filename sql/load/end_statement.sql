-- A statement whose answer nobody waits for any more.
KILL QUERY WHERE query_id = {id:String} ASYNC;
