package load

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// streamsAtOnce is how many INSERTs fill one stage: the server sorts what each of them brings on one processor, and does
// little else.
const streamsAtOnce = 2

// blockRows is how many rows an INSERT sorts and writes at once. Of smaller blocks more have to be merged, larger ones cost
// more to sort.
const blockRows = 256 << 10

// streams are INSERTs into one table, that take batches as each has time for one. A second one is opened once the first is
// behind.
type streams struct {
	ctx     context.Context //nolint:containedctx // that of the INSERTs, which outlive the call that opens them
	conn    driver.Conn
	insert  string
	batches chan arrow.Record
	open    []*stream
	failed  chan struct{} // closed when a stream has ended early
	fail    sync.Once
}

// stream is one INSERT.
type stream struct {
	pipe *io.PipeWriter
	done chan struct{} // closed once it has ended
	err  error         // of writing, or else of the INSERT
}

func newStreams(ctx context.Context, w *Warehouse, insert string) *streams {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"min_insert_block_size_rows": blockRows}))
	return &streams{ctx: ctx, conn: w.conn, insert: insert, batches: make(chan arrow.Record), failed: make(chan struct{})}
}

// send hands a batch to the stream that has time for it first. It releases it, whatever becomes of it.
func (s *streams) send(batch arrow.Record) error {
	select {
	case <-s.failed:
		batch.Release()
		return s.close()
	default:
	}
	if len(s.open) < streamsAtOnce {
		select {
		case s.batches <- batch:
			return nil
		default:
			s.begin(batch.Schema())
		}
	}
	select {
	case s.batches <- batch:
		return nil
	case <-s.failed:
		batch.Release()
		return s.close()
	}
}

// begin opens a stream.
func (s *streams) begin(schema *arrow.Schema) {
	reader, pipe := io.Pipe()
	next := &stream{pipe: pipe, done: make(chan struct{})}
	s.open = append(s.open, next)
	ended := make(chan error, 1)
	go func() {
		err := s.conn.InsertFormat(s.ctx, "ArrowStream", s.insert, reader)
		_ = reader.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // the writer must not wait for a reader that is gone
		ended <- err
	}()
	go func() {
		defer close(next.done)
		err := next.write(schema, s.batches)
		_ = pipe.CloseWithError(err) // nil ends the rows
		// The server's reason for ending the stream comes before the broken pipe that follows from it.
		if next.err = <-ended; next.err == nil {
			next.err = err
		}
		if next.err != nil {
			s.fail.Do(func() { close(s.failed) })
		}
	}()
}

// write writes batches until there are no more.
func (n *stream) write(schema *arrow.Schema, batches <-chan arrow.Record) error {
	writer := ipc.NewWriter(n.pipe, ipc.WithSchema(schema))
	for batch := range batches {
		err := writer.Write(batch)
		batch.Release()
		if err != nil {
			return err
		}
	}
	return writer.Close()
}

// close ends the streams, and waits until the server has all rows, or says why not.
func (s *streams) close() error {
	if s.batches != nil {
		close(s.batches)
		s.batches = nil
	}
	var errs []error
	for _, open := range s.open {
		<-open.done
		errs = append(errs, open.err)
	}
	return errors.Join(errs...)
}

// abandon ends the streams so that the server keeps nothing that it has not written yet.
func (s *streams) abandon(why error) {
	for _, open := range s.open {
		_ = open.pipe.CloseWithError(why)
	}
	_ = s.close()
}
