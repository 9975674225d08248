package format

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// workbook is an xlsx file, read by its parts and not by excelize: that ends a sheet in silence where its XML is
// damaged, and does not tell numbers from dates or errors while it streams.
type workbook struct {
	archive *zip.Reader
	folder  string // that the targets of relations are in
	sheets  []sheet
	from    map[string]relation // by id
	dates   []dateKind          // by the style of a cell
	since04 bool                // days count from 1904
	strings *sharedStrings
}

type sheet struct {
	Name  string `xml:"name,attr"`
	State string `xml:"state,attr"`
	ID    string `xml:"id,attr"` // of its relation
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

type relations struct {
	All []relation `xml:"Relationship"`
}

func openWorkbook(b Bytes) (*workbook, error) {
	archive, err := openZip(b)
	if err != nil {
		return nil, err
	}
	w := &workbook{archive: archive, from: map[string]relation{}}
	var root relations
	if err := w.parse("_rels/.rels", &root); err != nil {
		return nil, err
	}
	name := ""
	for _, r := range root.All {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			name = strings.TrimPrefix(r.Target, "/")
		}
	}
	if !strings.HasSuffix(name, ".xml") {
		return nil, &mismatch{looks: "another kind of document than .xlsx", hint: "save it as .xlsx; .xlsb and .ods cannot be read"}
	}
	w.folder = path.Dir(name)
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []sheet `xml:"sheets>sheet"`
	}
	var linked relations
	err = errors.Join(w.parse(name, &book), w.parse(path.Join(w.folder, "_rels", path.Base(name)+".rels"), &linked))
	if err != nil {
		return nil, err
	}
	w.sheets = book.Sheets
	w.since04 = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	var styles, texts string
	for _, r := range linked.All {
		w.from[r.ID] = r
		switch path.Base(r.Type) {
		case "styles":
			styles = w.target(r)
		case "sharedStrings":
			texts = w.target(r)
		}
	}
	if styles != "" {
		err = w.readStyles(styles)
	}
	if err == nil && texts != "" {
		err = w.readStrings(texts)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *workbook) target(r relation) string {
	if strings.HasPrefix(r.Target, "/") {
		return r.Target[1:]
	}
	return path.Join(w.folder, r.Target)
}

// part opens one of the workbook's files. What is read of it between two resets is bounded.
func (w *workbook) part(name string) (*recordLimit, io.Closer, error) {
	for _, f := range w.archive.File {
		if strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), name) {
			r, err := f.Open()
			if err != nil {
				return nil, nil, fmt.Errorf("open %s of the workbook: %w", name, err)
			}
			return &recordLimit{r: r}, r, nil
		}
	}
	return nil, nil, &mismatch{looks: fmt.Sprintf("a zip archive that is no Excel workbook: it lacks %s", name), hint: "set format.compression to zip if it is an archive"}
}

// parse reads a small part whole.
func (w *workbook) parse(name string, into any) error {
	r, closer, err := w.part(name)
	if err != nil {
		return err
	}
	return errors.Join(inPart(name, xml.NewDecoder(r).Decode(into)), closer.Close())
}

func inPart(name string, err error) error {
	var wrong *xml.SyntaxError
	switch {
	case err == nil:
		return nil
	case err == io.EOF, errors.As(err, &wrong) && wrong.Msg == "unexpected EOF":
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %s of the workbook: %w", name, err)
}

func (w *workbook) readStyles(name string) error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.parse(name, &styles); err != nil {
		return err
	}
	own := map[int]dateKind{}
	for _, f := range styles.Formats {
		own[f.ID] = dateKindOf(f.Code)
	}
	for _, cell := range styles.Cells {
		kind, is := own[cell.Format]
		if !is {
			kind = builtInKind(cell.Format)
		}
		w.dates = append(w.dates, kind)
	}
	return nil
}

// readStrings reads the texts that cells share.
func (w *workbook) readStrings(name string) error {
	r, closer, err := w.part(name)
	if err != nil {
		return err
	}
	defer closer.Close() //nolint:errcheck // it is read to its end, or given up
	w.strings = &sharedStrings{}
	decoder := xml.NewDecoder(r)
	var text texter
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return inPart(name, err)
		}
		text.take(token)
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				r.reset()
				text.reset()
			}
		case xml.EndElement:
			if t.Name.Local == "si" {
				if err := w.strings.add(unescaped(text.text)); err != nil {
					return inPart(name, err)
				}
			}
		}
	}
}

// chosen finds the sheet by its name, or its number, or because there is no other to be seen.
func (w *workbook) chosen(want string) (string, error) {
	var visible []sheet
	var names []string
	for _, s := range w.sheets {
		note := ""
		if s.State == "" || s.State == "visible" {
			visible = append(visible, s)
		} else {
			note = " (hidden)"
		}
		names = append(names, strconv.Quote(s.Name)+note)
	}
	all := strings.Join(names, ", ")
	var found sheet
	if want == "" {
		if len(visible) != 1 {
			return "", fmt.Errorf("the workbook has several sheets, or none to be seen: set format.sheet to one of %s", all)
		}
		found = visible[0]
	} else {
		i := slices.IndexFunc(w.sheets, func(s sheet) bool { return s.Name == want })
		if n, err := strconv.Atoi(want); i < 0 && err == nil {
			i = n - 1
		}
		if i < 0 || i >= len(w.sheets) {
			return "", fmt.Errorf("the workbook has no sheet %q (format.sheet); it has %s", want, all)
		}
		found = w.sheets[i]
	}
	r := w.from[found.ID]
	if path.Base(r.Type) != "worksheet" {
		return "", fmt.Errorf("the sheet %q is no table", found.Name)
	}
	return w.target(r), nil
}

func (w *workbook) close() {
	if w.strings != nil {
		w.strings.close()
	}
}

// texter gathers the text of a cell or a shared string: all its t elements, but the phonetic ones.
type texter struct {
	text     []byte
	in       bool // inside a t
	phonetic bool
}

func (x *texter) reset() { x.text, x.in, x.phonetic = x.text[:0], false, false }

func (x *texter) take(token xml.Token) {
	switch t := token.(type) {
	case xml.StartElement:
		x.in = x.in || t.Name.Local == "t"
		x.phonetic = x.phonetic || t.Name.Local == "rPh"
	case xml.EndElement:
		x.in = x.in && t.Name.Local != "t"
		x.phonetic = x.phonetic && t.Name.Local != "rPh"
	case xml.CharData:
		if x.in && !x.phonetic {
			x.text = append(x.text, t...)
		}
	}
}
