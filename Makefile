# The commands of README.md. `make` alone lists them.

STACK ?= local
LOCAL := $(CURDIR)/.local

# What a recipe line begins with to run in the stack's environment.
export CRR_STACK := $(STACK)
IN_STACK := . tools/env.sh &&

.DEFAULT_GOAL := help
.PHONY: help up down preview test test-fast test-harsh race interrupts bench smoke check prose build clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build ## Deploy the stack: the local AWS, or AWS with STACK=dev
	@$(IN_STACK) tools/stack.sh renew
	@$(IN_STACK) tools/stack.sh prepare
	@$(IN_STACK) exec tools/stack.sh up
	@$(IN_STACK) tools/stack.sh deployed

down: build ## Destroy the stack, and stop the local AWS
	@$(IN_STACK) tools/stack.sh prepare
	@$(IN_STACK) tools/stack.sh check
	@$(IN_STACK) exec tools/stack.sh destroy
	@$(IN_STACK) tools/stack.sh destroyed
	@$(IN_STACK) tools/stack.sh stop

preview: build ## Show what `make up` would change
	@$(IN_STACK) tools/stack.sh prepare
	@$(IN_STACK) exec tools/stack.sh preview

build: ## Build what is missing: engine, AWS plugin, program, command line
	@go -C tools run ./install --local "$(LOCAL)" --stack "$(STACK)"

test: build ## Run every test, end to end included
	@go vet ./...
	@CRR_E2E=1 go test -count=1 -timeout 75m -parallel 6 ./... # they mostly wait
	@go -C tools test -count=1 ./...
	@CRR_E2E=1 go -C test/minio test -count=1 ./...
	@$(MAKE) --no-print-directory race

test-fast: ## Run the tests that need nothing but Go
	@go test ./... && echo "Left out: the tests of the engine, the provider and the local AWS together. make test runs them."

HARSH ?= .
test-harsh: build ## Run the end-to-end tests where AWS is at its worst: HARSH=TestVerify some of them
	@CRR_E2E=1 CRR_HARSH=1 go test -count=1 -timeout 120m -parallel 6 -run '$(HARSH)' ./test/e2e

race: ## Look for data races in the local AWS, under load and faults (needs a C compiler)
	@if [ "$$(go env CGO_ENABLED)" = 1 ] && command -v "$$(go env CC)" >/dev/null; \
	then CRR_E2E=1 go test -race -count=1 -timeout 30m -run LosesNothing ./internal/localaws; \
	else echo "Left out: the race detector needs a C compiler, and there is none (apt-get install gcc libc6-dev)."; fi

N ?= 100
interrupts: build ## Interrupt make N=100 times at random moments, and expect the next command to converge
	@CRR_E2E=1 CRR_INTERRUPTS=$(N) go test ./test/e2e -count=1 -v -timeout 6h -run 'TestMake_ConvergesAfterInterruptions$$'

bench: build ## Measure deployments, verifications, comparisons, and replication in the local AWS
	@go run ./bench
	@go run ./bench/compare
	@CRR_E2E=1 go test -run '^$$' -bench Replication -benchtime 1x ./internal/localaws

smoke: $(if $(filter local,$(STACK)),build) ## Ask AWS what it does not document: STACK=dev, 20 minutes, a few cents
	@go build -o "$(LOCAL)/bin/crr-smoke" ./test/smoke
	@$(IN_STACK) exec crr-smoke --config "Pulumi.$(STACK).yaml" $(SMOKE_ARGS)

check: prose ## Format, vet, lint, and check the prose
	@go -C tools/golangci-lint build -o "$(LOCAL)/bin/golangci-lint" github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@go list -m -mod=mod all >/dev/null # as the engine does at each deployment: go.sum has what that adds
	@"$(LOCAL)/bin/golangci-lint" fmt
	@go vet ./... && go -C tools vet ./... && go -C test/minio vet ./...
	@"$(LOCAL)/bin/golangci-lint" run ./...

prose: ## Check the words of comments and pages (needs a C compiler)
	@if [ "$$(go env CGO_ENABLED)" = 1 ] && command -v "$$(go env CC)" >/dev/null; \
	then go -C tools/vale build -o "$(LOCAL)/bin/vale" github.com/vale-cli/vale/v3/cmd/vale && git ls-files -z '*.md' '*.go' | xargs -0 "$(LOCAL)/bin/vale" --output=line; \
	else echo "Skipped: vale needs a C compiler, and none was found (apt-get install gcc libc6-dev)."; fi

clean: ## Stop the local AWS and remove everything that was built
	@test ! -x "$(LOCAL)/bin/crr" || "$(LOCAL)/bin/crr" local stop --dir "$(LOCAL)"
	@CRR_LOCAL="$(LOCAL)" tools/stack.sh tidy
	@rm -rf "$(LOCAL)"
