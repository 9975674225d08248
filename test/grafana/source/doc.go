// Package source is the data source of deploy/grafana/provisioning/datasources as Grafana runs it: Grafana's own code for SQL
// data sources (sqlds, its frames, its conversion of long to wide), with what the ClickHouse plugin 4.20 adds to that written
// anew, since the plugin is no library: a connection over HTTP, the settings that go with it, the macros, and which type of a
// field each type of ClickHouse becomes. It must not know dashboards: it answers queries whose variables are replaced.
package source
