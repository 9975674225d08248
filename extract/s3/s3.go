// Package s3 reads units from a bucket of S3, or of a server that speaks its protocol: every object that a pattern
// matches is one.
//
// It must not know what is inside the objects; extract/format decodes them.
package s3

import (
	"context"
	"errors"
	"fmt"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/offer"
)

// Source is a bucket, or a folder of one.
type Source struct {
	name    string
	spec    extract.S3Spec
	rules   *offer.Rules
	format  extract.FormatSpec
	client  *s3.Client
	http    *awshttp.BuildableClient
	options extract.Options
}

var _ extract.Incremental = (*Source)(nil)

// Open gives the source of a valid spec. It does not connect.
func Open(ctx context.Context, name string, spec extract.S3Spec, f extract.FormatSpec, options extract.Options) (*Source, error) {
	s := &Source{name: name, spec: spec, format: f, options: options}
	var err error
	if s.rules, err = offer.Compile(spec.ChoiceSpec, spec.Folder(), spec.Glob); err != nil {
		return nil, s.fail("open", "", err)
	}
	if err := s.connect(ctx); err != nil {
		return nil, s.fail("open", "", err)
	}
	return s, nil
}

// Units implements extract.Source. Where the objects sort by date, it asks for those of the range only.
func (s *Source) Units(ctx context.Context, within extract.Range) ([]extract.Unit, error) {
	units, _, err := s.choose(ctx, s.spanOf(within))
	if err != nil {
		return nil, s.fail("list", "", err)
	}
	return extract.Within(units, within), nil
}

// Open implements extract.Source. The object is asked for with the first read.
func (s *Source) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	if ctx.Err() != nil {
		return nil, s.fail("open", unit.Name, context.Cause(ctx))
	}
	f, err := format.For(s.format, unit.Name)
	if err != nil {
		return nil, s.fail("open", unit.Name, err)
	}
	if unit.Version == "" || unit.Size < 0 {
		return nil, s.fail("open", unit.Name, errors.New("the server lists it without an ETag or a size: nothing would tell that it changed"))
	}
	if s.spec.Versions == versionsAll && unit.Ref == "" {
		return nil, s.fail("open", unit.Name, fmt.Errorf("the unit has no version id, which s3.versions: %s needs", versionsAll))
	}
	return format.NewReader(s.name, unit, f, newObject(ctx, s, unit)), nil
}

// Close implements extract.Source.
func (s *Source) Close() error {
	s.http.GetTransport().CloseIdleConnections()
	return nil
}
