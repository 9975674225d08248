package extract

import (
	"errors"
	"fmt"
	"time"
)

// FileSpec is a local folder; every file that the pattern matches is a unit.
type FileSpec struct {
	// Path is the root folder, relative to the config file.
	Path string `yaml:"path"`
	// Glob chooses files below the root, such as "awards/**/*.csv.gz"; "**", everything, by default. Files and
	// folders whose name starts with a dot are never read: they are uploads under way.
	Glob string `yaml:"glob,omitempty"`
}

// S3Spec is a bucket; every object that the pattern matches is a unit.
type S3Spec struct {
	// Bucket is the bucket's name.
	Bucket string `yaml:"bucket"`
	// Prefix is the folder within the bucket, such as partners/acme; the whole bucket by default.
	Prefix string `yaml:"prefix,omitempty"`
	// Glob chooses objects below the prefix, such as "awards/**/*.csv.gz"; "**", everything, by default.
	Glob string `yaml:"glob,omitempty"`
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
	// MinAge leaves out objects younger than this, such as 10m, for deliveries that are written in several goes.
	MinAge time.Duration `yaml:"min_age,omitempty"`
}

func (f FileSpec) validate() error {
	return errors.Join(required("file.path", f.Path), pattern("file.glob", f.Glob))
}

func (s S3Spec) validate() error {
	err := errors.Join(required("s3.bucket", s.Bucket), pattern("s3.glob", s.Glob))
	if s.Endpoint != "" {
		err = errors.Join(err, address("s3.endpoint", s.Endpoint))
	}
	if (s.AccessKeyID == "") != (s.SecretAccessKey == "") {
		err = errors.Join(err, errors.New("s3.access_key_id and s3.secret_access_key: set both or neither"))
	}
	if s.MinAge < 0 {
		err = errors.Join(err, fmt.Errorf("s3.min_age: %s is negative", s.MinAge))
	}
	return err
}
