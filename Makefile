# What people run is what CI runs. `make demo` and `make test` need Python 3.11 to 3.13, make and the package registries.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PLANNER_REAL_DATA ?= $(CURDIR)/../shared/data
export PLANNER_REAL_DATA
# numba keeps its compiled kernels with the environment they were compiled for
export NUMBA_CACHE_DIR := $(CURDIR)/$(VENV)/numba
export PYTHONWARNINGS ?=
# some machines forbid it for all: every command would then compile its libraries anew, three seconds each time
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo real test scripts lint types imports format lock bench soak assets clean

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 13); sys.exit(None if ok else "This product needs Python 3.11 to 3.13; found " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 demo")'
	@echo "Installing from requirements.lock into $(VENV) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@# uv comes from the lock itself, checked by its hash, and installs the rest ten times as fast as pip
	@awk '/^uv==/{p=1} p{print} p&&!/\\$$/{exit}' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-}}"; if [ -z "$$UV_DEFAULT_INDEX" ]; then UV_DEFAULT_INDEX="$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)"; fi; \
	  if [ -n "$$UV_DEFAULT_INDEX" ]; then export UV_DEFAULT_INDEX; else unset UV_DEFAULT_INDEX; fi; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  || { echo "uv could not install; trying pip, which is slower"; $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline -e .
	@# uv leaves libraries uncompiled; what a run imports is compiled here, once
	@$(BIN)/python -c 'import planner.pipeline, planner.maps.figures, api.main'
	@touch $@

install: $(STAMP) ## make .venv from the lock

demo: $(STAMP) ## the shipped province: prints the path of the map and the command that serves it
	@$(BIN)/planner demo

real: $(STAMP) ## the real files of PLANNER_REAL_DATA (default ../shared/data)
	@$(BIN)/planner run tests/real/plan.toml

test: $(STAMP) scripts lint types imports ## lint, types, import rules, tests, notebooks
	$(BIN)/python -m pytest -q -n 2 --dist loadfile
	$(BIN)/python -m pytest -q --nbmake --nbmake-timeout=120 -p no:randomly notebooks

scripts: ## what checks the types and the style of the maps' scripts, from npm, where Node is; tests use it
	@if ! command -v npm >/dev/null; then echo "Node and npm are not here: the maps' scripts are not checked"; \
	elif ! cmp -s tools/scripts/package-lock.json tools/scripts/node_modules/.installed; then \
	  npm ci --prefix tools/scripts --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=5 >/dev/null \
	  && cp tools/scripts/package-lock.json tools/scripts/node_modules/.installed \
	  || echo "npm could not install: the maps' scripts are not checked"; fi

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive api planner layers

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

format: $(STAMP) ## put every file into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(STAMP) ## compile requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --all-extras --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock

bench: $(STAMP) ## the product beside its peers: benchmarks/RESULTS.md and results.json
	$(BIN)/python benchmarks/run.py

soak: $(STAMP) ## what is too long for every change: fuzzing, load, calibration, QGIS (Debian package python3-qgis)
	PLANNER_FUZZ_EXAMPLES=$${PLANNER_FUZZ_EXAMPLES:-300} $(BIN)/python -m pytest -q -m soak -p no:randomly --timeout 3600

assets: $(STAMP) ## fetch the maps' web assets anew from npm, each checked by its sha512
	$(BIN)/python tools/make_assets.py

clean: ## remove the environment and what was computed
	rm -rf $(VENV) workspace .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
