package format

import (
	"errors"
	"fmt"
	"os"
)

const (
	// maxStringBytes is the shared text that is kept in memory; more goes into a temporary file.
	maxStringBytes = 32 << 20
	maxStrings     = 8 << 20
)

// sharedStrings are a workbook's texts by their number.
type sharedStrings struct {
	ends  []int64
	text  []byte   // what is not in the file
	file  *os.File // nil as long as memory holds all
	saved int64
	read  []byte // of the file
}

func (s *sharedStrings) add(text []byte) error {
	if len(s.ends) == maxStrings {
		return fmt.Errorf("more than %d texts", maxStrings)
	}
	s.text = append(s.text, text...)
	s.ends = append(s.ends, s.saved+int64(len(s.text)))
	if len(s.text) < maxStringBytes {
		return nil
	}
	if s.file == nil {
		var err error
		if s.file, err = os.CreateTemp("", "partnerplus-*.strings"); err != nil {
			return err
		}
	}
	n, err := s.file.Write(s.text)
	s.saved += int64(n)
	s.text = s.text[:0]
	return err
}

// at gives a text; it is valid until the next is asked for.
func (s *sharedStrings) at(i int) ([]byte, error) {
	if s == nil || i < 0 || i >= len(s.ends) {
		return nil, fmt.Errorf("refers to the shared text %d, which there is not", i)
	}
	start, end := int64(0), s.ends[i]
	if i > 0 {
		start = s.ends[i-1]
	}
	if start >= s.saved {
		return s.text[start-s.saved : end-s.saved], nil
	}
	if need := int(end - start); cap(s.read) < need {
		s.read = make([]byte, need)
	}
	s.read = s.read[:end-start]
	_, err := s.file.ReadAt(s.read, start)
	return s.read, err
}

func (s *sharedStrings) close() {
	if s.file != nil {
		_ = errors.Join(s.file.Close(), os.Remove(s.file.Name())) // nothing depends on what is left
		s.file = nil
	}
}
