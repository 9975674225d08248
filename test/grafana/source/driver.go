package source

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"
	"github.com/grafana/sqlds/v5"
)

// driver is the plugin's part of the connection. Its deadline of a query becomes the setting max_execution_time, five seconds
// longer: clickhouse-go does that, for the plugin too.
type driver struct{}

var (
	_ sqlds.Driver          = driver{}
	_ sqlds.QueryMutator    = driver{}
	_ sqlds.ResponseMutator = driver{}
)

// options are the jsonData that the plugin reads and that our file sets. Others are an error, lest the test connects in
// another way than Grafana does.
type options struct {
	Host            string `json:"host"`
	Port            int    `json:"port"`
	Protocol        string `json:"protocol"`
	Username        string `json:"username"`
	DefaultDatabase string `json:"defaultDatabase"`
	DialTimeout     string `json:"dialTimeout"`
	QueryTimeout    string `json:"queryTimeout"`
}

func read(config backend.DataSourceInstanceSettings) (o options, dial, query time.Duration, err error) {
	given := map[string]json.RawMessage{}
	if err := json.Unmarshal(config.JSONData, &given); err != nil {
		return o, 0, 0, err
	}
	for name := range given {
		switch name {
		case "host", "port", "protocol", "username", "defaultDatabase", "dialTimeout", "queryTimeout":
		default:
			return o, 0, 0, fmt.Errorf("jsonData.%s: the plugin may know it, this package does not", name)
		}
	}
	if err := json.Unmarshal(config.JSONData, &o); err != nil {
		return o, 0, 0, fmt.Errorf("jsonData: %w", err)
	}
	if o.Protocol != "http" {
		return o, 0, 0, fmt.Errorf("jsonData.protocol is %q: the embedded engine speaks http only", o.Protocol)
	}
	for text, duration := range map[*string]*time.Duration{&o.DialTimeout: &dial, &o.QueryTimeout: &query} {
		seconds, err := strconv.Atoi(*text)
		if err != nil {
			return o, 0, 0, fmt.Errorf("jsonData: a timeout is %q: the plugin wants whole seconds, quoted", *text)
		}
		*duration = time.Duration(seconds) * time.Second
	}
	return o, dial, query, nil
}

// Connect opens the data source's pool.
func (driver) Connect(ctx context.Context, config backend.DataSourceInstanceSettings, _ json.RawMessage) (*sql.DB, error) {
	o, dial, query, err := read(config)
	if err != nil {
		return nil, err
	}
	db := clickhouse.OpenDB(&clickhouse.Options{
		Addr:        []string{net.JoinHostPort(o.Host, strconv.Itoa(o.Port))},
		Auth:        clickhouse.Auth{Database: o.DefaultDatabase, Username: o.Username, Password: config.DecryptedSecureJSONData["password"]},
		ClientInfo:  clickhouse.ClientInfo{Products: []struct{ Name, Version string }{{"grafana", "13.2.3"}, {"clickhouse-datasource", "4.20.0"}}},
		Compression: &clickhouse.Compression{Method: clickhouse.CompressionGZIP},
		DialTimeout: dial,
		ReadTimeout: query,
		Protocol:    clickhouse.HTTP,
		Settings:    clickhouse.Settings{},
	})
	ctx, cancel := context.WithTimeout(ctx, dial)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// Settings say how long a query may take, and what a gap in a wide frame is.
func (driver) Settings(_ context.Context, config backend.DataSourceInstanceSettings) sqlds.DriverSettings {
	_, _, timeout, err := read(config)
	if err != nil {
		timeout = time.Minute
	}
	return sqlds.DriverSettings{Timeout: timeout, FillMode: &data.FillMissing{Mode: data.FillModeNull}}
}

// Macros are none: Expand takes the place of sqlds' own.
func (driver) Macros() sqlds.Macros { return nil }

// Converters make fields of columns.
func (driver) Converters() []sqlutil.Converter { return converters }

// MutateQuery tells clickhouse-go the browser's time zone, for times that have none.
func (driver) MutateQuery(ctx context.Context, q backend.DataQuery) (context.Context, backend.DataQuery) {
	var model struct {
		Meta struct {
			Timezone string `json:"timezone"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(q.JSON, &model); err != nil || model.Meta.Timezone == "" {
		return ctx, q
	}
	location, err := time.LoadLocation(model.Meta.Timezone)
	if err != nil {
		location = nil // so it is in the plugin: Grafana's "utc" is no name of a zone
	}
	return clickhouse.Context(ctx, clickhouse.WithUserLocation(location)), q
}

// MutateResponse makes strings of JSON where a panel is no table: a time series has no use for arrays.
func (driver) MutateResponse(_ context.Context, frames data.Frames) (data.Frames, error) {
	for _, frame := range frames {
		if frame.Meta != nil && frame.Meta.PreferredVisualization == data.VisTypeTable {
			continue
		}
		for i, field := range frame.Fields {
			if field.Type() != data.FieldTypeJSON {
				continue
			}
			text := make([]*string, field.Len())
			for row := range text {
				if raw, ok := field.At(row).(json.RawMessage); ok && raw != nil {
					written := string(raw)
					text[row] = &written
				}
			}
			frame.Fields[i] = data.NewField(field.Name, field.Labels, text)
		}
	}
	return frames, nil
}
