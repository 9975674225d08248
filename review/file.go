package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/partnerplus/warehouse/internal/chromium"
)

// Form is a form of the pack.
type Form string

// The forms, all with the same data.
const (
	HTML Form = "html"
	XLSX Form = "xlsx" // a workbook for Excel
	CSV  Form = "csv"  // a folder with a file a table
	PDF  Form = "pdf"  // the page, printed by a Chromium
)

// Forms are all forms.
func Forms() []Form { return []Form{HTML, XLSX, CSV, PDF} }

// FileName is what the page of the review pack of a month is called.
func FileName(month Month) string { return "review-" + month.String() + ".html" }

// Beside gives where a form of the pack is whose page is that file: review-2026-09.xlsx beside review-2026-09.html. That of CSV is a
// folder.
func Beside(page string, form Form) string {
	name := strings.TrimSuffix(page, ".html")
	switch form {
	case HTML:
		return page
	case CSV:
		return name + "-csv"
	}
	return name + "." + string(form)
}

// Existing gives the forms of a pack that are there, in the order of Forms.
func Existing(page string) (files []string) {
	for _, form := range Forms() {
		file := Beside(page, form)
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// Written is what a pack was written into.
type Written struct {
	Files []string // in the order of Forms; the folder, for CSV
	NoPDF error    // why there is none, where one was asked for; chromium.ErrNone where no browser is there
}

// Write writes the pack in the forms: the page into the file, the others beside it. All are written in full before the first takes its
// place, so each file is of this reading or as it was. It makes folders, and replaces a pack that is there. A PDF that fails keeps
// no other form back.
func (p *Pack) Write(ctx context.Context, page string, forms ...Form) (written Written, err error) {
	defer func() {
		if err != nil {
			written, err = Written{}, fmt.Errorf("write the review pack of %s: %w", p.Month, err)
		}
	}()
	wanted := map[Form]bool{}
	for _, form := range forms {
		wanted[form] = true
	}
	s := &stage{}
	defer s.clear()
	var toPrint string
	if wanted[HTML] || wanted[PDF] {
		if toPrint, err = s.add(page, p.WriteHTML); err != nil {
			return written, err
		}
		if !wanted[HTML] {
			s.forget()
		}
	}
	if wanted[XLSX] {
		if _, err := s.add(Beside(page, XLSX), p.WriteXLSX); err != nil {
			return written, err
		}
	}
	if wanted[CSV] {
		if err := p.stageCSV(s, Beside(page, CSV)); err != nil {
			return written, err
		}
	}
	if wanted[PDF] {
		written.NoPDF = s.print(ctx, toPrint, Beside(page, PDF))
		if ctx.Err() != nil {
			return written, context.Cause(ctx)
		}
	}
	if err := s.commit(); err != nil {
		return written, err
	}
	for _, form := range Forms() {
		if wanted[form] && (form != PDF || written.NoPDF == nil) {
			written.Files = append(written.Files, Beside(page, form))
		}
	}
	return written, nil
}

func (p *Pack) stageCSV(s *stage, folder string) error {
	sheets, err := p.sheets()
	if err != nil {
		return err
	}
	for _, table := range sheets {
		if table.file == "" {
			continue
		}
		if _, err := s.add(filepath.Join(folder, table.file+".csv"), table.writeCSV); err != nil {
			return err
		}
	}
	return nil
}

// stage is files under names of their own, to take their places together.
type stage struct {
	from, to []string
	others   []string // that take no place
}

// add writes a file, to be put into a place, and gives where it is until then.
func (s *stage) add(to string, write func(io.Writer) error) (from string, err error) {
	file, err := s.create(to)
	if err != nil {
		return "", err
	}
	err = errors.Join(write(file), file.Chmod(0o644), file.Sync(), file.Close()) // something to pass on
	return file.Name(), err
}

// create makes the file's folder, and a file in it with the same ending, by which a browser knows what it is.
func (s *stage) create(to string) (*os.File, error) {
	folder := filepath.Dir(to)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(folder, ".review-*"+filepath.Ext(to))
	if err != nil {
		return nil, err
	}
	s.from, s.to = append(s.from, file.Name()), append(s.to, to)
	return file, nil
}

// forget keeps the last file from taking its place.
func (s *stage) forget() {
	last := len(s.from) - 1
	s.others = append(s.others, s.from[last])
	s.from, s.to = s.from[:last], s.to[:last]
}

// print prints a page, to be put into a place.
func (s *stage) print(ctx context.Context, page, to string) error {
	browser, err := chromium.Find()
	if err != nil {
		return err
	}
	file, err := s.create(to)
	if err != nil {
		return err
	}
	err = errors.Join(file.Chmod(0o644), file.Close())
	if err == nil {
		err = chromium.Print(ctx, browser, page, file.Name())
	}
	if err != nil {
		s.forget()
	}
	return err
}

// commit puts every file into its place.
func (s *stage) commit() error {
	for len(s.from) > 0 {
		if err := os.Rename(s.from[0], s.to[0]); err != nil {
			return err
		}
		s.from, s.to = s.from[1:], s.to[1:]
	}
	return nil
}

// clear removes what has taken no place.
func (s *stage) clear() {
	for _, file := range append(s.from, s.others...) {
		_ = os.Remove(file) // what failed is told
	}
}
