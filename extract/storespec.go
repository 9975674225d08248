package extract

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract/pattern"
)

// FileSpec is a local folder; every file that the pattern matches is a unit.
type FileSpec struct {
	// Path is the root folder, relative to the config file.
	Path string `yaml:"path"`
	// Glob chooses files below the root, such as "awards/**/*.csv.gz" or "dt={date}/*.csv" (placeholders as in S3);
	// "**", everything, by default. Files and folders whose name starts with a dot are never read: they are uploads
	// under way.
	Glob string `yaml:"glob,omitempty"`

	ChoiceSpec `yaml:",inline"`
}

// S3Spec is a bucket; every object that the pattern matches is a unit.
type S3Spec struct {
	// Bucket is the bucket's name.
	Bucket string `yaml:"bucket"`
	// Prefix is the folder within the bucket, such as partners/acme or awards/dt={date}; the whole bucket by default.
	Prefix string `yaml:"prefix,omitempty"`
	// Glob chooses objects below the prefix, such as "awards/**/*.csv.gz"; "**", everything, by default. Here and in the
	// prefix {date} matches 2024-03-01, {date:20060102} the same in a Go layout, {year}, {month}, {day} and {hour} their
	// digits: then a unit is of that time, and a name without a real date is an error.
	Glob string `yaml:"glob,omitempty"`

	ChoiceSpec `yaml:",inline"`

	// Versions is latest (the default), or all: every version of an object in a versioned bucket is a delivery of its
	// unit, so that one that was overwritten before a run saw it is not lost. An object that was deleted has none.
	Versions string `yaml:"versions,omitempty"`
	// Resume lets a listing go on from where an earlier one ended. By default every listing is a whole one.
	Resume *ResumeSpec `yaml:"resume,omitempty"`
	// Parallel is how many parts of 8 MiB of a large object are fetched at once, from 1, the default, to 32. It takes
	// that much memory for each unit that is read.
	Parallel int `yaml:"parallel,omitempty"`

	// Endpoint is the server's address, such as https://minio.example.com:9000; AWS itself by default.
	Endpoint string `yaml:"endpoint,omitempty" secret:"address"`
	// Region is the bucket's region; that of the environment, else us-east-1, by default.
	Region string `yaml:"region,omitempty"`
	// PathStyle puts the bucket into the path instead of the host name, as most servers other than AWS need.
	PathStyle bool `yaml:"path_style,omitempty"`
	// AccessKeyID is the name of the key. Without it, AWS's own chain of credentials applies: environment, profile,
	// the machine's role.
	AccessKeyID string `yaml:"access_key_id,omitempty"`
	// SecretAccessKey is the key's secret, best given as ${ENV}.
	SecretAccessKey string `yaml:"secret_access_key,omitempty" secret:"true"`
	// Profile is the profile of AWS's own files whose credentials and region apply.
	Profile string `yaml:"profile,omitempty"`
	// AssumeRole is a role that is taken on with these credentials, for a bucket of another account.
	AssumeRole *RoleSpec `yaml:"assume_role,omitempty"`
	// RequesterPays says that the requests and the transfer are paid by the key's account, as some buckets demand.
	RequesterPays bool `yaml:"requester_pays,omitempty"`
	// ExpectedOwner is the number of the account that must own the bucket; a bucket of anybody else is refused.
	ExpectedOwner string `yaml:"expected_owner,omitempty"`
	// SSECustomerKey is the key that the objects are encrypted with (SSE-C): 32 bytes in base64, best given as ${ENV}.
	// Objects encrypted with SSE-S3 or SSE-KMS need no setting.
	SSECustomerKey string `yaml:"sse_customer_key,omitempty" secret:"true"`
}

// ResumeSpec lets a listing read only the end of a large bucket. The objects must sort by time: by placeholders that
// come first in the pattern, from the year down, or else by names that ascend, such as a number.
type ResumeSpec struct {
	// Lookback is how late an object may come and still be in the next listing, such as 3d, the default: how far its date
	// lies behind the latest one. One without a date is late by the age of the objects that sort after it.
	Lookback time.Duration `yaml:"lookback,omitempty"`
	// FullEvery is how often a listing is a whole one, which has whatever came later than that; 24h by default.
	FullEvery time.Duration `yaml:"full_every,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (r *ResumeSpec) SetDefaults() { r.Lookback, r.FullEvery = 72*time.Hour, 24*time.Hour }

// RoleSpec is a role of AWS.
type RoleSpec struct {
	// RoleARN is the role's name, such as arn:aws:iam::123456789012:role/reader.
	RoleARN string `yaml:"role_arn"`
	// ExternalID is what the role's owner demands to hear.
	ExternalID string `yaml:"external_id,omitempty"`
	// SessionName is what the owner's logs call the session; partnerplus by default.
	SessionName string `yaml:"session_name,omitempty"`
	// Duration is how long the credentials hold before they are fetched anew, from 15m to 12h; 15m by default.
	Duration time.Duration `yaml:"duration,omitempty"`
	// Endpoint is the address of the security token service; AWS's own by default.
	Endpoint string `yaml:"endpoint,omitempty" secret:"address"`
}

func (f FileSpec) validate() error {
	err := errors.Join(required("file.path", f.Path), f.ChoiceSpec.validate("file", "", f.Glob))
	if p, e := pattern.Compile(f.Path, "", nil); e == nil && p.Dated() {
		err = errors.Join(err, fmt.Errorf("file.path: %q: placeholders belong into file.glob", f.Path))
	}
	return err
}

// Folder is the prefix without slashes around it.
func (s S3Spec) Folder() string { return strings.Trim(s.Prefix, "/") }

func (s S3Spec) validate() error {
	err := errors.Join(
		required("s3.bucket", s.Bucket),
		s.ChoiceSpec.validate("s3", s.Folder(), s.Glob),
		oneOf("s3.versions", s.Versions, "latest", "all"),
		s.validateResume(),
		s.validateAccess(),
	)
	if s.Parallel < 0 || s.Parallel > 32 {
		err = errors.Join(err, fmt.Errorf("s3.parallel: %d is not from 1 to 32", s.Parallel))
	}
	if s.Endpoint != "" {
		err = errors.Join(err, address("s3.endpoint", s.Endpoint))
	}
	return err
}

func (s S3Spec) validateResume() error {
	r := s.Resume
	if r == nil {
		return nil
	}
	var err error
	if r.Lookback < 0 {
		err = errors.Join(err, fmt.Errorf("s3.resume.lookback: %s is negative", r.Lookback))
	}
	if r.FullEvery <= 0 {
		err = errors.Join(err, fmt.Errorf("s3.resume.full_every: %s is not above 0", r.FullEvery))
	}
	if s.Manifest != "" {
		err = errors.Join(err, errors.New("s3.resume: a manifest may name objects from anywhere, so that every listing is a whole one; drop either"))
	}
	if p, e := pattern.Compile(s.Folder(), s.Glob, nil); e == nil && p.Dated() && !p.Sorted() {
		err = errors.Join(err, fmt.Errorf("s3.resume: %q does not sort by date: that needs the placeholders before every wildcard, "+
			"from {year} down", s.Prefix+"/"+s.Glob))
	}
	return err
}

var (
	accountNumber = regexp.MustCompile(`^[0-9]{12}$`)
	sessionName   = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

func (s S3Spec) validateAccess() error {
	var err error
	if (s.AccessKeyID == "") != (s.SecretAccessKey == "") {
		err = errors.Join(err, errors.New("s3.access_key_id and s3.secret_access_key: set both or neither"))
	}
	if s.Profile != "" && s.AccessKeyID != "" {
		err = errors.Join(err, errors.New("s3.profile: s3.access_key_id is set, too; drop either"))
	}
	if s.ExpectedOwner != "" && !accountNumber.MatchString(s.ExpectedOwner) {
		err = errors.Join(err, fmt.Errorf("s3.expected_owner: %q is not the number of an account, of 12 digits", s.ExpectedOwner))
	}
	if r := s.AssumeRole; r != nil {
		err = errors.Join(err, r.validate())
	}
	if s.SSECustomerKey == "" {
		return err
	}
	if key, e := base64.StdEncoding.DecodeString(s.SSECustomerKey); e != nil || len(key) != 32 {
		err = errors.Join(err, errors.New("s3.sse_customer_key: not 32 bytes in base64")) // the value is a secret
	}
	if u, e := url.Parse(s.Endpoint); e == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		err = errors.Join(err, errors.New("s3.sse_customer_key: s3.endpoint must be https, else the key can be read on its way"))
	}
	return err
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

func (r RoleSpec) validate() error {
	err := required("s3.assume_role.role_arn", r.RoleARN)
	if r.SessionName != "" && !sessionName.MatchString(r.SessionName) {
		err = errors.Join(err, fmt.Errorf("s3.assume_role.session_name: %q is not 2 to 64 of letters, digits and +=,.@_-", r.SessionName))
	}
	if d := r.Duration; d != 0 && (d < 15*time.Minute || d > 12*time.Hour) {
		err = errors.Join(err, fmt.Errorf("s3.assume_role.duration: %s is not from 15m to 12h", d))
	}
	if r.Endpoint != "" {
		err = errors.Join(err, address("s3.assume_role.endpoint", r.Endpoint))
	}
	return err
}
