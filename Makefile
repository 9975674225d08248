# `make` lists the targets. Everything here works from an empty machine with Go, npm and make: see README.md.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Built, tested and shipped without cgo: the engine's library is loaded through purego.
export CGO_ENABLED := 0

# The version that `partnerplus version` prints; set VERSION where there is no checkout.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null)
COMMITTED ?= $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null)
# How long one package's tests may take.
TIMEOUT ?= 9m
# At how many points make crash kills.
POINTS ?= 200
# How many days make operation simulates.
DAYS ?= 31
# How often it kills serve.
KILLS ?= 30
# How many histories make histories draws.
HISTORIES ?= 200
# How long each fuzz target runs.
FUZZTIME ?= 30s
# More arguments for go test: make test TESTFLAGS='-run Ledger -v'
TESTFLAGS ?=

TOOLS := -modfile=test/tools/go.mod
TOOLS_PINS := test/tools/go.mod test/tools/go.sum

# A server that PARTNERPLUS_TEST_DSN names is shared by all packages, so they take turns.
SERIAL := $(if $(PARTNERPLUS_TEST_DSN),-p 1)

# Where the warehouses of tests are kept: in memory, where 4 GiB are free; else, and where PARTNERPLUS_TEST_DIR is set, as
# test/warehousetest says.
MEMORY := $(if $(PARTNERPLUS_TEST_DIR),,$(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 >= 4194304 { print "/dev/shm/partnerplus$(subst /,-,$(CURDIR))" }'))
in_memory = $(if $(MEMORY),mkdir -p '$(MEMORY)'; trap 'rm -rf "$(MEMORY)"' EXIT; PARTNERPLUS_TEST_DIR='$(MEMORY)' )

# What npm ci leaves behind.
ENGINE := deploy/engine/node_modules/.package-lock.json
CLIENTS := test/clients/node_modules/.package-lock.json

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } /^[a-z][a-z-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Run

.PHONY: demo
demo: $(if $(PARTNERPLUS_DSN),,engine) build ## A sample company from its sources to its KPIs, in ./demo
	bin/partnerplus demo

.PHONY: build
build: | need-go ## Build bin/partnerplus
	go build -buildvcs=false -ldflags '-X main.release=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(COMMITTED)' -o bin/partnerplus ./cmd/partnerplus

# deploy/Containerfile has a target embedded too.
.PHONY: image
image: ## Build the container image partnerplus:devel with docker
	docker build -f deploy/Containerfile -t partnerplus:devel --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) .

.PHONY: secrets
secrets: ## Write the passwords of deploy/compose.yaml into deploy/secrets
	deploy/secrets.sh

.PHONY: engine
engine: $(if $(PARTNERPLUS_LIBCHDB),,$(ENGINE)) ## Install the embedded warehouse (550 MB), unless PARTNERPLUS_LIBCHDB names one
	@:

$(ENGINE): deploy/engine/package-lock.json deploy/engine/package.json deploy/engine/.npmrc | need-npm
	cd deploy/engine && npm ci
	@mkdir -p $(@D) && touch $@

##@ Test

.PHONY: test
test: engine clients bin/versitygw | need-go say-postgres say-chromium say-promtool ## All tests, on the embedded warehouse or the server of PARTNERPLUS_TEST_DSN
	$(in_memory)go test $(SERIAL) -timeout $(TIMEOUT) $(TESTFLAGS) ./...
	cd test/deploy && go test -timeout $(TIMEOUT) $(TESTFLAGS) ./...
	$(in_memory)go -C test/grafana test -timeout $(TIMEOUT) $(TESTFLAGS) ./...

.PHONY: clients
clients: $(CLIENTS) ## Install the clients that test/clients runs (10 MB)

$(CLIENTS): test/clients/package-lock.json test/clients/package.json test/clients/.npmrc | need-npm
	cd test/clients && npm ci
	@mkdir -p $(@D) && touch $@

# Packages whose tests need neither a warehouse nor a server.
FAST = $(shell go list -f '{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}}' ./... | \
	grep -v -e /test/warehousetest -e '/extract/s3 ' -e '/extract/postgres ' -e '/internal/engine ' -e ' .*/internal/engine' | cut -d ' ' -f 1)

.PHONY: test-fast
test-fast: | need-go ## The tests that need neither a warehouse nor a server
	go test -short -timeout $(TIMEOUT) $(TESTFLAGS) $(FAST)

.PHONY: test-docker
test-docker: | need-go ## The tests that touch the warehouse, on ClickHouse and MinIO in docker
	cd test/docker && go test -count=1 -timeout 60m -v $(TESTFLAGS) ./...

# A seed repeats it: make crash PARTNERPLUS_CRASH_SEED=17
.PHONY: crash
crash: engine bin/versitygw | need-go ## Kill runs and engines at POINTS points, and compare with an undisturbed run
	PARTNERPLUS_CRASH_POINTS=$(POINTS) go test -count=1 -timeout 60m -v -run '^TestCrash$$' ./test/crash

# Seeds repeat it: make operation PARTNERPLUS_OPERATION_SEED=17 PARTNERPLUS_KILLED_SEED=4
.PHONY: operation
operation: engine | need-go ## Simulate DAYS days of troubles, and kill serve KILLS times
	PARTNERPLUS_OPERATION_DAYS=$(DAYS) go test -count=1 -timeout 60m -v -run '^TestOperation$$' ./test/operation
	PARTNERPLUS_KILLED_KILLS=$(KILLS) go test -count=1 -timeout 60m -v -run '^TestServeKilled$$' ./cmd/partnerplus

# What it drew when it failed is in load/testdata/rapid, and tried first the next time.
.PHONY: histories
histories: engine | need-go ## Load and refresh HISTORIES random histories, and compare every figure with the model's
	PARTNERPLUS_TEST_HISTORIES=$(HISTORIES) go test -count=1 -timeout 60m -v -run '^TestHistories$$' ./load

# What test/deploy and test/grafana depend on takes the linter a minute.
.PHONY: lint
lint: bin/golangci-lint | need-go ## Check style, mistakes and which room imports which
	bin/golangci-lint run ./...
	go vet -tags noengine ./internal/engine ./cmd/partnerplus
	cd test/docker && go vet ./... && ../../bin/golangci-lint run ./...
	cd test/deploy && go vet ./...
	cd test/grafana && go vet ./...

.PHONY: fuzz
fuzz: | need-go ## Run each fuzz target for FUZZTIME
	@grep -rE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]*\(' . | \
	sed -E 's|^\./(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*|\1 \2|' | sort | while read -r folder target; do \
		echo "$$target in $$folder"; \
		go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$folder"; \
	done

# Sizes: QUICK=1 for a tenth, or BENCHFLAGS for one of them: make bench-load BENCHFLAGS='-rounds 5 -pprof profiles';
# BENCHFLAGS=-help lists all.
BENCHFLAGS ?=
measure = go run -buildvcs=false ./test/bench $(1) $(if $(QUICK),-quick) $(BENCHFLAGS)

.PHONY: bench
bench: bench-load bench-units bench-http ## Measure loads: test/bench/README.md (QUICK=1: a tenth of all)

.PHONY: bench-load
bench-load: engine bin/versitygw | need-go ## Measure the load of 5 million awards beside ClickHouse's own
	$(call measure,load)

.PHONY: bench-units
bench-units: engine bin/versitygw | need-go ## Measure the load of 10,000 small objects
	$(call measure,units)

.PHONY: bench-http
bench-http: engine bin/versitygw | need-go ## Measure the load of 1,000 pages of an API
	$(call measure,http)

.PHONY: bench-refresh
bench-refresh: engine | need-go ## Measure a night's load on a history and on one ten times as long
	$(call measure,refresh)

.PHONY: bench-go
bench-go: | need-go ## Measure reading and standardising alone
	go test -run '^$$' -bench . -benchmem ./transform/... ./extract/format/...

##@ Release

RELEASE := -modfile=test/release/go.mod

bin/goreleaser bin/cyclonedx-gomod: test/release/go.mod test/release/go.sum | need-go
	go build $(RELEASE) -o bin/goreleaser github.com/goreleaser/goreleaser/v2
	go build $(RELEASE) -o bin/cyclonedx-gomod github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

.PHONY: release-check
release-check: bin/goreleaser ## Check .goreleaser.yaml
	bin/goreleaser check

.PHONY: snapshot
snapshot: bin/goreleaser bin/cyclonedx-gomod ## Build a release into dist, and publish nothing
	PATH="$(CURDIR)/bin:$$PATH" bin/goreleaser release --snapshot --clean

##@ Keep

.PHONY: generate
generate: | need-go ## Write generated files anew, such as the config's JSON Schema
	go generate ./...

.PHONY: dashboard-images
dashboard-images: engine | need-go ## Draw the README's dashboards from the sample company, with Chromium
	cd test/grafana && go run -buildvcs=false ./images

.PHONY: clean
clean: ## Remove what make built and installed, and the demo
	rm -rf bin build demo dist deploy/engine/node_modules test/clients/node_modules

bin/versitygw: $(TOOLS_PINS) | need-go
	go build $(TOOLS) -o $@ github.com/versity/versitygw/cmd/versitygw

bin/golangci-lint: $(TOOLS_PINS) | need-go
	go build $(TOOLS) -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# go list -m fails where go is older than go.mod asks for and may not fetch a newer one itself.
.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "make: Go is not installed. This project needs Go $(GO_NEEDED) or newer: https://go.dev/doc/install" >&2; exit 1; }
	@go list -m >/dev/null || { echo "make: this project needs Go $(GO_NEEDED) or newer, and this is $$(cd / && go version | cut -d ' ' -f 3): https://go.dev/doc/install" >&2; exit 1; }

GO_NEEDED = $(shell awk '$$1 == "go" { print $$2 }' go.mod)

# go test is silent about tests that it leaves out.
.PHONY: say-postgres
say-postgres:
	@command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || printf '%s\n' \
		"make: PostgreSQL is not installed: the tests of extract/postgres on a real server are left out." \
		"  Debian, Ubuntu:  apt-get install postgresql" >&2

.PHONY: say-chromium
say-chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || printf '%s\n' \
		"make: Chromium is not installed: the tests of pages in a real browser are left out." \
		"  Debian, Ubuntu:  apt-get install chromium" >&2

.PHONY: say-promtool
say-promtool:
	@command -v promtool >/dev/null || printf '%s\n' \
		"make: promtool is not installed: metrics and alerts are not held to it." \
		"  Debian, Ubuntu:  apt-get install prometheus" >&2

.PHONY: need-npm
need-npm:
	@command -v npm >/dev/null || { printf '%s\n' \
		"make: npm is not installed. It installs the embedded warehouse, and the clients of test/clients, once." \
		"  Debian, Ubuntu:  apt-get install npm" \
		"  others:          https://nodejs.org/en/download" \
		"  or without npm:  point PARTNERPLUS_LIBCHDB at a libchdb.so, or use a ClickHouse server (deploy/README.md)" >&2; exit 1; }
