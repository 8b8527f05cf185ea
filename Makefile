# Sayso's commands. `make run` serves it with demo data, `make test` tests it; both set up what they need first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
NPM := $(shell command -v npm)
# Serving needs little from npm; the tests need auditors, which are large.
SERVED_MODULES := $(if $(NPM),node_modules/.sayso-served)
NODE_MODULES := $(if $(NPM),node_modules/.sayso-installed)
NPM_FAILED = echo "npm could not install: GraphiQL will come from a CDN, and tests that need npm's files are skipped" >&2; \
	[ -z "$${CI:-}" ]
# Generators of clients need other versions than Sayso has, so they have a folder of their own.
GENERATORS := $(VENV)/.generators
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# Each process starts with a run of whole files; one that is done takes tests over from another. One process more than
# there are cores, because tests wait for servers and databases.
PARALLEL := --numprocesses $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist worksteal
# Attacks measure how long others wait, so nothing else runs beside them. ARGS chooses from all tests.
TESTS = $(if $(ARGS),$(BIN)/pytest $(PARALLEL) $(ARGS),$(BIN)/pytest $(PARALLEL) --ignore=tests/attacks && $(BIN)/pytest tests/attacks)
# Sayso and its tests start hundreds of processes: each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
# Tests kill processes, never the machine: their SQLite files need no disk.
ROOMY_SHM := $(shell [ "$$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 {print $$4}')" -gt 4000 ] 2>/dev/null && echo /dev/shm)
ifneq ($(ROOMY_SHM),)
test check: export PYTEST_DEBUG_TEMPROOT ?= $(ROOMY_SHM)
endif
# Most modules that are installed are never imported; the others are compiled when they are.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile
# pip and npm install at the same time.
MAKEFLAGS += --jobs=2
LOCKING := --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help run test check types compiled bench screenshots install lock format

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: export SAYSO_PUBLIC_URL ?= http://127.0.0.1:$(PORT)
run: $(VENV)/.run $(SERVED_MODULES)  ## serve on http://127.0.0.1:8000 (PORT=…) with demo data
	@$(BIN)/sayso migrate
	@$(BIN)/sayso demo --once
	@exec $(BIN)/sayso serve --port $(PORT)

test: $(VENV)/.dev $(GENERATORS) $(NODE_MODULES)  ## every test this machine can run (ARGS=… goes to pytest)
	$(TESTS)

check: types compiled $(NODE_MODULES)  ## lint, types, architecture and tests
	$(TESTS)

types: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Beside the types, on one core: the processes that run the tests would each compile them, all at the same time.
compiled: $(VENV)/.dev $(GENERATORS)
	@$(BIN)/pytest --collect-only -qqq >/dev/null || true

bench: $(VENV)/.dev  ## the benchmarks' ratios on PostgreSQL (SAYSO_TEST_POSTGRES names it; ARGS=--help)
	$(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(VENV)/.dev  ## the pictures in docs/, by Chromium (ARGS=--help)
	$(BIN)/python -m tests.browser.screenshots $(ARGS) >/dev/null

install: $(VENV)/.dev $(GENERATORS) $(NODE_MODULES)  ## set up only

format: $(VENV)/.dev  ## format, and fix what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev  ## update the locks to the newest versions: hashes, no index addresses
	$(BIN)/pip-compile $(LOCKING) --upgrade --build-deps-for editable -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) --upgrade --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	echo ariadne-codegen | $(BIN)/pip-compile $(LOCKING) --upgrade -o requirements-generators.lock -
	npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sayso needs Python 3.11 or newer (PYTHON=… names one)")'
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements.lock
	$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.generators: requirements-generators.lock | $(BIN)/python
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --no-deps --upgrade --target $(VENV)/generators -r requirements-generators.lock && touch $@ || \
		{ echo "pip could not install generators of clients: their tests are skipped" >&2; [ -z "$${CI:-}" ]; }

node_modules/.sayso-served: package.json package-lock.json
	@$(NPM_CI) --omit=dev && touch $@ || { $(NPM_FAILED); }

node_modules/.sayso-installed: package.json package-lock.json
	@$(NPM_CI) && touch node_modules/.sayso-served $@ || { $(NPM_FAILED); }
