package transform

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// Type is the kind of value that a canonical column holds.
type Type int

// The types of canonical columns, with their Arrow and ClickHouse types.
const (
	Text    Type = iota // utf8; String
	Money               // decimal128(18, 4), never negative; Decimal(18, 4)
	Rate                // decimal128(18, 8), above zero; Decimal(18, 8)
	Seconds             // decimal128(18, 6), never negative; Decimal(18, 6)
	Count               // uint64; UInt64
	Day                 // date32; Date32
	Instant             // timestamp(us, UTC); DateTime64(6, 'UTC')
	Version             // uint64; UInt64
	Flag                // uint8, 0 or 1; UInt8
)

// Arrow gives the Arrow type of the column.
func (t Type) Arrow() arrow.DataType {
	switch t {
	case Text:
		return arrow.BinaryTypes.String
	case Money:
		return &arrow.Decimal128Type{Precision: 18, Scale: 4}
	case Rate:
		return &arrow.Decimal128Type{Precision: 18, Scale: 8}
	case Seconds:
		return &arrow.Decimal128Type{Precision: 18, Scale: 6}
	case Count, Version:
		return arrow.PrimitiveTypes.Uint64
	case Day:
		return arrow.FixedWidthTypes.Date32
	case Instant:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case Flag:
		return arrow.PrimitiveTypes.Uint8
	}
	panic(fmt.Sprintf("transform: no such type: %d", t))
}

// Column is one column of an entity's contract.
type Column struct {
	Name     string
	Type     Type
	Key      bool     // part of the business key: never empty, compared exactly
	Required bool     // null or empty is a reject
	Nullable bool     // null is kept as NULL; otherwise null becomes the zero value ("" or 0)
	Default  string   // where the mapping does not name the column; where it does and finds no value, only if not Required
	Allowed  []string // the only values, where not empty
}

// Entity is the contract of one canonical table.
type Entity struct {
	Name    string
	Columns []Column // in table order; version and is_deleted are the last two
	Time    string   // the column that decides the event's month, empty for dimensions
}

// Column finds a column of the entity by name.
func (e Entity) Column(name string) (Column, bool) {
	i := slices.IndexFunc(e.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return e.Columns[i], true
}

// Keys gives the names of the business key's columns.
func (e Entity) Keys() []string {
	var keys []string
	for _, c := range e.Columns {
		if c.Key {
			keys = append(keys, c.Name)
		}
	}
	return keys
}

// Schema gives the Arrow schema of the entity's canonical batches: its columns, then source_row
// (uint64), the row's position in its unit.
func (e Entity) Schema() *arrow.Schema {
	fields := make([]arrow.Field, 0, len(e.Columns)+1)
	for _, c := range e.Columns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: c.Nullable})
	}
	fields = append(fields, arrow.Field{Name: SourceRow, Type: arrow.PrimitiveTypes.Uint64})
	return arrow.NewSchema(fields, nil)
}

// SourceRow is the name of the last column of a canonical batch: the row's position in its unit.
const SourceRow = "source_row"

// version and is_deleted, which every entity ends with. A mapping without version takes the unit's
// delivery time, in microseconds since 1970.
var delivery = []Column{
	{Name: "version", Type: Version},
	{Name: "is_deleted", Type: Flag, Default: "0"},
}

// Entities are the canonical entities of KPI.md section 1, in the order in which they are loaded.
var Entities = []Entity{
	entity("programs", "",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "name", Type: Text},
		Column{Name: "client_name", Type: Text},
		Column{Name: "currency", Type: Text},
		Column{Name: "launched_on", Type: Day, Nullable: true},
		Column{Name: "status", Type: Text, Default: "active", Allowed: []string{"active", "paused", "closed"}},
	),
	entity("organisations", "",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "org_id", Type: Text, Key: true},
		Column{Name: "name", Type: Text},
		Column{Name: "joined_on", Type: Day, Nullable: true},
		Column{Name: "left_on", Type: Day, Nullable: true},
	),
	entity("members", "",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "member_id", Type: Text, Key: true},
		Column{Name: "org_id", Type: Text},
		Column{Name: "segment", Type: Text},
		Column{Name: "joined_on", Type: Day, Nullable: true},
		Column{Name: "left_on", Type: Day, Nullable: true},
	),
	entity("fx_rates", "",
		Column{Name: "currency", Type: Text, Key: true},
		Column{Name: "day", Type: Day, Key: true},
		Column{Name: "rate", Type: Rate, Required: true},
	),
	entity("awards", "awarded_at",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "award_id", Type: Text, Key: true},
		Column{Name: "org_id", Type: Text},
		Column{Name: "member_id", Type: Text, Required: true},
		Column{Name: "kind", Type: Text, Required: true, Default: "award", Allowed: []string{"award", "reversal", "expiry"}},
		Column{Name: "amount", Type: Money, Required: true},
		Column{Name: "currency", Type: Text, Required: true},
		Column{Name: "awarded_at", Type: Instant, Required: true},
	),
	entity("redemptions", "redeemed_at",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "redemption_id", Type: Text, Key: true},
		Column{Name: "org_id", Type: Text},
		Column{Name: "member_id", Type: Text, Required: true},
		Column{Name: "kind", Type: Text, Required: true, Default: "redemption", Allowed: []string{"redemption", "refund"}},
		Column{Name: "amount", Type: Money, Required: true},
		Column{Name: "currency", Type: Text, Required: true},
		Column{Name: "category", Type: Text},
		Column{Name: "redeemed_at", Type: Instant, Required: true},
	),
	entity("portal_sessions", "started_at",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "session_id", Type: Text, Key: true},
		Column{Name: "org_id", Type: Text},
		Column{Name: "member_id", Type: Text},
		Column{Name: "started_at", Type: Instant, Required: true},
		Column{Name: "duration_s", Type: Seconds},
		Column{Name: "page_views", Type: Count},
		Column{Name: "device", Type: Text},
	),
	entity("portal_events", "occurred_at",
		Column{Name: "program_id", Type: Text, Key: true},
		Column{Name: "event_id", Type: Text, Key: true},
		Column{Name: "member_id", Type: Text},
		Column{Name: "visitor_id", Type: Text},
		Column{Name: "occurred_at", Type: Instant, Required: true},
		Column{Name: "page", Type: Text},
		Column{Name: "device", Type: Text},
	),
}

func entity(name, time string, columns ...Column) Entity {
	return Entity{Name: name, Time: time, Columns: append(columns, delivery...)}
}

// EntityByName finds an entity.
func EntityByName(name string) (Entity, bool) {
	i := slices.IndexFunc(Entities, func(e Entity) bool { return e.Name == name })
	if i < 0 {
		return Entity{}, false
	}
	return Entities[i], true
}
