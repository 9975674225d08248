package fault_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// token is the API's secret.
const token = "api-token-53c4e7"

// site is an S3 server, an API and a warehouse, each behind a proxy that can be made faulty, and a config that reads the
// one and the other.
type site struct {
	engine  *engine.Engine
	secrets []string

	s3, api, warehouse *place
	dir                string

	mu        sync.Mutex
	delivered int // of the API: its first delivery, or the second
}

// place is a server behind a handler that sees requests, behind a proxy that spoils connections.
type place struct {
	proxy  *toxiproxy.Proxy
	server http.Handler

	mu    sync.Mutex
	fault fault // nil for none
}

// fault answers a request, or gives false to have it answered as it now is.
type fault func(p *place, w http.ResponseWriter, r *http.Request) (answered bool)

var proxies = toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())

// stand puts a handler and a proxy before a server.
func stand(t *testing.T, name string, server http.Handler, address string) *place {
	t.Helper()
	if server == nil {
		target, err := url.Parse(address)
		must(t, err)
		server = &httputil.ReverseProxy{
			Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
			ErrorLog:     log.New(io.Discard, "", 0),
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // as though there were no handler
		}
	}
	p := &place{server: server}
	handler := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		fault := p.fault
		p.mu.Unlock()
		if fault == nil || !fault(p, w, r) {
			server.ServeHTTP(w, r)
		}
	}))
	handler.Config.ErrorLog = log.New(io.Discard, "", 0)
	handler.Start()
	t.Cleanup(handler.Close)
	p.proxy = toxiproxy.NewProxy(proxies, name, "127.0.0.1:0", handler.Listener.Addr().String())
	must(t, p.proxy.Start())
	t.Cleanup(p.proxy.Stop)
	return p
}

// URL is where the place is reached, through all that spoils it.
func (p *place) URL() string { return "http://" + p.proxy.Listen }

// spoil has requests answered by a fault.
func (p *place) spoil(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// toxic makes the connections bad, in the words of toxiproxy.
func (p *place) toxic(t *testing.T, description string) {
	t.Helper()
	_, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(description))
	must(t, err)
}

// heal makes the place well again.
func (p *place) heal(t *testing.T) {
	t.Helper()
	p.spoil(nil)
	p.proxy.Toxics.ResetToxics(context.Background())
	if err := p.proxy.Start(); err != nil && !errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) {
		t.Fatal(err)
	}
}

// Deliveries, two months each: the second brings keys of the first again, some with another amount, and bad rows.
func awards(delivery int) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "id,member,amount,at,updated")
	for n := range 150 * delivery {
		at := time.Date(2026, time.Month(1+n%2), 1+n%27, 10, 0, 0, 0, time.UTC)
		amount := fmt.Sprintf("%d.%02d", 10+n%7+delivery*(n%3), n%100)
		if delivery == 2 && n%50 == 49 {
			amount = "many"
		}
		fmt.Fprintf(&b, "A-%d,M-%d,%s,%s,%s\n", n, n%40, amount, at.Format(time.RFC3339), at.AddDate(0, delivery, 0).Format(time.RFC3339))
	}
	return b.Bytes()
}

// ServeHTTP is the API: pages of redemptions.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	delivery := s.delivered
	s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	const size = 40
	var page int
	_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
	var records []string
	for n := (page - 1) * size; n < min(page*size, 80*delivery); n++ {
		at := time.Date(2026, time.Month(1+n%2), 2+n%26, 12, 0, 0, 0, time.UTC)
		records = append(records, fmt.Sprintf(`{"id":"R-%d","member":"M-%d","amount":"%d.25","at":%q}`, n, n%40, 1+n%3+delivery, at.Format(time.RFC3339)))
	}
	w.Header().Set("Last-Modified", time.Date(2026, 3, delivery, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(records, ","))
}

const (
	awardsSource      = "awards"
	redemptionsSource = "redemptions"
)

// newSite is a site with its first deliveries loaded, and its second to be loaded.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{engine: warehousetest.Engine(t), dir: t.TempDir(), delivered: 1}
	server := extracttest.Start(t)
	server.CreateBucket(t, "partner")
	server.Put(t, "partner", "awards/1.csv", awards(1))
	s.s3 = stand(t, "s3", nil, server.Endpoint)
	s.api = stand(t, "api", s, "")
	address := s.engine.Address()
	s.warehouse = stand(t, "warehouse", nil, fmt.Sprintf("http://127.0.0.1:%d", address.Port))
	s.secrets = []string{server.SecretKey, token, address.WriterPassword}
	must(t, os.WriteFile(filepath.Join(s.dir, config.FileName), fmt.Appendf(nil, `
reporting: {currency: USD, timezone: UTC}
sources:
  %s:
    s3: {bucket: partner, endpoint: %q, path_style: true, access_key_id: %q, secret_access_key: %q}
    rejects: {max_share: 0.5}
    mappings:
      - entity: awards
        columns: {program_id: {value: p}, award_id: id, member_id: member, kind: {value: award}, amount: amount, currency: {value: USD}, awarded_at: at, version: {from: updated, time: {format: iso}}}
  %s:
    http: {url: "%s/redemptions", bearer_token: %q, records: data, paging: {type: page, param: page, start: 1, size_param: size, size: 40}}
    mappings:
      - entity: redemptions
        columns: {program_id: {value: p}, redemption_id: id, member_id: member, kind: {value: redemption}, amount: amount, currency: {value: USD}, redeemed_at: at}
`, awardsSource, s.s3.URL(), server.AccessKey, server.SecretKey, redemptionsSource, s.api.URL(), token), 0o600))

	w := s.open(t, load.DefaultPatience)
	_, err := w.Migrate(t.Context(), load.Reporting{Timezone: "UTC", Currency: "USD"})
	must(t, err)
	s.mustRun(t)
	server.Put(t, "partner", "awards/2.csv", awards(2))
	s.mu.Lock()
	s.delivered = 2
	s.mu.Unlock()
	s.keep(t)
	return s
}

// open connects to the warehouse through its proxy.
func (s *site) open(t *testing.T, patience load.Patience) *load.Warehouse {
	t.Helper()
	address := s.engine.Address()
	through, err := url.Parse(s.warehouse.URL())
	must(t, err)
	through.User, through.Path = url.UserPassword(address.WriterUser, address.WriterPassword), "/default"
	w, err := load.Open(through.String(), load.PublishAtOnce(), load.WithPatience(patience))
	must(t, err)
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// run is one run of the pipeline, and what it says.
func (s *site) run(t *testing.T, patience load.Patience, sources ...string) (report pipeline.Report, said string, err error) {
	t.Helper()
	c, err := config.Load(filepath.Join(s.dir, config.FileName))
	must(t, err)
	w := s.open(t, patience)
	p := &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}
	report, err = p.Run(t.Context(), pipeline.Request{Sources: sources})
	said = strings.Join(report.Errors, "\n")
	if err != nil && said == "" {
		said = c.Redact(err.Error())
	}
	for _, secret := range s.secrets {
		if strings.Contains(said, secret) {
			t.Errorf("a secret is shown: %s", said)
		}
	}
	return report, said, err
}

// mustRun is an undisturbed run.
func (s *site) mustRun(t *testing.T, sources ...string) {
	t.Helper()
	if _, said, err := s.run(t, load.DefaultPatience, sources...); err != nil {
		t.Fatalf("an undisturbed run fails: %s", said)
	}
}

// ask asks the engine itself.
func (s *site) ask(t *testing.T, statement string) [][]string {
	t.Helper()
	rows, err := s.query(statement)
	must(t, err)
	return rows
}

func (s *site) query(statement string) ([][]string, error) {
	address := s.engine.Address()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
		fmt.Sprintf("http://127.0.0.1:%d/?default_format=CSV&wait_end_of_query=1", address.Port), strings.NewReader(statement))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(address.WriterUser, address.WriterPassword)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", statement, body)
	}
	if err != nil {
		return nil, err
	}
	return csv.NewReader(bytes.NewReader(body)).ReadAll()
}

// kill ends a statement, if there is such a one.
func (s *site) kill(id string) {
	if _, err := s.query("KILL QUERY WHERE query_id = '" + id + "' SYNC"); err != nil {
		panic(err)
	}
}

// keep remembers what the warehouse holds now: every table's parts, under another name.
func (s *site) keep(t *testing.T) {
	t.Helper()
	s.ask(t, "CREATE DATABASE kept")
	for _, row := range s.ask(t, "SELECT database, name FROM system.tables WHERE database IN ('warehouse', 'etl', 'kpi_core') AND engine LIKE '%MergeTree'") {
		table, copied := row[0]+"."+row[1], "kept."+row[0]+"_"+row[1]
		s.ask(t, "CREATE TABLE "+copied+" AS "+table)
		s.ask(t, "ALTER TABLE "+copied+" ATTACH PARTITION ALL FROM "+table)
	}
}

// bringBack makes the warehouse what it was.
func (s *site) bringBack(t *testing.T) {
	t.Helper()
	const changed = `
		SELECT database, table
		FROM
		(
			SELECT database, table, concat(database, '_', table) AS copied, groupArraySorted(10000)(hash_of_all_files) AS content
			FROM system.parts
			WHERE active AND database IN ('warehouse', 'etl', 'kpi_core')
			GROUP BY database, table
		) AS now
		LEFT JOIN
		(
			SELECT table AS copied, groupArraySorted(10000)(hash_of_all_files) AS content
			FROM system.parts
			WHERE active AND database = 'kept'
			GROUP BY table
		) AS kept USING (copied)
		WHERE now.content != kept.content AND NOT startsWith(table, 'stage_')`
	for _, row := range s.ask(t, changed) {
		s.ask(t, "TRUNCATE TABLE "+row[0]+"."+row[1])
		s.ask(t, "ALTER TABLE "+row[0]+"."+row[1]+" ATTACH PARTITION ALL FROM kept."+row[0]+"_"+row[1])
	}
	for _, row := range s.ask(t, "SELECT name FROM system.tables WHERE database = 'etl' AND startsWith(name, 'stage_')") {
		s.ask(t, "DROP TABLE etl."+row[0]+" SYNC")
	}
}

// state is what the warehouse holds, summed up.
type state struct {
	awards, redemptions string // facts, rejects, accounts and ledger of a source
	figures             string
}

func (s *site) state(t *testing.T) state {
	t.Helper()
	of := func(source string) string {
		const loaded = "(source, unit) IN (SELECT source, unit FROM etl.units FINAL WHERE status = 'loaded')"
		var queries []string
		for table, without := range map[string]string{
			"warehouse." + source + " FINAL": "run_id",
			"etl.open_rejects":               "run_id, load_id, recorded_at",
			"etl.unit_entities FINAL":        "run_id, load_id, updated_at",
			"etl.redelivered FINAL":          "run_at",
		} {
			queries = append(queries, fmt.Sprintf("SELECT '%s', count(), sum(cityHash64(toString(tuple(* EXCEPT (%s))))) FROM %s WHERE source = '%s' AND %s", table, without, table, source, loaded))
		}
		queries = append(queries,
			fmt.Sprintf("SELECT 'etl.units', count(), sum(cityHash64(unit, version, rows_read)) FROM etl.units FINAL WHERE source = '%s' AND status = 'loaded'", source),
			// Nothing of a unit that the ledger does not have.
			fmt.Sprintf("SELECT 'half', count(), 0 FROM warehouse.%[1]s FINAL WHERE source = '%[1]s' AND NOT (%[2]s)", source, loaded))
		return fmt.Sprint(s.ask(t, "SELECT * FROM ("+strings.Join(queries, " UNION ALL ")+") ORDER BY 1"))
	}
	var figures []string
	for _, view := range []string{"metric_monthly", "financial_monthly", "member_monthly", "exceptions"} {
		figures = append(figures, fmt.Sprintf("SELECT '%[1]s', count(), sum(cityHash64(toString(tuple(*)))) FROM kpi.%[1]s", view))
	}
	return state{of(awardsSource), of(redemptionsSource), fmt.Sprint(s.ask(t, "SELECT * FROM ("+strings.Join(figures, " UNION ALL ")+") ORDER BY 1"))}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
