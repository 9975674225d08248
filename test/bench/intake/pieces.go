package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// pieces cuts what was drawn, a line a row, into pieces of some rows, and hands each to take, which may not keep it.
func (s *site) pieces(ctx context.Context, format string, rows int, take func(piece []byte) error) (err error) {
	answer, err := s.engine.Warehouse.Query(ctx, format, statement("lines.sql"), nil)
	if err != nil {
		return fmt.Errorf("read what was drawn: %w", err)
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	var piece bytes.Buffer
	in := bufio.NewReaderSize(answer, 1<<20)
	for lines := 0; ; {
		line, err := in.ReadSlice('\n')
		piece.Write(line)
		if err == nil {
			lines++
		}
		if piece.Len() > 0 && (lines == rows || err == io.EOF) {
			if err := take(piece.Bytes()); err != nil {
				return err
			}
			piece.Reset()
			lines = 0
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what was drawn: %w", err)
		}
	}
}
