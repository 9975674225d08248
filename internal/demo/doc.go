// Package demo invents a company and writes its sources: five reward programmes, their members and 25
// months of what these did, in the shapes, time zones and qualities that real sources come in.
//
// Generate writes a folder from a seed: the same seed gives the same bytes and the same modification
// times, whatever the day. Serve answers for the part that comes from an HTTP API. It must not know
// how the sources are read, mapped or loaded: it imports nothing of extract, transform or load, and
// meets them only in the config that it writes (demo.yaml).
//
// # What is in the folder
//
//	partnerplus.yaml                          the config; needs DEMO_API_URL and DEMO_API_TOKEN
//	sources/awards/acme/2024-09.csv.gz        dollars, UTC
//	sources/awards/borealis/2024-09.ndjson.gz cents, nested, Unix milliseconds; plain .ndjson from 2026
//	sources/awards/cobalt/2024-09.parquet     Canadian dollars, New York time without an offset
//	sources/ledger/delta/2024-09.csv          points worth 5 cents, Berlin time; awards and redemptions
//	sources/awards/ember/2025-11.csv          dollars, times with offsets; no version of its own
//	sources/portal/ember/2025-11.ndjson       page views
//	sources/register, sources/members         programmes, organisations and members
//	sources/fx/rates.csv                      the worth of CAD and EUR in USD, each Monday
//	api/redemptions.ndjson                    what the API serves: redemptions of all but delta
//	api/sessions.ndjson                       and portal sessions of all but ember
//
// A monthly file holds what was exported in that month: its own events, some of the month before once
// more, and corrections of older ones. The last, 2026-10-corrections, holds corrections only.
//
// # How to recompute the totals
//
// Leave out the rows that cannot be read (no id, no such date, amount or kind). Of each id's rows the
// highest version is in force (Updated, updated_ms, revision, Revision; for ember the last file, and
// the last row in it); drop it if it is deleted. The month is that of the event's time in UTC. Awards
// less reversals, and redemptions less refunds, are then Company.Totals, to the cent. In dollars, an
// amount in CAD counts at the latest rate at or before its day, rounded half up to 4 places.
package demo
