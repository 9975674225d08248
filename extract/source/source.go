// Package source opens the source that a spec declares.
//
// It must not know how a place is read: it only chooses the package that does.
package source

import (
	"context"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/file"
	"github.com/partnerplus/warehouse/extract/httpapi"
	"github.com/partnerplus/warehouse/extract/postgres"
	"github.com/partnerplus/warehouse/extract/s3"
)

// Open gives the source of that name. It makes no request: whether the place can be reached, Check tells.
func Open(ctx context.Context, name string, spec extract.Spec, options ...extract.Option) (extract.Source, error) {
	if err := spec.Validate(); err != nil {
		return nil, &extract.Error{Source: name, Op: "open", Err: err}
	}
	o := extract.NewOptions(options...)
	switch {
	case spec.File != nil:
		return file.Open(name, *spec.File, spec.Format, options...)
	case spec.S3 != nil:
		return s3.Open(ctx, name, *spec.S3, spec.Format, o)
	case spec.Postgres != nil:
		return postgres.Open(name, *spec.Postgres, o)
	}
	return httpapi.Open(name, *spec.HTTP, spec.Format, o)
}

// Check connects to the place and lists it, or, where units are known without asking, begins to read the last one.
func Check(ctx context.Context, s extract.Source) (err error) {
	if c, ok := s.(interface{ Check(context.Context) error }); ok {
		return c.Check(ctx)
	}
	_, err = s.Units(ctx, extract.Range{})
	return err
}
