package actionfile

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const header = "id,month,program,owner,action,due,status,finding,note"

func TestRead(t *testing.T) {
	t.Parallel()
	want := []Row{{Line: 2, Cells: []string{"k7m2pqr", "2026-09", "acme", "Zoë; A.", "Ask, then \"act\"", "2026-10-31", "open", "", "'s-Hertogenbosch", ""}}}
	for name, text := range map[string]string{
		"as written":                header + ",changed_at\nk7m2pqr,2026-09,acme,Zoë; A.,\"Ask, then \"\"act\"\"\",2026-10-31,open,,'s-Hertogenbosch,\n",
		"without changed_at":        header + "\nk7m2pqr,2026-09,acme,Zoë; A.,\"Ask, then \"\"act\"\"\",2026-10-31,open,,'s-Hertogenbosch\n",
		"as Excel saves it":         "\ufeff" + header + "\r\nk7m2pqr,2026-09,acme,Zoë; A.,\"Ask, then \"\"act\"\"\",2026-10-31,open,,'s-Hertogenbosch\r\n,,,,,,,,\r\n",
		"with semicolons":           "\ufeff" + strings.ReplaceAll(header, ",", ";") + "\r\nk7m2pqr;2026-09;acme;\"Zoë; A.\";\"Ask, then \"\"act\"\"\";2026-10-31;open;;'s-Hertogenbosch",
		"with tabs":                 strings.ReplaceAll(header, ",", "\t") + "\nk7m2pqr\t2026-09\tacme\tZoë; A.\t\"Ask, then \"\"act\"\"\"\t2026-10-31\topen\t\t's-Hertogenbosch\n",
		"in another order and case": "Note,ID,Month,Program,Owner,Action,Due,Status, finding \n's-Hertogenbosch,k7m2pqr,2026-09,acme,Zoë; A.,\"Ask, then \"\"act\"\"\",2026-10-31,open,\n",
	} {
		got, err := Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReadProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "the file is empty; its first line names the columns id, month, program, owner, action, due, status, finding, note, changed_at"},
		{"a header alone is no problem", header + "\n", ""},
		{"columns", "id,month,programme,owner,action,due,status,id\n", `line 1: there is no column "programme"; there are: id, month, program, owner, action, due, status, finding, note, changed_at
line 1: column "id" is there twice
line 1: column "program" is missing
line 1: column "finding" is missing
line 1: column "note" is missing`},
		{"cells", header + "\na,b\n\n,,,,,,,,\n1,2,3,4,5,6,7,8,9,10\n", "line 2: it has 2 columns, the header 9\nline 5: it has 10 columns, the header 9"},
		{"a quote", header + "\na,b\n1,2,\"3", "line 2: it has 2 columns, the header 9\nline 3: it is not CSV: extraneous or missing \" in quoted-field in character 7"},
		{"another charset", header + "\n,,,Zo\xeb,,,,,\n", "line 2: the file is not in UTF-8: save it as CSV UTF-8"},
		{"UTF-16", "\xff\xfei\x00d\x00", "line 1: the file is not in UTF-8: save it as CSV UTF-8"},
		{"rows", header + strings.Repeat("\n1,2,3,4,5,6,7,8,9", mostRows+1), "line 10002: the file has more than 10000 actions"},
		{"size", strings.Repeat("x", mostBytes+1), "the file is larger than 16 MiB: it is no action plan"},
	} {
		_, err := Read(strings.NewReader(tt.text))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// TestFormulas: no cell of a written file begins as a formula does, and all are read as they were.
func TestFormulas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+49 30 1": "'+49 30 1", "-": "'-", "@SUM(A1)": "'@SUM(A1)", "'=x": "''=x", "''=x": "'''=x",
		"'s-Hertogenbosch": "'s-Hertogenbosch", "''": "''", "": "", "a=b": "a=b",
	} {
		if got := Guarded(text); got != want || bare(got) != text {
			t.Errorf("%q is guarded as %q, want %q, and read as %q", text, got, want, bare(got))
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(rapid.StringMatching(`['=+@-]{0,3}[a-z ,;"\n]{0,4}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		var rows []Row
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			cells := make([]string, len(Columns))
			for i := range cells {
				cells[i] = strings.ReplaceAll(strings.ReplaceAll(cell.Draw(t, "cell"), "\x00", ""), "\r", "")
			}
			cells[0] = "b" // a line with nothing in it is none
			rows = append(rows, Row{Cells: cells})
		}
		var text bytes.Buffer
		if err := Write(&text, rows); err != nil {
			t.Fatal(err)
		}
		got, err := Read(&text)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(rows, got, func(a, b Row) bool { return slices.Equal(a.Cells, b.Cells) }) {
			t.Fatalf("wrote %v, read %v", rows, got)
		}
	})
}

// FuzzRead: whatever a file holds, it is read or refused with lines that it has; what is read is written so that it is read again.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", header + "\n1,2,3,4,5,6,7,8,9\n", "\ufeff" + strings.ReplaceAll(header, ",", ";") + "\r\n'=1;;;;;;;;\r\n", header + "\n\"", "id\x00", header + "\n\r,\"\r\n\",,,,,,,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := Read(strings.NewReader(text))
		if bad := new(Error); errors.As(err, &bad) {
			for _, p := range bad.Problems {
				if p.Line < 0 || p.Line > strings.Count(text, "\n")+1 || p.Text == "" {
					t.Errorf("of %d lines, %+v", strings.Count(text, "\n")+1, p)
				}
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := Write(&again, rows); err != nil {
			t.Fatal(err)
		}
		same, err := Read(&again)
		if err != nil || len(same) != len(rows) {
			t.Fatalf("%q was read as %v, and then as %v: %v", text, rows, same, err)
		}
		for i := range rows {
			if !slices.Equal(rows[i].Cells, same[i].Cells) {
				t.Errorf("%q became %q", rows[i].Cells, same[i].Cells)
			}
		}
	})
}
