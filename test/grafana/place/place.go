// Package place is a warehouse as Grafana finds it: an embedded engine with the users of deploy/clickhouse/users.d, filled by the
// pipeline, and the provisioned data source that logs in there as its own user.
package place

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/grafana/dashboard"
	"github.com/partnerplus/warehouse/test/grafana/source"
)

// Place is a filled warehouse with a data source.
type Place struct {
	Source    *source.Source
	Warehouse *load.Warehouse
	Pipeline  *pipeline.Pipeline
	// Datasource is how dashboards name the source.
	Datasource dashboard.Datasource

	engine *engine.Engine
}

// Open starts an engine in the folder dir, runs the config's pipeline once, and connects the data source. deploy is the folder
// of that name.
func Open(ctx context.Context, dir, deploy, configFile string) (p *Place, err error) {
	p = new(Place)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	provisioned, err := source.Read(filepath.Join(deploy, "grafana", "provisioning", "datasources", "kpi.yaml"))
	if err != nil {
		return p, err
	}
	p.Datasource = dashboard.Datasource{Type: provisioned.Type, UID: provisioned.UID}
	password, err := users(ctx, dir, deploy, provisioned.User())
	if err != nil {
		return p, err
	}
	if p.engine, err = engine.Open(ctx, engine.Options{Dir: dir}); err != nil {
		return p, err
	}
	if err := p.fill(ctx, configFile); err != nil {
		return p, err
	}
	address := p.engine.Address()
	if provisioned.User() == address.ReaderUser {
		password = address.ReaderPassword
	}
	p.Source, err = provisioned.Open(ctx, address.Host, address.Port, password)
	return p, err
}

// users has the users of the folder deploy for the engine, with passwords of its secrets.sh, and gives that of one of them. The
// engine has passwords of its own for those that it knows.
func users(ctx context.Context, dir, deploy, user string) (password string, err error) {
	folder, secrets := filepath.Join(dir, "users.d"), filepath.Join(dir, "secrets")
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(deploy, "clickhouse", "users.d"))); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, filepath.Join(deploy, "secrets.sh"), secrets).CombinedOutput(); err != nil {
		return "", fmt.Errorf("secrets.sh: %w\n%s", err, out)
	}
	const passwords = "partnerplus-passwords.xml"
	content, err := os.ReadFile(filepath.Join(secrets, passwords))
	if err != nil {
		return "", err
	}
	var kept []byte
	for line := range bytes.Lines(content) {
		if !bytes.Contains(line, []byte("<partnerplus>")) && !bytes.Contains(line, []byte("<reader>")) {
			kept = append(kept, line...)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, passwords), kept, 0o600); err != nil {
		return "", err
	}
	secret, err := os.ReadFile(filepath.Join(secrets, "clickhouse-"+user))
	return string(bytes.TrimSpace(secret)), err
}

// fill does what a nightly job does.
func (p *Place) fill(ctx context.Context, configFile string) error {
	c, err := config.Load(configFile)
	if err != nil {
		return err
	}
	if p.Warehouse, err = load.Open(p.engine.DSN(), load.PublishAtOnce()); err != nil {
		return err
	}
	if _, err := p.Warehouse.Migrate(ctx, load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency}); err != nil {
		return err
	}
	p.Pipeline = &pipeline.Pipeline{Config: c, Warehouse: p.Warehouse, Log: zap.NewNop()}
	_, err = p.Pipeline.Run(ctx, pipeline.Request{Job: "nightly"})
	return err
}

// Close ends all of it.
func (p *Place) Close() error {
	var all []error
	if p.Source != nil {
		p.Source.Close()
	}
	if p.Warehouse != nil {
		all = append(all, p.Warehouse.Close())
	}
	if p.engine != nil {
		all = append(all, p.engine.Close())
	}
	return errors.Join(all...)
}
