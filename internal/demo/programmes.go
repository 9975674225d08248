package demo

import "time"

// plan is what makes one programme different from the others.
type plan struct {
	Programme
	start    int           // the month of its launch
	zone     string        // where its members live, and what its files' times mean
	tick     time.Duration // the precision of its times
	prefix   string        // of its ids
	grain    int64         // the smallest amount, in cents
	early    int           // members who join in the first month, in thousandths
	closing  int           // the month in which its last organisation leaves, 0: never
	expires  bool          // idle balances expire, quarter by quarter
	overdraw int           // members who redeem more than they have
	heavy    bool          // few members are given most of the awards
	low      int           // bounds of an award, in grains
	high     int
	spenders int   // members who ever redeem, in thousandths
	awards   curve // awards, redemptions and visits of a member in a month, in thousandths
	redeems  curve
	visits   curve
}

// once is a curve that stays level.
func once(value int) curve { return curve{{0, value}} }

// launched names the first day of a programme.
func launched(month, day int) time.Time { return monthStart(month).AddDate(0, 0, day-1) }

var plans = []plan{
	{
		Programme: Programme{
			ID: "acme", Name: "Acme Rewards", Client: "Acme Motors", Currency: "USD", Launched: launched(0, 1),
			Organisations: 12, Members: 1700,
			Story: "Healthy: it grows, peaks each December, and most of what is awarded is redeemed.",
		},
		zone: "UTC", tick: time.Second, prefix: "ACM", grain: 50, early: 600, expires: true, overdraw: 3,
		low: 10, high: 150, spenders: 860,
		awards: curve{{0, 1000}, {24, 1250}}, redeems: curve{{0, 380}, {24, 470}}, visits: curve{{0, 1300}, {24, 1700}},
	},
	{
		Programme: Programme{
			ID: "borealis", Name: "Borealis Sales Club", Client: "Borealis Telecom", Currency: "USD", Launched: launched(0, 1),
			Organisations: 9, Members: 1200,
			Story: "Uneven: a few top sellers are given most of the awards (distribution, Gini above 0.60).",
		},
		zone: "UTC", tick: time.Millisecond, prefix: "BOR", grain: 1, early: 500, overdraw: 2, heavy: true,
		low: 500, high: 3500, spenders: 700,
		awards: curve{{0, 1300}, {24, 1500}}, redeems: curve{{0, 300}, {24, 360}}, visits: once(1500),
	},
	{
		Programme: Programme{
			ID: "cobalt", Name: "Cobalt Wellness", Client: "Cobalt Insurance", Currency: "CAD", Launched: launched(0, 2),
			Organisations: 8, Members: 900,
			Story: "Declining: since February 2026 the portal loses more than a quarter of its visits each month; an organisation left in May.",
		},
		zone: "America/New_York", tick: time.Second, prefix: "COB", grain: 5, early: 750, closing: 20, expires: true,
		low: 200, high: 2400, spenders: 750,
		awards: curve{{0, 900}, {16, 1000}, {24, 780}}, redeems: curve{{0, 330}, {16, 360}, {24, 250}},
		visits: curve{{0, 2400}, {16, 2600}, {17, 1850}, {18, 1320}, {19, 940}, {20, 670}, {21, 480}, {22, 340}, {23, 240}, {24, 170}},
	},
	{
		Programme: Programme{
			ID: "delta", Name: "Delta Points", Client: "Delta Retail", Currency: "USD", Launched: launched(0, 1),
			Organisations: 7, Members: 800,
			Story: "Liability rises: since March 2026 points are given out in a campaign, and the shop that takes them is closed.",
		},
		zone: "Europe/Berlin", tick: time.Minute, prefix: "DEL", grain: 5, early: 850,
		low: 60, high: 900, spenders: 960,
		awards: curve{{0, 1100}, {17, 1200}, {18, 1900}, {24, 3400}}, redeems: curve{{0, 640}, {17, 640}, {18, 120}, {19, 20}, {20, 0}},
		visits: curve{{0, 1400}, {17, 1400}, {24, 1000}},
	},
	{
		Programme: Programme{
			ID: "ember", Name: "Ember Start", Client: "Ember Energy", Currency: "USD", Launched: launched(14, 3),
			Organisations: 4, Members: 400,
			Story: "Young: launched in November 2025, it grows fast; few members have found the way to redeem.",
		},
		start: 14, zone: "UTC", tick: time.Second, prefix: "EMB", grain: 25, early: 250,
		low: 20, high: 240, spenders: 420,
		awards: once(1600), redeems: curve{{14, 120}, {24, 520}}, visits: curve{{14, 1600}, {24, 2400}},
	},
}

// names are the organisations, in the order of the programmes.
var names = []string{
	"Harbour Motors", "Northgate Autos", "Silverline Cars", "Westfield Garage", "Redwood Vehicles", "Kingsway Auto",
	"Summit Dealers", "Lakeside Motors", "Bridgeport Cars", "Oakmont Autohaus", "Pioneer Wheels", "Crescent Drive",
	"Polar Connect", "Fjordline", "Signal Nord", "Tundra Mobile", "Aurora Shops", "Glacier Voice", "Boreal Partners",
	"Compass Retail", "Hexagon Networks",
	"Blue Harbor Life", "Shoreline Mutual", "Granite Health", "Meridian Care", "Copperfield Benefits", "Union Wellness",
	"Laurier Assurance", "Ridgeway Trust",
	"Marktplatz Nord", "Kaufhaus Lindner", "Bergmann Moden", "Stadtladen", "Rheinblick Handel", "Hansekontor", "Alpenmarkt",
	"Spark Utilities", "Brightgrid", "Hearth & Home", "Solstice Power",
}

// categories are what members redeem for.
var categories = []string{"gift card", "gift card", "gift card", "merchandise", "merchandise", "travel", "charity"}
