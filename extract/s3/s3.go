// Package s3 reads units from a bucket of S3, or of a server that speaks its protocol: every object that a pattern
// matches is one.
//
// It must not know what is inside the objects; extract/format decodes them.
package s3

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/wire"
)

// defaultRegion serves where neither the spec nor the environment has one; servers other than AWS take any.
const defaultRegion = "us-east-1"

// Source is a bucket, or a folder of one.
type Source struct {
	name    string
	spec    extract.S3Spec
	prefix  string // empty, or with a slash at its end
	format  extract.FormatSpec
	client  *s3.Client
	http    *awshttp.BuildableClient
	options extract.Options
}

var _ extract.Source = (*Source)(nil)

// Open gives the source of a valid spec. It does not connect.
func Open(ctx context.Context, name string, spec extract.S3Spec, f extract.FormatSpec, options extract.Options) (*Source, error) {
	if spec.Glob == "" {
		spec.Glob = "**"
	}
	s := &Source{name: name, spec: spec, format: f, options: options}
	if prefix := strings.Trim(spec.Prefix, "/"); prefix != "" {
		s.prefix = prefix + "/"
	}
	s.http = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { wire.Bound(t, options.Idle) })
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(s.http),
		config.WithLogger(logging.Nop{}),
		config.WithRetryer(s.retryer),
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
	}
	if spec.Region != "" {
		load = append(load, config.WithRegion(spec.Region))
	}
	if spec.AccessKeyID != "" {
		load = append(load, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(spec.AccessKeyID, spec.SecretAccessKey, "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, s.fail("open", "", err)
	}
	s.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = spec.PathStyle
		o.HTTPClient = wire.Guard{Next: cfg.HTTPClient, Idle: options.Idle}
		if o.Region == "" {
			o.Region = defaultRegion
		}
		if spec.Endpoint != "" {
			o.BaseEndpoint = aws.String(spec.Endpoint)
		}
	})
	return s, nil
}

func (s *Source) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = s.options.Attempts
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return s.options.Backoff(attempt), nil
		})
	})
}

// Units implements extract.Source.
func (s *Source) Units(ctx context.Context, within extract.Range) ([]extract.Unit, error) {
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
		Bucket: aws.String(s.spec.Bucket),
		Prefix: aws.String(s.prefix),
	})
	var units []extract.Unit
	found := false
	newest := s.options.Now().Add(-s.spec.MinAge)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.fail("list", "", err)
		}
		for _, object := range page.Contents {
			found = true
			key := aws.ToString(object.Key)
			modified := aws.ToTime(object.LastModified)
			if strings.HasSuffix(key, "/") || s.spec.MinAge > 0 && modified.After(newest) ||
				!doublestar.MatchUnvalidated(s.spec.Glob, strings.TrimPrefix(key, s.prefix)) {
				continue
			}
			units = append(units, extract.Unit{
				Name:      key,
				Version:   strings.Trim(aws.ToString(object.ETag), `"`),
				Delivered: modified,
				Size:      aws.ToInt64(object.Size),
			})
		}
	}
	if !found && s.prefix != "" {
		return nil, s.fail("list", "", errNoPrefix{bucket: s.spec.Bucket, prefix: s.prefix})
	}
	extract.Arrange(units)
	return extract.Within(units, within), nil
}

// Open implements extract.Source. The object is asked for with the first read.
func (s *Source) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	if ctx.Err() != nil {
		return nil, s.fail("open", unit.Name, context.Cause(ctx))
	}
	f, err := format.For(s.format, strings.TrimPrefix(unit.Name, s.prefix))
	if err != nil {
		return nil, s.fail("open", unit.Name, err)
	}
	if unit.Version == "" || unit.Size < 0 {
		return nil, s.fail("open", unit.Name, errors.New("the unit has no version or size: it was not listed"))
	}
	return format.NewReader(s.name, unit, f, newObject(ctx, s, unit)), nil
}

// Close implements extract.Source.
func (s *Source) Close() error {
	s.http.GetTransport().CloseIdleConnections()
	return nil
}
