package crash_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/partnerplus/warehouse/extract/extracttest"
)

// apiToken is what the API asks for.
const apiToken = "token-of-the-crash-test"

// places are where the sources are: a folder for each delivery, a bucket, and an API that has what the delivery has that
// it was told of.
type places struct {
	root     string
	server   *extracttest.Server
	api      *httptest.Server
	delivery atomic.Int32
}

func newPlaces(t *testing.T, root string) *places {
	t.Helper()
	p := &places{root: root, server: extracttest.Start(t)}
	p.server.CreateBucket(t, "crash")
	for key, content := range objects(t) {
		p.server.Put(t, "crash", key, content)
	}
	for _, delivery := range []int{1, 2} {
		writeFiles(t, p.files(delivery), delivery)
	}
	p.api = httptest.NewServer(http.HandlerFunc(p.answer))
	t.Cleanup(p.api.Close)
	for name, content := range map[string]string{
		"metrics-1.yaml": "metrics:\n  activation_rate: {owner: Programme team, target: \"0.50\"}\n",
		"metrics-2.yaml": "thresholds:\n  rising_unspent: {min_pct: \"0.15\", critical_months: 2}\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *places) files(delivery int) string {
	return filepath.Join(p.root, "delivery-"+strconv.Itoa(delivery))
}

// answer gives a page of a month's records.
func (p *places) answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+apiToken {
		http.Error(w, "whose token is this?", http.StatusUnauthorized)
		return
	}
	query := r.URL.Query()
	page, errPage := strconv.Atoi(query.Get("page"))
	size, errSize := strconv.Atoi(query.Get("size"))
	if errPage != nil || errSize != nil || len(query.Get("from")) != len("2024-03-01") {
		http.Error(w, r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	all := records(query.Get("from")[:len("2024-03")], int(p.delivery.Load()))
	first := min((page-1)*size, len(all))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": all[first:min(first+size, len(all))], "total": len(all)}) // whoever went away misses it
}

// config is one of the configs that the test's commands have.
type config struct {
	name     string
	delivery int
	kinds    string // of the ledger's awards
	zone     string
}

var (
	first   = config{"first", 1, "{earn: award, take: reversal}", "America/New_York"}
	second  = config{"second", 2, first.kinds, first.zone}
	mended  = config{"mended", 2, "{earn: award, take: reversal, bonus: award}", first.zone}
	rezoned = config{"rezoned", 2, mended.kinds, "Asia/Tokyo"}
)

// write writes a config's file and returns its path.
func (p *places) write(t *testing.T, c config) string {
	t.Helper()
	text, err := os.ReadFile("testdata/crash.yaml")
	if err != nil {
		t.Fatal(err)
	}
	large, small := "*.csv.gz", "*.csv"
	if c.delivery == 1 {
		large, small = "1.csv.gz", "1-*.csv"
	}
	filled := strings.NewReplacer("@ZONE@", c.zone, "@METRICS@", "metrics-"+strconv.Itoa(c.delivery)+".yaml", "@FILES@", p.files(c.delivery), "@KINDS@", c.kinds,
		"@LARGE@", large, "@SMALL@", small, "@S3@", p.server.Endpoint, "@API@", p.api.URL).Replace(string(text))
	path := filepath.Join(p.root, c.name+".yaml")
	if err := os.WriteFile(path, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (p *places) environment() []string {
	return []string{"CRASH_S3_KEY=" + p.server.AccessKey, "CRASH_S3_SECRET=" + p.server.SecretKey, "CRASH_API_TOKEN=" + apiToken}
}
