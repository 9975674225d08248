package format

import (
	"bufio"
	"bytes"
	"io"
)

// mismatch says that a unit is not what its name or its format says.
type mismatch struct {
	looks string // what it looks like
	hint  string // what to do
}

func (m *mismatch) Error() string { return "it looks like " + m.looks }

// marks are the first bytes by which other formats than text are told. They serve to refuse, never to choose.
var marks = []struct{ mark, looks, hint string }{
	{"\x1F\x8B", "gzip", "set format.compression to gzip, or name it .gz"},
	{"\x28\xB5\x2F\xFD", "zstd", "set format.compression to zstd, or name it .zst"},
	{"PK\x03\x04", "a zip archive or an Excel workbook", "set format.compression to zip, or format.type to xlsx"},
	{"\xD0\xCF\x11\xE0", "an old Excel file (.xls), or a workbook with a password", "save it as .xlsx without a password"},
	{"PAR1", "Parquet", "set format.type to parquet"},
	{"PARE", "encrypted Parquet", "have it delivered unencrypted"},
	{"BZh", "bzip2", "have it delivered as gzip, zstd or zip"},
	{"\xFD7zXZ", "xz", "have it delivered as gzip, zstd or zip"},
	{"7z\xBC\xAF", "7-Zip", "have it delivered as gzip, zstd or zip"},
	{"%PDF", "a PDF", "have it delivered as a table"},
}

// byteOrderMarks come before the text of another charset.
var byteOrderMarks = []struct{ mark, looks, hint string }{
	{"\xFF\xFE\x00\x00", "UTF-32", "have it delivered as UTF-8"},
	{"\x00\x00\xFE\xFF", "UTF-32", "have it delivered as UTF-8"},
	{"\xFF\xFE", "UTF-16", "set format.encoding to utf-16"},
	{"\xFE\xFF", "UTF-16", "set format.encoding to utf-16"},
}

// webPages are how pages begin, which some servers give in place of a file.
var webPages = []string{"<!doctype html", "<html", "<?xml"}

// lookalike tells what the beginning of a text is, if it is no text; nil if it is.
func lookalike(head []byte, utf8 bool) *mismatch {
	for _, m := range marks {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			return &mismatch{looks: m.looks, hint: m.hint}
		}
	}
	if utf8 {
		for _, m := range byteOrderMarks {
			if bytes.HasPrefix(head, []byte(m.mark)) {
				return &mismatch{looks: m.looks, hint: m.hint}
			}
		}
	}
	head = bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\uFEFF"))))
	for _, page := range webPages {
		if bytes.HasPrefix(head, []byte(page)) {
			return &mismatch{looks: "a web page or XML", hint: "look at it: a server may have answered with an error or a login"}
		}
	}
	return nil
}

// headBytes is how much of a unit is looked at.
const headBytes = 64

// checkedText refuses what is no text.
func checkedText(r io.Reader, utf8 bool) io.Reader {
	return &lazyReader{open: func() (io.Reader, error) {
		in := bufio.NewReaderSize(r, chunkBytes)
		head, _ := in.Peek(headBytes) // an error comes again with the read
		if m := lookalike(head, utf8); m != nil {
			return nil, m
		}
		return in, nil
	}}
}

// checkedFile refuses what is none of the formats that are read out of order: it must begin with the mark.
func checkedFile(r io.ReaderAt, mark string) error {
	head := make([]byte, headBytes)
	n, err := r.ReadAt(head, 0)
	if head = head[:n]; bytes.HasPrefix(head, []byte(mark)) {
		return nil
	}
	if m := lookalike(head, true); m != nil {
		return m
	}
	if err != nil && err != io.EOF {
		return err
	}
	if n < len(mark) {
		return io.ErrUnexpectedEOF
	}
	return &mismatch{looks: "something else, perhaps text", hint: "set format.type if the name misleads"}
}
