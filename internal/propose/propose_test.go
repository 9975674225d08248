package propose_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/internal/propose"
)

var update = flag.Bool("update", false, "write the golden files anew")

// proposed is a proposal in the folder where it would be written.
type proposed struct {
	propose.Proposal
	dir    string
	config *config.Config
}

// run proposes a config for the request, and has it read as any other.
func run(t *testing.T, r propose.Request) proposed {
	t.Helper()
	proposal, err := propose.Propose(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.Dir, config.FileName)
	if err := os.WriteFile(path, proposal.Config, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, proposal.Config)
	}
	return proposed{proposal, r.Dir, c}
}

// golden compares the config with the file of that name. What differs from run to run is replaced.
func (p proposed) golden(t *testing.T, name string, replace ...string) {
	t.Helper()
	got := strings.NewReplacer(append(replace, p.dir, "DIR")...).Replace(string(p.Config))
	path := filepath.Join("testdata", name+".yaml")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (write it anew with -update): %s", path, diff)
	}
}

// preview gives a source's first rows, and checks how many are rejected.
func (p proposed) preview(t *testing.T, source string, rejected int) []pipeline.PreviewRow {
	t.Helper()
	preview, err := (&pipeline.Pipeline{Config: p.config, Log: zap.NewNop()}).Preview(t.Context(), pipeline.PreviewRequest{Source: source, Rows: 1000})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, row := range preview.Rows {
		if row.Rejected() {
			n++
		}
	}
	if len(preview.Rows) == 0 || n != rejected {
		t.Errorf("%s: %d of %d rows are rejected, want %d", source, n, len(preview.Rows), rejected)
	}
	return preview.Rows
}

// values gives what a mapping made of a row, as column=value, of some columns.
func values(t *testing.T, row pipeline.PreviewRow, mapping int, columns string) string {
	t.Helper()
	var out []string
	for _, o := range row.Outcomes {
		for _, f := range o.Values {
			if o.Mapping == mapping && strings.Contains(" "+columns+" ", " "+f.Name+" ") {
				out = append(out, f.Name+"="+f.Text)
			}
		}
	}
	return strings.Join(out, " ")
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// retail is like a shop's export: numbers of customers that were floats, returns with a minus, Windows-1252.
func retail() []byte {
	var b bytes.Buffer
	b.WriteString("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n")
	for i := range 200 {
		quantity, invoice := i%7+1, strconv.Itoa(536365+i/3)
		if i%40 == 39 {
			quantity, invoice = -quantity, "C"+invoice
		}
		customer := fmt.Sprintf("%d.0", 12346+i%50)
		if i%10 == 4 {
			customer = ""
		}
		fmt.Fprintf(&b, "%s,%d,\"CAF\xc9 \"\"SIGN\"\"\nBLUE\",%d,12/%d/2010 8:26,%d.%02d,%s,%s\r\n", invoice, 71000+i%30, quantity, i/8+1, i%5, 55, customer, []string{"France", "Spain"}[i%2])
	}
	return b.Bytes()
}

func TestRetail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in", "online_retail.csv"), retail())
	p := run(t, propose.Request{From: filepath.Join(dir, "in", "online_retail.csv"), Dir: dir, Name: "retail"})
	p.golden(t, "retail")
	rows := p.preview(t, "retail", 20)
	if got, want := values(t, rows[0], 1, "member_id amount awarded_at kind"), "member_id=12346 kind=award amount=0.55 awarded_at=2010-12-01 08:26:00Z"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := values(t, rows[39], 1, "member_id amount kind"), "member_id=12385 kind=reversal amount=22.75"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for month := 1; month <= 3; month++ {
		var b bytes.Buffer
		b.WriteString("Entry ID;Card Number;Type;Amount;Date\n")
		for i := range 40 {
			amount := fmt.Sprintf("€ 1.%03d,%02d", i*7, i)
			if i%9 == 8 {
				amount = fmt.Sprintf("€ %d,50-", i)
			}
			fmt.Fprintf(&b, "E%d-%d;K%05d; %s ;%s;%02d.%02d.24\n", month, i, i%20, []string{"earn", "earn", "burn", "expiry"}[i%4], amount, i%28+1, month)
		}
		write(t, filepath.Join(dir, "in", fmt.Sprintf("ledger-2024-%02d.csv", month)), b.Bytes())
	}
	p := run(t, propose.Request{From: filepath.Join(dir, "in"), Dir: dir, Name: "ledger"})
	p.golden(t, "ledger")
	rows := p.preview(t, "ledger", 0)
	if got, want := values(t, rows[1], 1, "award_id member_id amount kind currency"), "award_id=E1-1 member_id=K00001 kind=award amount=1007.01 currency=EUR"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := values(t, rows[2], 2, "redemption_id amount kind redeemed_at"), "redemption_id=E1-2 kind=redemption amount=1014.02 redeemed_at=2024-01-03 00:00:00Z"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPageViews(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for day := 1; day <= 3; day++ {
		var b bytes.Buffer
		for i := range 50 {
			user := `null`
			if i%3 > 0 {
				user = fmt.Sprintf(`{"id":"M-%d"}`, i%9)
			}
			fmt.Fprintf(&b, `{"event":"e%d%03d","user":%s,"visitor":"v%d","ts":%d,"page":"/rewards/%d","device":"%s"}`+"\n", day, i, user, i%13, 1709251200+86400*day+i*60, i%6, []string{"desktop", "mobile"}[i%2])
		}
		write(t, filepath.Join(dir, "views", fmt.Sprintf("dt=2024-03-%02d", day), "part.ndjson"), b.Bytes())
	}
	p := run(t, propose.Request{From: filepath.Join(dir, "views"), Dir: dir})
	p.golden(t, "views")
	rows := p.preview(t, "views", 0)
	if got, want := values(t, rows[1], 1, "event_id member_id visitor_id page device occurred_at"), "event_id=e1001 member_id=M-1 visitor_id=v1 occurred_at=2024-03-02 00:01:00Z page=/rewards/1 device=mobile"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// An address stands in for a visitor only where nothing tells who it was: many share one.
func TestAddressIsNoVisitor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for file, header := range map[string]string{"known.csv": "Time,User ID,IP address,Page\n", "nameless.csv": "Time,Score,IP address,Page\n"} {
		text := header
		for i := range 40 {
			text += fmt.Sprintf("2024-03-01T10:%02d:00Z,%d,10.0.0.%d,/rewards/%d\n", i, 100+i%7, i%3, i%5)
		}
		write(t, filepath.Join(dir, file), []byte(text))
		p := run(t, propose.Request{From: filepath.Join(dir, file), Dir: dir, Entity: "portal_events"})
		if got := strings.Contains(string(p.Config), "visitor_id: IP address"); got != (file == "nameless.csv") {
			t.Errorf("%s: the address is a visitor: %v\n%s", file, got, p.Config)
		}
	}
}

// A column of sales is an amount.
func TestSales(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "Row ID,Order Date,Customer ID,Region,Sales,Quantity,Profit\n"
	for i := range 40 {
		text += fmt.Sprintf("%d,%02d/01/24,C-%d,%s,%d.448,%d,-%d.5\n", i, i%28+1, i%7, []string{"East", "West"}[i%2], i+1, i%4+1, i)
	}
	write(t, filepath.Join(dir, "store.csv"), []byte(text))
	if p := run(t, propose.Request{From: filepath.Join(dir, "store.csv"), Dir: dir}); !strings.Contains(string(p.Config), "amount: Sales") {
		t.Errorf("%s", p.Config)
	}
}

// A folder with several kinds of files gives a source for each; what is no entity is mentioned.
func TestSeveralKinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "member_id", Type: arrow.PrimitiveTypes.Int64}, {Name: "tier", Type: arrow.BinaryTypes.String}, {Name: "joined", Type: arrow.FixedWidthTypes.Date32},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range 30 {
		b.Field(0).(*array.Int64Builder).Append(int64(1000 + i))
		b.Field(1).(*array.StringBuilder).Append([]string{"gold", "silver"}[i%2])
		b.Field(2).(*array.Date32Builder).Append(arrow.Date32(19000 + i))
	}
	record := b.NewRecord()
	defer record.Release()
	table := array.NewTableFromRecords(schema, []arrow.Record{record})
	defer table.Release()
	var file bytes.Buffer
	if err := pqarrow.WriteTable(table, &file, 1000, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "raw", "members.parquet"), file.Bytes())
	sessions := "Title of the export\nSession ID\tMember No\tStarted At\tDuration (min)\tPage Views\n"
	for i := range 30 {
		sessions += fmt.Sprintf("s%d\tM%d\t%d/%02d/2024 %d:05 %s\t%d.5\t%d\n", i, i%7, i%9+1, i%12+1, i%12+1, []string{"AM", "PM"}[i%2], i, i%5)
	}
	write(t, filepath.Join(dir, "raw", "sessions.tsv"), []byte(sessions))
	write(t, filepath.Join(dir, "raw", "colours.csv"), []byte("colour,hex\nred,f00\ngreen,0f0\n"))
	write(t, filepath.Join(dir, "raw", "README.md"), []byte("# read me\n"))
	p := run(t, propose.Request{From: filepath.Join(dir, "raw"), Dir: dir, Name: "acme"})
	p.golden(t, "several")
	if len(p.Sources) != 2 || len(p.Skipped) != 1 {
		t.Fatalf("sources %v, skipped %v", p.Sources, p.Skipped)
	}
	if got, want := values(t, p.preview(t, "acme-members", 0)[1], 1, "member_id segment joined_on"), "member_id=1001 segment=silver joined_on=2022-01-09"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := values(t, p.preview(t, "acme-sessions", 0)[1], 1, "session_id member_id started_at duration_s page_views"), "session_id=s1 member_id=M1 started_at=2024-02-02 14:05:00Z duration_s=90 page_views=1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTextWithoutExtensionOrHeader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "T%d|2024-01-%02dT10:00:00+01:00|%d.25\n", i, i%28+1, i)
	}
	write(t, filepath.Join(dir, "in", "export.txt"), []byte(b.String()))
	p := run(t, propose.Request{From: filepath.Join(dir, "in", "export.txt"), Dir: dir, Entity: "awards"})
	p.golden(t, "headless")
	rows := p.preview(t, "export", 30)
	if r := rows[0].Outcomes[0].Reject; r == nil || r.Column != "member_id" {
		t.Errorf("a column that nothing fits does not make rejects: %+v", rows[0])
	}
}

func TestAPI(t *testing.T) {
	const token = "t0ken-53c4e7"
	t.Setenv("ACME_TOKEN", token)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "who?", http.StatusUnauthorized)
			return
		}
		first, next := 0, `"c2"`
		if r.URL.Query().Get("cursor") == "c2" {
			first, next = 20, "null"
		}
		var items []string
		for i := first; i < first+20; i++ {
			items = append(items, fmt.Sprintf(`{"id":"A%d","customer":{"id":"M%d"},"cents":%d,"currency":"CHF","created_at":%d,"updated_at":"2024-02-0%dT00:00:00Z"}`, i, i%6, i*100+5, 1706745600000+i*1000, i%9+1))
		}
		_, _ = fmt.Fprintf(w, `{"data":{"items":[%s],"next_cursor":%s},"meta":{"total":40}}`, strings.Join(items, ","), next)
	}))
	t.Cleanup(api.Close)
	dir := t.TempDir()
	p := run(t, propose.Request{From: api.URL + "/v1/awards", Dir: dir, BearerToken: "${ACME_TOKEN}"})
	p.golden(t, "api", api.URL, "https://api.example.com")
	rows := p.preview(t, "awards", 0)
	if len(rows) != 40 {
		t.Errorf("%d rows of both pages", len(rows))
	}
	if got, want := values(t, rows[3], 1, "award_id member_id amount currency awarded_at version"), "award_id=A3 member_id=M3 amount=3.05 currency=CHF awarded_at=2024-02-01 00:00:03Z version=1707004800000000"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(string(p.Config), token) {
		t.Error("the config holds the token")
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte("Award ID;Member;Type;Amount;Date\nA-1;M-1;earn;1,50;2024-01-31\nA-2;M-2;burn;2,25;2024-01-31\nA-3;M-2;test;2,25;2024-01-31\n")))
	}))
	t.Cleanup(server.Close)
	p := run(t, propose.Request{From: server.URL + "/exports/ledger.csv", Dir: t.TempDir(), Name: "ledger"})
	if got := strings.Join(p.Sources[0].Entities, " "); got != "awards redemptions" || p.Sources[0].Rejected != 1 {
		t.Errorf("%+v", p.Sources[0])
	}
	rows := p.preview(t, "ledger", 1)
	if got, want := values(t, rows[1], 2, "redemption_id amount"), "redemption_id=A-2 amount=2.25"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if rows[2].Unrouted == nil {
		t.Errorf("a kind that is not known goes unseen: %+v", rows[2])
	}
}

func TestBucket(t *testing.T) {
	server := extracttest.Start(t)
	t.Setenv("AWS_ACCESS_KEY_ID", server.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretKey)
	server.CreateBucket(t, "acme")
	for month := 1; month <= 3; month++ {
		text := "Redemption ID,Member,Points Redeemed,Redeemed At,Gift\n"
		for i := range 30 {
			text += fmt.Sprintf("%d%03d,M-%d,%d,2024-%02d-%02d 10:11:12,%s\n", month, i, i%5, 100*i, month, i%28+1, []string{"Mug", "Voucher"}[i%2])
		}
		server.Put(t, "acme", fmt.Sprintf("exports/redemptions/2024/%02d.csv", month), []byte(text))
	}
	server.Put(t, "acme", "exports/other/2024.csv", []byte("a,b\n1,2\n"))
	for from, golden := range map[string]string{"s3://acme/exports/redemptions/": "bucket", "s3://acme/exports/redemptions/2024/02.csv": "object"} {
		p := run(t, propose.Request{From: from, Dir: t.TempDir(), Endpoint: server.Endpoint, PathStyle: true, Name: "redemptions"})
		p.golden(t, golden, server.Endpoint, "https://s3.example.com")
		rows := p.preview(t, "redemptions", 0)
		if got, want := values(t, rows[2], 1, "member_id amount category"), "member_id=M-2 amount=200 category=Mug"; got != want {
			t.Errorf("%s: got  %s\nwant %s", from, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Setenv("EMPTY", "")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "notes", "readme.md"), []byte("x"))
	write(t, filepath.Join(dir, "colours.csv"), []byte("colour,hex\nred,f00\n"))
	for _, c := range []struct {
		request propose.Request
		says    string
	}{
		{propose.Request{From: filepath.Join(dir, "nosuch.csv")}, "no such file"},
		{propose.Request{From: filepath.Join(dir, "notes")}, "no name tells a format"},
		{propose.Request{From: "ftp://example.com/x"}, "ftp:// is no place"},
		{propose.Request{From: "s3://"}, "names no bucket"},
		{propose.Request{From: "https://example.com/x?api_key=hushhush"}, "api_key looks like a secret"},
		{propose.Request{From: "https://me:hushhush@example.com/x"}, "holds a password"},
		{propose.Request{From: "https://example.com/x?api_key=${EMPTY}"}, "EMPTY is not set"},
		{propose.Request{From: "https://example.com/x", BearerToken: "hushhush"}, "put the token into an environment variable"},
		{propose.Request{From: filepath.Join(dir, "colours.csv"), Entity: "award"}, "it is one of programs"},
	} {
		c.request.Dir = dir
		_, err := propose.Propose(t.Context(), c.request)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hushhush") {
			t.Errorf("%s: %v, want %q", c.request.From, err, c.says)
		}
		if err != nil && c.says != "no name tells a format" && !errors.As(err, new(*propose.Error)) {
			t.Errorf("%s: %T is not the caller's mistake", c.request.From, err)
		}
	}
}
