package propose

// phrases are what sources call an entity's columns, the plainest first. One that begins with = is meant as a whole.
type phrases map[string][]string

var (
	programNames  = []string{"program id", "programme id", "program", "programme", "loyalty program", "scheme", "campaign id", "loyalty card"}
	orgNames      = []string{"org id", "organisation id", "organization id", "company id", "partner id", "org", "organisation", "organization", "company", "employer", "partner", "province", "region", "department", "branch", "store", "country"}
	memberNames   = []string{"member id", "member no", "member number", "loyalty number", "member", "customer id", "customer no", "customer number", "customer", "client id", "account id", "account no", "account number", "card number", "card no", "user id", "userid", "participant id", "participant", "account", "card", "user"}
	currencyNames = []string{"currency", "currency code", "ccy", "curr", "=iso"}
	eventTimes    = []string{"date", "timestamp", "datetime", "time", "transaction date", "invoice date", "order date", "purchase date", "booking date", "posting date", "posted", "booked", "created at", "created", "occurred at", "event time", "=at", "=ts", "=when", "day"}
	versionNames  = []string{"updated at", "changed at", "modified at", "updated", "changed", "modified", "last modified", "last updated"}
	deletedNames  = []string{"deleted", "is deleted", "removed"}
	deviceNames   = []string{"device", "device type", "device category", "platform", "user agent", "browser", "=origin", "channel"}
	documentIDs   = []string{"=id", "transaction id", "transaction no", "transaction number", "txn id", "invoice no", "invoice id", "invoice number", "order id", "order no", "order number", "entry id", "receipt no", "receipt", "reference", "=ref", "uuid", "=invoice", "=order", "=transaction", "no"}
	moneyNames    = []string{"amount", "value", "total", "net amount", "gross amount", "price", "sum", "cent", "point", "cost", "sale", "revenue", "spend"}
	joinedNames   = []string{"joined on", "joined", "join date", "enrolled", "enrollment", "enrolment", "enrollment date", "enrolment date", "registered", "registration date", "signup date", "member since", "since", "start date", "created at", "created"}
	leftNames     = []string{"left on", "left", "leave date", "cancelled", "cancellation", "cancellation date", "closed", "terminated", "termination date", "end date"}
)

// vocabulary holds each entity's phrases by canonical column.
var vocabulary = map[string]phrases{
	"programs": {
		"program_id": programNames, "name": {"name", "program name", "programme name", "title"}, "client_name": {"client name", "client"},
		"currency": currencyNames, "launched_on": {"launched on", "launched", "launch date", "start date"}, "status": {"status", "state"},
	},
	"organisations": {
		"program_id": programNames, "org_id": orgNames, "name": {"name", "org name", "organisation name", "organization name", "company name", "partner name"},
		"joined_on": joinedNames, "left_on": leftNames,
	},
	"members": {
		"program_id": programNames, "member_id": memberNames, "org_id": orgNames,
		"segment": {"segment", "tier", "level", "class", "grade", "group"}, "joined_on": joinedNames, "left_on": leftNames,
	},
	"fx_rates": {
		"currency": {"currency", "currency code", "ccy", "code", "from currency", "symbol"}, "day": {"day", "date", "as of", "valid on", "rate date", "period"},
		"rate": {"rate", "fx rate", "exchange rate", "mid", "close", "value"},
	},
	"awards": {
		"program_id": programNames, "award_id": append([]string{"award id", "award no", "award", "=award ref"}, documentIDs...), "org_id": orgNames, "member_id": memberNames,
		"kind":   {"kind", "type", "award type", "transaction type", "entry type", "movement", "status"},
		"amount": append([]string{"award amount", "amount awarded", "point accumulated", "point earned", "earned", "award", "award value"}, moneyNames...), "currency": currencyNames,
		"awarded_at": append([]string{"awarded at", "award date", "awarded", "earned at", "earned on"}, eventTimes...),
	},
	"redemptions": {
		"program_id": programNames, "redemption_id": append([]string{"redemption id", "redemption no", "redemption", "voucher id", "voucher no", "voucher"}, documentIDs...), "org_id": orgNames, "member_id": memberNames,
		"kind":   {"kind", "type", "redemption type", "transaction type", "entry type", "movement", "status"},
		"amount": append([]string{"redemption amount", "amount redeemed", "dollar cost point redeemed", "redemption value", "redeemed", "point redeemed"}, moneyNames...), "currency": currencyNames,
		"category": {"category", "reward", "product", "item", "shop", "merchant", "gift", "description", "catalogue"}, "redeemed_at": append([]string{"redeemed at", "redemption date", "redeemed on", "redeemed"}, eventTimes...),
	},
	"portal_sessions": {
		"program_id": programNames, "session_id": {"session id", "session", "visit id", "id visit", "visit", "=id", "uuid"}, "org_id": orgNames, "member_id": memberNames,
		"started_at": append([]string{"started at", "started", "start time", "start", "session start", "visit start", "begin", "first action"}, eventTimes...),
		"duration_s": {"duration", "duration second", "second", "visit duration", "session duration", "length", "time spent"},
		"page_views": {"page view", "pageview", "page", "view", "action", "hit"}, "device": deviceNames,
	},
	"portal_events": {
		"program_id": programNames, "event_id": {"event id", "hit id", "view id", "log id", "=id", "uuid", "=event"}, "member_id": memberNames,
		"visitor_id":  {"visitor id", "visitor", "cookie", "anonymous id", "client id", "session id", "ip address", "=ip"},
		"occurred_at": append([]string{"occurred at", "viewed at", "event time"}, eventTimes...),
		"page":        {"page", "url", "path", "page url", "uri", "page title", "screen", "event context", "resource", "event name"}, "device": deviceNames,
	},
}

// hints are words in the names of units and columns that speak for an entity.
var hints = map[string][]string{
	"programs":        {"program", "programme", "programm", "scheme"},
	"organisations":   {"organisation", "organization", "org", "company", "partner", "branch", "employer"},
	"members":         {"member", "customer", "account", "user", "enrolment", "enrollment", "history", "participant"},
	"fx_rates":        {"fx", "rate", "exchange", "currency"},
	"awards":          {"award", "earn", "earned", "accrual", "accumulated", "sale", "retail", "purchase", "invoice", "order", "ledger", "activity"},
	"redemptions":     {"redemption", "redeem", "redeemed", "burn", "voucher", "spend"},
	"portal_sessions": {"session", "visit"},
	"portal_events":   {"event", "view", "click", "log", "hit", "pageview", "moodle", "module"},
}

// kinds are what sources call the kinds of awards and redemptions, by the first of them.
var kinds = map[string]map[string][]string{
	"award": {
		"award":    {"award", "earn", "earned", "accrual", "accrue", "credit", "purchase", "sale", "order", "invoice", "buchung", "issue", "issued", "bonus", "a"},
		"reversal": {"reversal", "reverse", "reversed", "return", "returned", "cancel", "cancelled", "canceled", "cancellation", "void", "storno", "clawback", "chargeback", "r", "debit"},
		"expiry":   {"expiry", "expire", "expired", "expiration", "x"},
	},
	"redemption": {
		"redemption": {"redemption", "redeem", "redeemed", "burn", "spend", "order", "purchase", "voucher", "debit", "fulfilled"},
		"refund":     {"refund", "refunded", "return", "returned", "cancel", "cancelled", "canceled", "cancellation", "void", "reversal", "credit"},
	},
}
