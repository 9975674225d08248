package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/offer"
)

const versionsAll = "all"

// span is the part of the bucket that is listed: the keys that sort after one, up to those of a date.
type span struct {
	after string // empty for the beginning
	until string // as pattern.At gives it; empty for the end
}

// spanOf covers every object that may overlap the range.
func (s *Source) spanOf(within extract.Range) (part span) {
	if s.rules.Whole() {
		return span{}
	}
	if !within.From.IsZero() {
		if text, ok := s.rules.At(within.From); ok {
			part.after = before(text)
		}
	}
	if !within.To.IsZero() {
		part.until, _ = s.rules.At(within.To.Add(-1))
	}
	return part
}

// before is a text that sorts before the key and whatever begins with it, and where it can closely so.
func before(key string) string {
	last, size := utf8.DecodeLastRuneInString(key)
	key = key[:len(key)-size]
	if last >= '0' && last <= '9' {
		key += string(last-1) + "~" // a slash, which names have in this place, is the one before 0
	}
	return key
}

// choose lists a part of the bucket and gives its units in their order, and those that are held back for now.
func (s *Source) choose(ctx context.Context, part span) (units, withheld []extract.Unit, err error) {
	choice := s.rules.Begin(s.options.Now())
	var found bool
	if s.spec.Versions == versionsAll {
		found, err = s.listVersions(ctx, part, choice)
	} else {
		found, err = s.listLatest(ctx, part, choice)
	}
	if err != nil {
		return nil, nil, err
	}
	if root := s.rules.Root(); !found && root != "" {
		if found, err = s.any(ctx, root); err == nil && !found {
			err = errNoPrefix{bucket: s.spec.Bucket, prefix: root}
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if units, withheld, err = choice.Units(ctx, listing{s, part}); err != nil {
		return nil, nil, err
	}
	extract.Arrange(units)
	return units, withheld, nil
}

func (s *Source) listLatest(ctx context.Context, part span, choice *offer.Choice) (found bool, err error) {
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{
		Bucket:              aws.String(s.spec.Bucket),
		Prefix:              aws.String(s.rules.Literal()),
		StartAfter:          given(part.after),
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, err
		}
		for i := range page.Contents {
			object := &page.Contents[i]
			found = true
			key := aws.ToString(object.Key)
			if part.until != "" && s.rules.After(key, part.until) {
				return found, nil
			}
			if strings.HasSuffix(key, "/") {
				continue
			}
			choice.Add(unitOf(key, object.ETag, object.LastModified, object.Size))
		}
	}
	return found, nil
}

func unitOf(key string, etag *string, modified *time.Time, size *int64) extract.Unit {
	return extract.Unit{
		Name:      key,
		Version:   strings.Trim(aws.ToString(etag), `"`),
		Delivered: aws.ToTime(modified),
		Size:      aws.ToInt64(size),
	}
}

// listVersions adds every version of an object, the oldest first. Those of an object that was deleted stay away.
func (s *Source) listVersions(ctx context.Context, part span, choice *offer.Choice) (found bool, err error) {
	pages := s3.NewListObjectVersionsPaginator(s.client, &s3.ListObjectVersionsInput{
		Bucket:              aws.String(s.spec.Bucket),
		Prefix:              aws.String(s.rules.Literal()),
		KeyMarker:           given(part.after),
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
	})
	var newest []extract.Unit // of one key, as the server gives them: the newest first
	deleted := map[string]bool{}
	flush := func() {
		for i := len(newest) - 1; i >= 0 && !deleted[newest[i].Name]; i-- {
			if i+1 < len(newest) && newest[i].Delivered.Before(newest[i+1].Delivered) {
				newest[i].Delivered = newest[i+1].Delivered // a server's clock was set back; the order is what counts
			}
			choice.Add(newest[i])
		}
		newest = newest[:0]
	}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, err
		}
		for i := range page.DeleteMarkers {
			found = true
			if marker := &page.DeleteMarkers[i]; aws.ToBool(marker.IsLatest) {
				deleted[aws.ToString(marker.Key)] = true
			}
		}
		for i := range page.Versions {
			version := &page.Versions[i]
			found = true
			key := aws.ToString(version.Key)
			if part.until != "" && s.rules.After(key, part.until) {
				flush()
				return found, nil
			}
			if strings.HasSuffix(key, "/") {
				continue
			}
			if len(newest) > 0 && newest[0].Name != key {
				flush()
			}
			unit := unitOf(key, version.ETag, version.LastModified, version.Size)
			unit.Ref = aws.ToString(version.VersionId)
			newest = append(newest, unit)
		}
	}
	flush()
	return found, nil
}

// any tells whether the bucket has a key that begins so, be it the latest version or not.
func (s *Source) any(ctx context.Context, prefix string) (bool, error) {
	page, err := s.first(ctx, prefix)
	return len(page) > 0, err
}

func (s *Source) first(ctx context.Context, prefix string) ([]types.Object, error) {
	page, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket:              aws.String(s.spec.Bucket),
		Prefix:              aws.String(prefix),
		MaxKeys:             aws.Int32(1),
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
	})
	if err != nil {
		return nil, err
	}
	return page.Contents, nil
}

// listing answers the questions of a choice about the part that was listed.
type listing struct {
	*Source
	part span
}

var _ offer.Place = listing{}

// Has implements offer.Place. What was listed and not added is not there: no need to ask.
func (l listing) Has(ctx context.Context, name string) (bool, error) {
	if l.rules.Marks(name) && l.covers(name) {
		return false, nil
	}
	// The first key that begins so is the name itself, if it exists.
	page, err := l.first(ctx, name)
	return err == nil && len(page) > 0 && aws.ToString(page[0].Key) == name, err
}

func (l listing) covers(name string) bool {
	return strings.HasPrefix(name, l.rules.Literal()) && name > l.part.after && l.part.until == ""
}

// Read implements offer.Place.
func (l listing) Read(ctx context.Context, file extract.Unit, most int64) (text []byte, err error) {
	if file.Size > most {
		return nil, fmt.Errorf("it has %d bytes, more than %d", file.Size, most)
	}
	o := newObject(ctx, l.Source, file)
	stop := context.AfterFunc(ctx, o.cancel)
	defer stop()
	defer func() { err = errors.Join(err, o.Close()) }()
	return io.ReadAll(o)
}

// Resolve implements offer.Place.
func (l listing) Resolve(address string) (string, error) {
	rest, ok := strings.CutPrefix(address, "s3://")
	if !ok {
		return "", errors.New("an address that is not s3://bucket/key")
	}
	bucket, key, _ := strings.Cut(rest, "/")
	if bucket != l.spec.Bucket {
		return "", fmt.Errorf("an address in the bucket %s, not %s", bucket, l.spec.Bucket)
	}
	if key == "" {
		return "", errors.New("an address without a key")
	}
	return key, nil
}

// Same implements offer.Place.
func (l listing) Same(file extract.Unit, etag string) bool {
	return strings.EqualFold(file.Version, etag)
}
