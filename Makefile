# Everything a developer runs. `make demo` and `make test` need Python 3.11 and make, nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
# "pip", or "uv" for those who have it: make INSTALLER=uv demo
INSTALLER ?= pip
DEMO   ?= runs/demo
# Wikidata's tables that `make index-u` reads: see kgbuild/link/kb/tables.py
TABLES ?= ../shared/data/wikidata
BIN    := $(VENV)/bin
KGBUILD := $(BIN)/kgbuild

ifeq ($(INSTALLER),uv)
INSTALL := uv pip install --python $(BIN)/python
else
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.DEFAULT_GOAL := help
.PHONY: help install develop demo test lint format types layers check index-u bench clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' \
	  | awk -F'|' '{ printf "  %-10s %s\n", $$1, $$2 }'

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "installing into $(VENV) (torch is large; this takes some minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) -c constraints.txt -e .
	@touch $@

$(VENV)/developed: $(VENV)/installed
	@echo "installing the development tools into $(VENV)"
	@$(INSTALL) -c constraints.txt -e ".[dev]"
	@touch $@

install: $(VENV)/installed ## Create .venv and install kgbuild

develop: $(VENV)/developed ## The same, with the tools for tests and checks

demo: $(VENV)/installed ## Build a graph from sample_corpus, ask it three questions, export it
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	$(KGBUILD) build sample_corpus --store $(DEMO)/store
	@for question in sample_corpus/_queries/demo-*.rq; do \
	  echo; sed -n 's/^# *//p' $$question; \
	  $(KGBUILD) query --file $$question --store $(DEMO)/store || exit 1; \
	done
	@echo
	$(KGBUILD) export $(DEMO)/graph.ttl --store $(DEMO)/store

test: $(VENV)/developed ## Run the tests
	$(BIN)/python -m pytest

lint: $(VENV)/developed ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/developed ## Put style and format right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/developed ## Check types
	$(BIN)/mypy

layers: $(VENV)/developed ## Check who may import whom
	$(BIN)/lint-imports

check: lint types layers test ## All of the above

index-u: $(VENV)/installed ## Build index U, all items of TABLES, on which linking is measured
	$(BIN)/python -m kgbuild.link.kb.tables $(TABLES) --out runs/index-u --source U

# these train, from a backbone and data that their arguments name
TRAINING := benchmarks/ablations.py benchmarks/few_shot.py

bench: $(VENV)/developed ## Run the benchmarks that need no training
	@for benchmark in $(filter-out $(TRAINING),$(wildcard benchmarks/*.py)); do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

clean: ## Remove .venv, caches and the demo's output
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
