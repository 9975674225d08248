package propose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a file holds, there is a proposal that passes the config's check, or an error that says why not: never a
// panic, never the program's own mistake.
func FuzzPropose(f *testing.F) {
	f.Add("a.csv", "Award ID,Member,Amount,Date\n1,2,3.5,2024-01-31\n2,3,4,2024-02-29\n")
	f.Add("b 1.csv", "${X};true;\"a\"\"b\";#\n1;no;: x;- y\n2;yes;*z;&q\n")
	f.Add("c.csv", "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00\n\x00")
	f.Add("d.csv", "InvoiceNo,Quantity,UnitPrice,CustomerID\nC1,-1,2.5,17850.0\n2,1,2.5,\n")
	f.Add("e.ndjson", "{\"a.b\":{\"c\":1},\"$d\":[1],\"\":null}\n{\"e\":\"\\u0000\\u2028\"}\n")
	f.Add("f.json", `[{"id":"x","at":1706745600,"page":"/"},{"id":"y","at":1706745601,"page":"/y"}]`)
	f.Add("g.txt", "1|2024-01-01|3\n")
	f.Fuzz(func(t *testing.T, name, content string) {
		name = filepath.Base(strings.ReplaceAll(strings.TrimLeft(name, "."), "\x00", ""))
		if name == "" || name == "/" || len(name) > 100 || len(content) > 1<<16 {
			return
		}
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return
		}
		_, err := Propose(t.Context(), Request{From: path, Dir: dir, Entity: "awards"})
		if err != nil && strings.Contains(err.Error(), "a mistake of this program") {
			t.Fatal(err)
		}
	})
}

func FuzzProfile(f *testing.F) {
	for _, seed := range []string{"1.5\n2", "31/01/2024\n1/2/24", "(1)\n-2-\n€3", "The user with id '3'", "\xff\n\u00a0"} {
		f.Add("at", seed)
	}
	f.Fuzz(func(_ *testing.T, name, texts string) {
		_ = looks(name, strings.Split(texts, "\n")...)
		_ = dialectOf(strings.Split(texts, "\n"))
		_ = scalar(texts)
	})
}
