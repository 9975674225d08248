package transform_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/goccy/go-yaml"

	"github.com/partnerplus/warehouse/transform"
)

// An airline's file has a row for each card and month, with the points of both directions: it becomes awards
// and redemptions. A point is worth 18 cents.
func Example() {
	const config = `
- entity: awards
  where: [{column: Points Accumulated, not_equal: "0"}]
  columns:
    program_id: {from: Loyalty Number, lookup: cards}
    award_id: {join: [Loyalty Number, Year, Month, $row]}
    org_id: {from: Loyalty Number, lookup: provinces}
    member_id: Loyalty Number
    amount: {from: Points Accumulated, scale: "0.18"}
    currency: {value: CAD}
    awarded_at: {date_from: {year: Year, month: Month}}
- entity: redemptions
  where: [{column: Points Redeemed, not_equal: "0"}]
  columns:
    program_id: {from: Loyalty Number, lookup: cards}
    redemption_id: {join: [Loyalty Number, Year, Month, $row]}
    org_id: {from: Loyalty Number, lookup: provinces}
    member_id: Loyalty Number
    amount: Dollar Cost Points Redeemed
    currency: {value: CAD}
    redeemed_at: {date_from: {year: Year, month: Month}}
`
	rows := airline(
		"100018,2017,1,3,0,0",
		"100018,2018,12,505.5,341,61",
		"999999,2018,1,10,0,0",
		"100102,2018,2,0,200,36",
	)
	defer rows.Release()
	lookups := map[string]transform.Lookup{
		"cards":     {"100018": "aurora", "100102": "star"},
		"provinces": {"100018": "Alberta", "100102": "Ontario"},
	}
	var specs []transform.MappingSpec
	if err := yaml.UnmarshalWithOptions([]byte(config), &specs, yaml.Strict()); err != nil {
		log.Fatal(err) //nolint:gocritic // the process ends, and rows with it
	}
	for _, spec := range specs {
		mapping, err := transform.Compile(spec, lookups)
		if err != nil {
			log.Fatal(err)
		}
		result, err := mapping.Apply(rows, transform.Place{
			Positions: []uint64{1, 2, 3, 4},
			Unit:      "activity.csv",
			Delivered: time.Date(2019, 1, 2, 0, 0, 0, 0, time.UTC),
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d rows, %d rejects, %d filtered, Σ amount %s\n", spec.Entity,
			result.Record.NumRows(), len(result.Rejects), result.Filtered, result.Amount.ToString(4))
		for i := range int(result.Record.NumRows()) {
			for c := range 7 {
				fmt.Print(result.Record.Column(c).ValueStr(i), "|")
			}
			fmt.Println()
		}
		for _, r := range result.Rejects {
			fmt.Printf("row %d: %s\n", r.Position, r.Reason)
		}
		result.Record.Release()
	}
	// Output:
	// awards: 2 rows, 1 rejects, 1 filtered, Σ amount 91.5300
	// aurora|100018/2017/1/1|Alberta|100018|award|0.54|CAD|
	// aurora|100018/2018/12/2|Alberta|100018|award|90.99|CAD|
	// row 3: program_id: "999999" is not in the lookup cards
	// redemptions: 2 rows, 0 rejects, 2 filtered, Σ amount 97.0000
	// aurora|100018/2018/12/2|Alberta|100018|redemption|61|CAD|
	// star|100102/2018/2/4|Ontario|100102|redemption|36|CAD|
}

func airline(lines ...string) arrow.Record {
	header := "Loyalty Number,Year,Month,Points Accumulated,Points Redeemed,Dollar Cost Points Redeemed"
	var fields []arrow.Field
	for _, name := range strings.Split(header, ",") {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, line := range lines {
		values := strings.Split(line, ",")
		for i := range fields {
			b.Field(i).(*array.StringBuilder).Append(values[i])
		}
	}
	return b.NewRecord()
}
