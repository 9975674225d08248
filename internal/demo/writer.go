package demo

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// writer puts files into the company's folder and keeps count of them.
type writer struct{ company *Company }

// count adds a file of a feed to the company's books.
func (w *writer) count(feed string, files, rows int) {
	for i := range w.company.Feeds {
		if f := &w.company.Feeds[i]; f.Name == feed {
			f.Files, f.Rows = f.Files+files, f.Rows+rows
			return
		}
	}
	w.company.Feeds = append(w.company.Feeds, Feed{Name: feed, Files: files, Rows: rows})
}

// file writes one file as encode says, compressed where its name ends in .gz, and dates it.
func (w *writer) file(name string, dated time.Time, encode func(io.Writer) error) (err error) {
	path := filepath.Join(w.company.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err == nil {
			err = os.Chtimes(path, dated, dated)
		}
	}()

	buffered := bufio.NewWriterSize(f, 64<<10)
	var to io.Writer = buffered
	var packed *gzip.Writer
	if strings.HasSuffix(name, ".gz") {
		packed = gzip.NewWriter(buffered)
		to = packed
	}
	if err := encode(to); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if packed != nil {
		if err := packed.Close(); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// csvFile encodes a header and rows.
func csvFile(header []string, rows [][]string) func(io.Writer) error {
	return func(to io.Writer) error {
		w := csv.NewWriter(to)
		if err := w.Write(header); err != nil {
			return err
		}
		return w.WriteAll(rows)
	}
}

// linesFile encodes lines as they stand.
func linesFile(lines []string) func(io.Writer) error {
	return func(to io.Writer) error {
		for _, line := range lines {
			if _, err := io.WriteString(to, line+"\n"); err != nil {
				return err
			}
		}
		return nil
	}
}

// bytesFile encodes what another encoder made.
func bytesFile(content *bytes.Buffer) func(io.Writer) error {
	return func(to io.Writer) error {
		_, err := content.WriteTo(to)
		return err
	}
}
