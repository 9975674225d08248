// Package picture draws a dashboard as a page of HTML from the frames that its panels got: laid out by gridPos, with the units,
// decimals, thresholds, mappings and colours of the dashboard's own JSON. It is no Grafana: what a panel shows is the same, how it
// looks is similar. It knows the types of panels that the README's pictures have, and refuses others.
package picture
