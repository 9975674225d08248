package config

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Retention says how long is kept what no figure needs. Facts, figures, closed months and the ledger of units are never
// dropped. 0s keeps for ever.
type Retention struct {
	// RawRows is how long the raw rows of rejects are kept, since the load or replay that rejected them last: they are
	// personal data. The rejects stay, with their reasons, but cannot be replayed any more. 90d by default.
	RawRows time.Duration `yaml:"raw_rows,omitempty"`
	// Runs is how long runs are kept, what each read of each source, and what became of each due time of a job; 400d by
	// default.
	Runs time.Duration `yaml:"runs,omitempty"`
	// Checks is how long results of checks are kept; the newest of each check stays. 400d by default.
	Checks time.Duration `yaml:"checks,omitempty"`
}

const day = 24 * time.Hour

// SetDefaults sets what the file may leave out.
func (r *Retention) SetDefaults() { r.RawRows, r.Runs, r.Checks = 90*day, 400*day, 400*day }

func (r Retention) check() error {
	var errs []error
	for _, life := range []struct {
		key string
		of  time.Duration
	}{{"raw_rows", r.RawRows}, {"runs", r.Runs}, {"checks", r.Checks}} {
		if life.of < 0 || life.of > 0 && life.of < day {
			errs = append(errs, fmt.Errorf("%s: %s is less than a day; give a day or more, such as 90d, or 0s to keep for ever", life.key, life.of))
		}
	}
	return errors.Join(errs...)
}

// Backup says where partnerplus backup keeps backups: by default in the folder backups beside the embedded engine's data, which
// may be a link or a mount, or in the folder that a ClickHouse server's config allows.
type Backup struct {
	// URL is a bucket of S3 and a folder in it, such as https://s3.eu-central-1.amazonaws.com/bucket/backups. The ClickHouse
	// server writes there itself; the embedded engine cannot.
	URL string `yaml:"url,omitempty" secret:"address"`
	// AccessKeyID is the name of the key; without it, the server uses credentials of its own.
	AccessKeyID string `yaml:"access_key_id,omitempty"`
	// SecretAccessKey is the key's secret, best given as ${ENV}.
	SecretAccessKey string `yaml:"secret_access_key,omitempty" secret:"true"`
	// Disk is a disk of the ClickHouse server that its config allows backups on.
	Disk string `yaml:"disk,omitempty"`
}

func (b Backup) check() error {
	switch {
	case b.URL != "" && b.Disk != "":
		return errors.New("url and disk: give one of them")
	case (b.AccessKeyID == "") != (b.SecretAccessKey == ""):
		return errors.New("access_key_id and secret_access_key: give both, or none where the server has credentials of its own")
	case b.AccessKeyID != "" && b.URL == "":
		return errors.New("access_key_id: it is for a url")
	case b.URL == "":
		return nil
	}
	u, err := url.Parse(b.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return errors.New("url: not an address such as https://s3.eu-central-1.amazonaws.com/bucket/backups, without credentials and parameters")
	}
	return nil
}
