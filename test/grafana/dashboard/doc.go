// Package dashboard is the part of Grafana that runs in a browser: it reads dashboards and alert rules from their files, finds
// the values of variables, replaces them in queries and links, repeats panels and works out ranges of time, and asks for each
// panel's frames. What it does not know it refuses, so that nothing of a dashboard is left out in silence. It must not know the
// warehouse: what answers it is an Asker.
package dashboard
