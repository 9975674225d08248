package transform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// feed is a source as others publish them, brought in by mappings alone.
type feed struct {
	name, mappings string // mappings are separated by ---
	header         string
	rows           []string
	want           []string // of each mapping its rows and rejects, then the positions that none took
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	for _, f := range []feed{
		{
			// Sales with a price for each, customers out of a spreadsheet, and cancellations.
			name: "retail",
			mappings: `
entity: redemptions
require:
  - {expr: 'number(UnitPrice) > 0', reason: the price is not above zero}
  - {expr: '(InvoiceNo startsWith "C") == (number(Quantity) < 0)', reason: a cancellation without a negative quantity or the other way round}
columns:
  program_id: {value: shop}
  redemption_id: {join: [InvoiceNo, StockCode, $row], separator: "-"}
  member_id: {from: CustomerID, whole: true, required: true}
  org_id: {from: Country, nulls: [Unspecified]}
  amount: {expr: 'number(Quantity) * number(UnitPrice)', negative: refund, max: "100000"}
  currency: {value: GBP}
  category: {expr: 'upper(trim(Description))', pattern: '[ -~]*'}
  redeemed_at: {from: InvoiceDate, min: 2010-01-01, time: {formats: ["1/2/2006 15:04", "2006-01-02 15:04:05"], zone: Europe/London}}
`,
			header: "InvoiceNo|StockCode|Description|Quantity|InvoiceDate|UnitPrice|CustomerID|Country",
			rows: []string{
				"536365|85123A|white heart |6|12/1/2010 8:26|2.55|17850.0|United Kingdom",
				"C536379|D|Discount|-1|12/1/2010 9:41|27.5|14527.0|Unspecified",
				"536370|22728|ALARM|24|2010-06-01 08:45:00|3.75|12583|France",
				"536414|22139||56|12/1/2010 11:52|0|nan|United Kingdom",
				"536415|22139|X|1|12/1/2010 11:52|1||United Kingdom",
				"536416|22139|X|1|2/30/2011 11:52|1|1.5|United Kingdom",
				"536417|22139|X|1|2/30/2011 11:52|1|1.0|United Kingdom",
				"541431|23166|JAR|74215|1/18/2011 10:01|1.4|12346.0|United Kingdom",
				"536418|1|naïve|1|1/18/2011 10:01|1.4|12346.0|United Kingdom",
				"536419|1|X|1|1/18/1911 10:01|1.4|12346.0|United Kingdom",
				"C1|1|X|1|1/18/2011 10:01|1.4|12346.0|United Kingdom",
			},
			want: []string{
				"1|shop|536365-85123A-1|United Kingdom|17850|redemption|15.3000|GBP|WHITE HEART|2010-12-01T08:26:00",
				"2|shop|C536379-D-2||14527|refund|27.5000|GBP|DISCOUNT|2010-12-01T09:41:00",
				"3|shop|536370-22728-3|France|12583|redemption|90.0000|GBP|ALARM|2010-06-01T07:45:00",
				`4 condition: the price is not above zero (UnitPrice "0")`,
				"5 required: member_id is empty",
				`6 type: member_id: "1.5" is not a whole number`,
				`7 type: redeemed_at: "2/30/2011 11:52" is not a time in any of the time formats`,
				`8 range: amount: "103901" (103901.0000) is above the max of 100000`,
				`9 pattern: category: "NAÏVE" does not match the pattern [ -~]*`,
				`10 range: redeemed_at: "1/18/1911 10:01" is below the min of 2010-01-01`,
				`11 condition: a cancellation without a negative quantity or the other way round (InvoiceNo "C1", Quantity "1")`,
			},
		},
		{
			// A ledger in which awards and redemptions are mixed, with marks as on the continent.
			name: "ledger",
			mappings: `
entity: awards
where: [{expr: 'Type in ["grant", "bonus"]'}]
columns:
  program_id: {value: p}
  award_id: Entry
  member_id: {from: Account, case: upper, pattern: 'M[0-9]+'}
  amount: {from: Amount, number: {decimal: ",", thousands: ".", symbols: [€], accounting: true}, negative: reversal}
  currency: {value: EUR}
  awarded_at: {from: Booked, time: {format: 02.01.2006, zone: Europe/Berlin}}
---
entity: redemptions
where: [{expr: 'Type == "spend" || Type startsWith "shop:"'}]
columns:
  program_id: {value: p}
  redemption_id: Entry
  member_id: {from: Account, case: upper, reference: accounts}
  amount: {from: Amount, number: {decimal: ",", thousands: ".", symbols: [€], accounting: true}, negate: true, negative: refund}
  currency: {value: EUR}
  category: {expr: 'extract(Type, "shop:(.*)") ?? "other"'}
  redeemed_at: {from: Booked, time: {format: 02.01.2006, zone: Europe/Berlin}}
`,
			header: "Entry|Type|Account|Amount|Booked",
			rows: []string{
				"1|grant|m1|€ 1.234,56|31.01.2024",
				"2|spend|m1|(12,50 €)|01.02.2024",
				"3|shop:books|m1|-3,00|01.02.2024",
				"4|bonus|m1|5,00-|01.02.2024",
				"5|fee|m1|1,00|01.02.2024",
				"6|grant|x1|1,00|01.02.2024",
				"7|spend|m2|-1,00|01.02.2024",
				"8|grant|m1|1,234.56|01.02.2024",
				"9|spend|m1|2,00|01.02.2024",
			},
			want: []string{
				"1|p|1||M1|award|1234.5600|EUR|2024-01-30T23:00:00",
				"4|p|4||M1|reversal|5.0000|EUR|2024-01-31T23:00:00",
				`6 pattern: member_id: "X1" does not match the pattern M[0-9]+`,
				`8 type: amount: "1,234.56" is not a decimal number as number says`,
				"2|p|2||M1|redemption|12.5000|EUR|other|2024-01-31T23:00:00",
				"3|p|3||M1|redemption|3.0000|EUR|books|2024-01-31T23:00:00",
				"9|p|9||M1|refund|2.0000|EUR|other|2024-01-31T23:00:00",
				`7 reference: member_id: "M2" is not in the lookup accounts`,
				"unrouted: 5",
			},
		},
		{
			// A portal's log, in which the member stands within a sentence.
			name: "log",
			mappings: `
entity: portal_events
columns:
  program_id: {expr: 'extract($unit, "([0-9]+)/")'}
  event_id: {join: [$unit, $row], separator: "#"}
  member_id: {from: Description, extract: "^The user with id '([0-9]+)'"}
  occurred_at: {from: Time, time: {format: "2/1/06, 15:04", zone: Asia/Muscat}}
  page: {expr: 'split(coalesce(column("Event context"), Component), ": ", 1)'}
`,
			header: "Time|Event context|Component|Description",
			rows: []string{
				"17/10/21, 12:39|Course: OOP|Logs|The user with id '4' viewed\nthe log",
				"6/08/20, 2:00||System|The user with id '-1' viewed",
				"29/02/18, 19:00|File: MIG|File|The user with id '7' viewed",
			},
			want: []string{
				"1|2024|2024/05.csv#1|4||2021-10-17T08:39:00|Course|",
				"2|2024|2024/05.csv#2|||2020-08-05T22:00:00|System|",
				`3 type: occurred_at: "29/02/18, 19:00" is not a time in the format "2/1/06, 15:04"`,
			},
		},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(f.want, f.bring(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// bring applies the mappings and shows what became of each row.
func (f *feed) bring(t *testing.T) []string {
	mem := checked(t)
	rows := textRecord(t, mem, f.header, f.rows...)
	t.Cleanup(rows.Release)
	lookups := map[string]Lookup{"accounts": {"M1": "x"}}
	var lines []string
	untaken := make([]int, len(f.rows))
	mappings := strings.Split(f.mappings, "---")
	for _, text := range mappings {
		m, err := Compile(parseSpec(t, text), lookups, WithColumns(strings.Split(f.header, "|")))
		if err != nil {
			t.Fatal(err)
		}
		result := apply(t, m, mem, rows, place(rows))
		positions := show(result.Record, SourceRow)
		for i := range positions {
			line := positions[i]
			for _, c := range m.Entity().Columns[:len(m.Entity().Columns)-len(delivery)] {
				line += "|" + show(result.Record, c.Name)[i]
			}
			lines = append(lines, line)
		}
		for _, r := range result.Rejects {
			lines = append(lines, scaledText(int64(r.Position), 0)+" "+r.Rule+": "+r.Reason)
		}
		for _, row := range result.LeftOut {
			untaken[row]++
		}
	}
	for row, times := range untaken {
		if times == len(mappings) {
			lines = append(lines, "unrouted: "+scaledText(int64(row)+1, 0))
		}
	}
	return lines
}
