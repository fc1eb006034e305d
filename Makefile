# One binary without cgo; the same flags everywhere, so that nothing is compiled twice.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath -buildvcs=false

GOLANGCI_VERSION := v2.15.0
TOOLS := bin/tools
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)

.PHONY: build demo test lint fmt generate golden bench help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)

build: ## build the static binary bin/metsuke
	go build -ldflags '-s -w -X main.release=$(VERSION)' -o bin/metsuke ./cmd/metsuke

demo: build ## scan the simulated estate: no network, no credentials
	bin/metsuke demo --max-findings 30

test: ## every test: Go, Rego and command-line scripts; no network, no credentials; PostgreSQL where it is installed
	go vet ./...
	go test ./...

lint: $(GOLANGCI) ## style, import rules and formatting
	$(GOLANGCI) run ./...

$(GOLANGCI):
	GOBIN=$(abspath $(TOOLS)) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

fmt: $(GOLANGCI) ## format the Go code
	$(GOLANGCI) fmt ./...

generate: ## rewrite what is generated from policies and schemas
	go test ./policies -run "TestTheIndex|TestThePlans" -update
	go test ./internal/refdocs ./examples -update

golden: ## rewrite the golden files after a wanted change
	go test ./report ./cmd/metsuke -update

bench: ## the benchmarks of BENCHMARKS.md
	go test -run '^$$' -bench . -benchmem ./internal/benchmarks ./internal/engine ./providers/terraform ./report

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
