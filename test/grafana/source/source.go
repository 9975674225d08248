package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/sqlds/v5"
	"go.yaml.in/yaml/v3"
)

// Provisioned is a data source as its file of provisioning says.
type Provisioned struct {
	Name, UID, Type string
	// Options are the file's jsonData, as the plugin gets them.
	Options map[string]any
}

// Read reads a file of provisioning with one data source.
func Read(path string) (Provisioned, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Provisioned{}, err
	}
	var file struct {
		Datasources []struct {
			Name, UID, Type string
			JSONData        map[string]any `yaml:"jsonData"`
		}
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return Provisioned{}, fmt.Errorf("%s: %w", path, err)
	}
	if len(file.Datasources) != 1 {
		return Provisioned{}, fmt.Errorf("%s: %d data sources, want one", path, len(file.Datasources))
	}
	s := file.Datasources[0]
	return Provisioned{Name: s.Name, UID: s.UID, Type: s.Type, Options: s.JSONData}, nil
}

// User is who the data source logs in as.
func (p Provisioned) User() string {
	user, _ := p.Options["username"].(string)
	return user
}

// Source answers queries. It is safe for concurrent use.
type Source struct {
	sql      *sqlds.SQLDatasource
	settings backend.DataSourceInstanceSettings
}

// Open connects as the file says, but to another address: the file names the one inside of Compose.
func (p Provisioned) Open(ctx context.Context, host string, port int, password string) (*Source, error) {
	options := map[string]any{}
	for name, value := range p.Options {
		options[name] = value
	}
	options["host"], options["port"] = host, port
	raw, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	settings := backend.DataSourceInstanceSettings{
		Name: p.Name, UID: p.UID, Type: p.Type, JSONData: raw, DecryptedSecureJSONData: map[string]string{"password": password},
	}
	s := sqlds.NewDatasource(driver{})
	s.Interpolator = func(_ context.Context, query *sqlds.Query, _ json.RawMessage) (string, error) {
		return Expand(query.RawSQL, query.TimeRange, query.Interval)
	}
	if _, err := s.NewDatasource(ctx, settings); err != nil {
		return nil, fmt.Errorf("the data source %s: %w", p.UID, err)
	}
	return &Source{sql: s, settings: settings}, nil
}

// Close ends the connections.
func (s *Source) Close() { s.sql.Dispose() }

// Health is what the button Save & test does.
func (s *Source) Health(ctx context.Context) error {
	result, err := s.sql.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: s.context()})
	if err != nil {
		return err
	}
	if result.Status != backend.HealthStatusOk {
		return errors.New(result.Message)
	}
	return nil
}

// Query is one query of a panel, a variable or an alert rule.
type Query struct {
	// Model is the query's JSON, its variables replaced.
	Model         json.RawMessage
	Range         backend.TimeRange
	Interval      time.Duration
	MaxDataPoints int64
}

// Ask answers one query. No rows for a time series are no frames and no error, as panels show "No data" then.
func (s *Source) Ask(ctx context.Context, q Query) (data.Frames, error) {
	const ref = "A"
	answer, err := s.sql.QueryData(ctx, &backend.QueryDataRequest{
		PluginContext: s.context(),
		Queries:       []backend.DataQuery{{RefID: ref, JSON: q.Model, TimeRange: q.Range, Interval: q.Interval, MaxDataPoints: q.MaxDataPoints}},
	})
	if err != nil {
		return nil, err
	}
	response := answer.Responses[ref]
	if response.Error != nil {
		return nil, response.Error
	}
	// Frames reach a browser as JSON: what does not survive that is no answer.
	raw, err := json.Marshal(response)
	if err != nil {
		return nil, fmt.Errorf("the answer cannot be sent to a browser: %w", err)
	}
	response = backend.DataResponse{}
	if err := json.Unmarshal(raw, &response); err != nil {
		return nil, fmt.Errorf("the answer cannot be read by a browser: %w", err)
	}
	return response.Frames, nil
}

// Statement is the SQL that a frame came from, all macros expanded.
func Statement(f *data.Frame) string {
	if f.Meta == nil {
		return ""
	}
	return strings.TrimSpace(f.Meta.ExecutedQueryString)
}

func (s *Source) context() backend.PluginContext {
	return backend.PluginContext{OrgID: 1, PluginID: s.settings.Type, DataSourceInstanceSettings: &s.settings}
}
