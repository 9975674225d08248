// Package grafana runs every panel, variable, annotation and alert rule of deploy/grafana through Grafana's query path, as the
// user that Grafana logs in as, on a warehouse that the pipeline filled, and compares what comes back with kpi.*. There is no Grafana in
// it: source has its backend, by Grafana's own libraries, and dashboard what a browser does. It is a module of its own, so that
// nobody else downloads what it depends on.
//
// picture draws dashboards from their frames, for the README: make dashboard-images.
package grafana
