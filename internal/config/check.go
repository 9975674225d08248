package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
	"github.com/partnerplus/warehouse/transform"
)

var (
	namePattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	clusterPattern  = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

// check adds everything that is wrong with the config's values to doc.
func (c *Config) check(doc *strictyaml.Document) {
	doc.Add("warehouse", c.Warehouse.check())
	doc.Add("reporting", c.Reporting.check())
	c.Notifications.check(doc)
	doc.Add("serve", c.Serve.check())
	doc.Add("telemetry", c.Telemetry.check())
	doc.Add("retention", c.Retention.check())
	doc.Add("backup", c.Backup.check())
	doc.Add("access", c.Access.check())

	if c.Reports == "" {
		doc.Addf("reports", "empty; name a folder, or leave the key out")
	}
	tables := map[string]transform.Lookup{}
	for _, l := range c.Lookups {
		field := "lookups." + l.Name
		doc.Add(field, checkName(l.Name))
		doc.Add(field, l.Spec.Validate())
		doc.Add(field, missing("key", l.Key, "the raw column with the values to replace"))
		doc.Add(field, missing("value", l.Value, "the raw column with what replaces them"))
		tables[l.Name] = transform.Lookup{}
	}
	for _, s := range c.Sources {
		field := "sources." + s.Name
		doc.Add(field, checkName(s.Name))
		doc.Add(field, s.Spec.Validate())
		doc.Add(field, s.Rejects.check())
		doc.Add(field, s.checkLoading())
		if s.Deadline < 0 {
			doc.Addf(field+".deadline", "%s is negative; leave it out where there is no limit", s.Deadline)
		}
		if s.FreshWithin < 0 {
			doc.Addf(field+".fresh_within", "%s is negative; leave it out where there is no limit", s.FreshWithin)
		}
		if s.MonthEnd.After < 0 {
			doc.Addf(field+".month_end.after", "%s is negative; leave it out where nothing comes late", s.MonthEnd.After)
		}
		if len(s.Mappings) == 0 {
			doc.Addf(field+".mappings", "missing; say what the rows become with at least one mapping")
		}
		for i, m := range s.Mappings {
			_, err := transform.Compile(m, tables, transform.WithColumns(s.Columns()))
			doc.Add(fmt.Sprintf("%s.mappings[%d]", field, i), err)
		}
	}
}

func checkName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return fmt.Errorf("the name %q must consist of small letters, digits, - and _, and not begin with - or _", name)
}

func missing(field, value, what string) error {
	if value != "" {
		return nil
	}
	return fmt.Errorf("%s: missing; name %s", field, what)
}

// check does not repeat the DSN, which may hold a password.
func (w Warehouse) check() error {
	var err error
	if w.DSN != "" {
		err = checkServer("dsn", w.DSN)
	}
	if w.Cluster != nil {
		err = errors.Join(err, w.Cluster.check())
	}
	if w.Patience < 0 {
		err = errors.Join(err, fmt.Errorf("patience: %s is negative; 0s waits for nothing", w.Patience))
	}
	if w.Path == "" {
		err = errors.Join(err, errors.New("path: empty; name a folder, or leave the key out"))
	}
	return err
}

func checkServer(field, dsn string) error {
	u, err := url.Parse(dsn)
	switch {
	case err != nil || u.Host == "" || u.Scheme == "":
		return fmt.Errorf("%s: not an address such as https://user:password@host:8443/", field)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%s: the scheme %q is not http or https; give the server's HTTP port, such as http://%s:8123/", field, u.Scheme, u.Hostname())
	}
	return nil
}

func (c Cluster) check() error {
	var errs []error
	switch {
	case c.Name == "":
		errs = append(errs, errors.New("cluster.name: missing; name a cluster of the server's remote_servers"))
	case !clusterPattern.MatchString(c.Name):
		errs = append(errs, fmt.Errorf("cluster.name: %q must consist of letters, digits, _, . and -", c.Name))
	}
	switch {
	case c.Replicated && len(c.Hosts) > 0:
		errs = append(errs, errors.New("cluster.hosts: the servers of a replicated cluster pass the schema on to each other; leave hosts out, or set replicated: false"))
	case !c.Replicated && len(c.Hosts) == 0:
		errs = append(errs, errors.New("cluster.hosts: missing; name the cluster's other servers, or leave replicated: false out"))
	}
	for i, host := range c.Hosts {
		errs = append(errs, checkServer(fmt.Sprintf("cluster.hosts[%d]", i), host))
	}
	return errors.Join(errs...)
}

func (r Reporting) check() error {
	var err error
	switch {
	case r.Currency == "":
		err = errors.New("currency: missing; give the code of the currency to report in, such as USD")
	case !currencyPattern.MatchString(r.Currency):
		err = fmt.Errorf("currency: %q is not a code of three capital letters such as USD", r.Currency)
	}
	if _, e := time.LoadLocation(r.Timezone); e != nil || r.Timezone == "" || strings.EqualFold(r.Timezone, "local") {
		err = errors.Join(err, fmt.Errorf("timezone: %q is not an IANA zone such as UTC or Europe/Berlin", r.Timezone))
	}
	return err
}

func (r Rejects) check() error {
	if r.MaxShare >= 0 && r.MaxShare <= 1 { // false for NaN too
		return nil
	}
	return fmt.Errorf("rejects.max_share: %g is not between 0 and 1", r.MaxShare)
}
