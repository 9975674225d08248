package load

import "net/http"

// verdict says what to do about an error of the warehouse.
type verdict int

const (
	fail    verdict = iota // repeating it gives the same error
	retry                  // the statement had bad luck: repeat it a few times
	wait                   // the warehouse is busy, or on its way back: repeat for as long as patience lasts
	reopen                 // the connection or the engine is gone: bring it back, and repeat for as long as patience lasts
	askUser                // a person has to do something first
)

// words are what the verdicts are called for people.
var words = map[verdict]string{fail: "fail", retry: "retry", wait: "wait", reopen: "reopen", askUser: "ask"}

// rule is what to do about one kind of error.
type rule struct {
	name    string
	verdict verdict
	why     string // why it passes, or what to do
}

// rules sorts ClickHouse's error codes. A code that is not here is a fail: a mistake in a statement, or in this program.
var rules = map[int32]rule{
	// The statement had bad luck.
	3:   {"UNEXPECTED_END_OF_FILE", retry, "what was sent was cut short on its way"},
	33:  {"CANNOT_READ_ALL_DATA", retry, "what was sent was cut short on its way"},
	57:  {"TABLE_ALREADY_EXISTS", retry, "another program migrates too"},
	82:  {"DATABASE_ALREADY_EXISTS", retry, "another program migrates too"},
	159: {"TIMEOUT_EXCEEDED", retry, "the machine was busy; else raise max_execution_time of the user's profile"},
	173: {"CANNOT_ALLOCATE_MEMORY", retry, "others use the machine's memory now"},
	236: {"ABORTED", retry, "a merge or a shutdown got in the way"},
	241: {"MEMORY_LIMIT_EXCEEDED", retry, "others use the memory now; else raise max_memory_usage of the user's profile, or give the server more"},
	319: {"UNKNOWN_STATUS_OF_INSERT", retry, "the answer was lost; statements here may be repeated"},
	341: {"UNFINISHED", retry, "a change has not reached every replica yet"},
	384: {"PART_IS_TEMPORARILY_LOCKED", retry, "a merge holds the part"},
	394: {"QUERY_WAS_CANCELLED", retry, "by an operator, or by a shutdown"},
	416: {"REPLICA_STATUS_CHANGED", retry, "the replica lost its Keeper in the middle"},
	425: {"SYSTEM_ERROR", retry, "the operating system refused something for now"},
	473: {"DEADLOCK_AVOIDED", retry, "another statement held the table for too long"},
	499: {"S3_ERROR", retry, "the bucket that the warehouse keeps its data in did not answer"},
	500: {"AZURE_BLOB_STORAGE_ERROR", retry, "the storage that the warehouse keeps its data in did not answer"},
	517: {"CANNOT_ASSIGN_ALTER", retry, "another change of the table came first"},
	529: {"NOT_A_LEADER", retry, "the replicas choose their leader anew"},
	571: {"DATABASE_REPLICATION_FAILED", retry, "a change has not reached every replica"},
	735: {"QUERY_WAS_CANCELLED_BY_CLIENT", retry, "something on the way ended the connection"},
	777: {"MEMORY_RESERVATION_KILLED", retry, "others use the memory now"},
	778: {"MEMORY_RESERVATION_FAILED", retry, "others use the memory now"},

	// The warehouse is busy, or on its way back.
	198: {"DNS_ERROR", wait, "the server cannot find its replicas' addresses"},
	202: {"TOO_MANY_SIMULTANEOUS_QUERIES", wait, "others are at work"},
	203: {"NO_FREE_CONNECTION", wait, "others use the server's connections"},
	225: {"NO_ZOOKEEPER", wait, "the server has lost its Keeper; look whether that runs"},
	242: {"TABLE_IS_READ_ONLY", wait, "the replica has lost its Keeper; look at system.replicas"},
	244: {"UNEXPECTED_ZOOKEEPER_ERROR", wait, "Keeper did not do what it was asked; look at its log"},
	252: {"TOO_MANY_PARTS", wait, "merges have to catch up; look at system.merges"},
	254: {"NO_ACTIVE_REPLICAS", wait, "replicas are starting; look at system.replicas"},
	265: {"NO_AVAILABLE_REPLICA", wait, "replicas are starting; look at system.clusters"},
	279: {"ALL_CONNECTION_TRIES_FAILED", wait, "the server does not reach its replicas; look at system.clusters"},
	285: {"TOO_FEW_LIVE_REPLICAS", wait, "replicas are starting; insert_quorum asks for more than live"},
	286: {"UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", wait, "replicas have to catch up; look at system.replicas"},
	289: {"REPLICA_IS_NOT_IN_QUORUM", wait, "the replica has to catch up; look at system.replicas"},
	297: {"SHARD_HAS_NO_CONNECTIONS", wait, "the server does not reach a shard; look at system.clusters"},
	364: {"RECEIVED_ERROR_TOO_MANY_REQUESTS", wait, "others are at work"},
	369: {"ALL_REPLICAS_ARE_STALE", wait, "replicas have to catch up; look at system.replicas"},
	439: {"CANNOT_SCHEDULE_TASK", wait, "the server has no thread free"},
	519: {"NO_REMOTE_SHARD_AVAILABLE", wait, "the server does not reach a shard; look at system.clusters"},
	574: {"DISTRIBUTED_TOO_MANY_PENDING_BYTES", wait, "shards have to catch up; look at system.distribution_queue"},
	692: {"TOO_MANY_MUTATIONS", wait, "mutations have to catch up; look at system.mutations"},
	696: {"ASYNC_LOAD_CANCELED", wait, "the server is shutting down"},
	700: {"USER_SESSION_LIMIT_EXCEEDED", wait, "others work as this user"},
	722: {"ASYNC_LOAD_WAIT_FAILED", wait, "the server is starting"},
	733: {"TABLE_IS_BEING_RESTARTED", wait, "the replica starts anew"},
	745: {"SERVER_OVERLOADED", wait, "others are at work"},
	749: {"TCP_CONNECTION_LIMIT_REACHED", wait, "others use the server's connections"},
	762: {"HTTP_CONNECTION_LIMIT_REACHED", wait, "others use the server's connections"},
	904: {"TOO_MANY_UNAVAILABLE_SHARDS", wait, "the server does not reach its shards; look at system.clusters"},
	999: {"KEEPER_EXCEPTION", wait, "the replicas have to agree again; look at Keeper's log"},

	// The connection is gone.
	95:  {"CANNOT_READ_FROM_SOCKET", reopen, "the connection broke"},
	96:  {"CANNOT_WRITE_TO_SOCKET", reopen, "the connection broke"},
	209: {"SOCKET_TIMEOUT", reopen, "the connection broke"},
	210: {"NETWORK_ERROR", reopen, "the connection broke"},

	// A person has to do something.
	40:  {"CHECKSUM_DOESNT_MATCH", askUser, "the warehouse's disk or memory gives back other data than it was given; look at the server's log"},
	74:  {"CANNOT_READ_FROM_FILE_DESCRIPTOR", askUser, "the warehouse's disk cannot be read; look at the server's log"},
	75:  {"CANNOT_WRITE_TO_FILE_DESCRIPTOR", askUser, "the warehouse's disk cannot be written: make room on it, or look at the server's log"},
	76:  {"CANNOT_OPEN_FILE", askUser, "the server may not open its own files, or too many of them; look at its log"},
	81:  {"UNKNOWN_DATABASE", askUser, "the schema is made by partnerplus migrate, and by the first run"},
	115: {"UNKNOWN_SETTING", askUser, "the server is older than this program needs"},
	158: {"TOO_MANY_ROWS", askUser, "raise max_rows_to_read of the user's profile"},
	160: {"TOO_SLOW", askUser, "lower min_execution_speed of the user's profile"},
	164: {"READONLY", askUser, "the user may not write; give the pipeline a user that may"},
	172: {"CANNOT_CREATE_DIRECTORY", askUser, "the warehouse's disk cannot be written: make room on it, or look at the server's log"},
	192: {"UNKNOWN_USER", askUser, "set the user in warehouse.dsn"},
	193: {"WRONG_PASSWORD", askUser, "set the password in warehouse.dsn"},
	194: {"REQUIRED_PASSWORD", askUser, "set the password in warehouse.dsn"},
	195: {"IP_ADDRESS_NOT_ALLOWED", askUser, "the user may not come from this machine; allow its address"},
	201: {"QUOTA_EXCEEDED", askUser, "raise the user's quota, or come back when its interval is over"},
	204: {"CANNOT_FSYNC", askUser, "the warehouse's disk cannot be written; look at the server's log"},
	231: {"TOO_MANY_UNEXPECTED_DATA_PARTS", askUser, "the server does not trust its disk after a crash; look at its log"},
	243: {"NOT_ENOUGH_SPACE", askUser, "make room on the warehouse's disk"},
	246: {"CORRUPTED_DATA", askUser, "the warehouse's disk is damaged; look at the server's log"},
	291: {"DATABASE_ACCESS_DENIED", askUser, "grant the pipeline's user what the message names"},
	307: {"TOO_MANY_BYTES", askUser, "raise max_bytes_to_read of the user's profile"},
	396: {"TOO_MANY_ROWS_OR_BYTES", askUser, "raise max_result_rows and max_result_bytes of the user's profile"},
	452: {"SETTING_CONSTRAINT_VIOLATION", askUser, "let the user's profile change the setting that the message names"},
	472: {"READONLY_SETTING", askUser, "let the user's profile change the setting that the message names"},
	497: {"ACCESS_DENIED", askUser, "grant the pipeline's user what the message names"},
	516: {"AUTHENTICATION_FAILED", askUser, "set user and password in warehouse.dsn"},
	695: {"ASYNC_LOAD_FAILED", askUser, "the server could not load a table when it started; look at its log"},
	720: {"USER_EXPIRED", askUser, "extend the user's validity, or set another in warehouse.dsn"},
	767: {"REQUIRED_SECOND_FACTOR", askUser, "give the pipeline a user that needs none"},
	774: {"TABLE_IS_PERMANENTLY_READ_ONLY", askUser, "the table lies on a disk that is only read; take its setting table_readonly, or its disk, away"},
}

// statuses sorts answers that do not come from ClickHouse itself, but from what stands before it. One that is not here is
// a fail.
var statuses = map[int]rule{
	http.StatusRequestTimeout:        {"", wait, "the way to the warehouse is slow"},
	http.StatusTooManyRequests:       {"", wait, "others are at work"},
	http.StatusBadGateway:            {"", wait, "the warehouse behind the gateway is on its way back"},
	http.StatusServiceUnavailable:    {"", wait, "the warehouse behind the gateway is on its way back"},
	http.StatusGatewayTimeout:        {"", wait, "the gateway does not wait long enough; raise its timeout for long statements"},
	http.StatusUnauthorized:          {"", askUser, "set user and password in warehouse.dsn"},
	http.StatusForbidden:             {"", askUser, "a gateway before the warehouse keeps this machine out"},
	http.StatusNotFound:              {"", askUser, "warehouse.dsn does not lead to a ClickHouse server's HTTP port"},
	http.StatusRequestEntityTooLarge: {"", askUser, "a gateway before the warehouse bounds what may be sent; lift that"},
}
