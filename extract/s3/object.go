package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/wire"
)

// progressBytes is how far a read must get for its earlier failures to be forgotten.
const progressBytes = 1 << 20

// object is one version of an object: every request names its ETag, so that no read mixes two.
type object struct {
	source *Source
	unit   extract.Unit
	ctx    context.Context //nolint:containedctx // the object's own lifetime, which Close ends
	cancel context.CancelFunc
	count  wire.Counter
	stream io.Reader // of Read
}

var _ format.Bytes = (*object)(nil)

func newObject(ctx context.Context, source *Source, unit extract.Unit) *object {
	o := &object{source: source, unit: unit}
	o.ctx, o.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return o
}

// Read reads on from the start, as one request or in parts.
func (o *object) Read(p []byte) (int, error) {
	switch {
	case o.stream != nil:
	case o.source.spec.Parallel > 1 && o.unit.Size > partBytes:
		o.stream = &ahead{object: o}
	default:
		o.stream = &download{object: o, end: o.unit.Size}
	}
	return o.stream.Read(p)
}

// ReadAt asks for the range that p holds.
func (o *object) ReadAt(p []byte, offset int64) (int, error) {
	end := min(offset+int64(len(p)), o.unit.Size)
	d := &download{object: o, offset: offset, end: end}
	n, err := io.ReadFull(d, p[:max(0, end-offset)])
	d.close()
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

func (o *object) Size() int64      { return o.unit.Size }
func (o *object) BytesRead() int64 { return o.count.Count() }

// Verify has nothing to do: a request for another ETag fails.
func (o *object) Verify() error { return nil }

// Close implements io.Closer; it ends every request.
func (o *object) Close() error {
	o.cancel()
	return nil
}

var errBroken = errors.New("the connection broke")

// download reads one range, and takes it up again where it broke.
type download struct {
	object   *object
	offset   int64
	end      int64
	body     io.ReadCloser
	asked    bool // for anything yet
	failures int
	progress int64 // bytes since the last failure
	err      error
}

func (d *download) Read(p []byte) (int, error) {
	for {
		if d.err != nil {
			return 0, d.err
		}
		if d.offset >= d.end && d.asked { // an empty object is asked for, too: it may have changed
			d.close()
			return 0, io.EOF
		}
		n, err := d.read(p)
		if n > 0 {
			return n, nil
		}
		if err != nil {
			d.err = d.afterFailure(err)
		}
	}
}

func (d *download) read(p []byte) (int, error) {
	if d.body == nil {
		if err := d.request(); err != nil {
			return 0, err
		}
		if d.offset >= d.end {
			return 0, nil
		}
	}
	n, err := d.body.Read(p[:min(int64(len(p)), d.end-d.offset)])
	d.object.count.Add(n)
	d.offset += int64(n)
	if d.progress += int64(n); d.progress >= progressBytes {
		d.failures = 0
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errBroken // the end is known, and not here
	}
	return n, err
}

func (d *download) request() error {
	o := d.object
	d.asked = true
	in := o.source.decrypted(&s3.GetObjectInput{
		Bucket:              aws.String(o.source.spec.Bucket),
		Key:                 aws.String(o.unit.Name),
		IfMatch:             aws.String(`"` + o.unit.Version + `"`),
		RequestPayer:        o.source.payer(),
		ExpectedBucketOwner: o.source.owner(),
	})
	if o.source.spec.Versions == versionsAll {
		in.VersionId = given(o.unit.Ref)
	}
	if d.offset > 0 || d.end < o.unit.Size {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", d.offset, d.end-1))
	}
	out, err := o.source.client.GetObject(o.ctx, in)
	if err != nil {
		return permanent{changed(err)} // the SDK has retried what may pass
	}
	if err := d.check(out); err != nil {
		return permanent{errors.Join(err, out.Body.Close())}
	}
	d.body = out.Body
	return nil
}

// check looks whether the answer is what was asked for: some servers know neither If-Match nor ranges.
func (d *download) check(out *s3.GetObjectOutput) error {
	unit := d.object.unit
	if etag := strings.Trim(aws.ToString(out.ETag), `"`); etag != "" && etag != unit.Version {
		return extract.ErrChanged
	}
	want := d.end - d.offset
	if got := aws.ToInt64(out.ContentLength); out.ContentLength != nil && got != want {
		return fmt.Errorf("the server sends %d bytes where %d were asked for", got, want)
	}
	if begins := fmt.Sprintf("bytes %d-", d.offset); d.offset > 0 && !strings.HasPrefix(aws.ToString(out.ContentRange), begins) {
		return fmt.Errorf("the server sends %q where byte %d and more were asked for", aws.ToString(out.ContentRange), d.offset)
	}
	return nil
}

// permanent marks an error that another attempt would not mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// afterFailure makes ready for another attempt, or says why there is none.
func (d *download) afterFailure(err error) error {
	d.close()
	o := d.object
	if o.ctx.Err() != nil {
		return context.Cause(o.ctx)
	}
	var final permanent
	if errors.As(err, &final) {
		return described(o.source, final.error)
	}
	d.failures++
	d.progress = 0
	if d.failures >= o.source.options.Attempts {
		return fmt.Errorf("the download broke %d times, last at byte %d of %d: %w", d.failures, d.offset, o.unit.Size, err)
	}
	return o.source.options.Pause(o.ctx, o.source.options.Backoff(d.failures))
}

// described keeps the hint of an S3 error for the reader that wraps it.
func described(s *Source, err error) error {
	if hint := s.hint(err); hint != "" {
		return fmt.Errorf("%w (%s)", plain(err), hint)
	}
	return plain(err)
}

func (d *download) close() {
	if d.body != nil {
		_ = d.body.Close() // it is read to its end, or broken
		d.body = nil
	}
}
