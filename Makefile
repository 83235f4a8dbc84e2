# Everything a person or a CI machine does here. Needs make and Python 3.11 or newer; all else goes into .venv.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
SAMPLE := cd sample_assets && ../$(BIN)/assetflow
JOBS ?= 2
# Branch coverage in percent, below which `make check` fails. It only rises.
COVERAGE_FLOOR := 95

# The tests are run again by `make check` only when one of these is newer than their last success.
TESTED := $(shell find assetflow tests sample_assets benchmarks docs pyproject.toml Makefile *.md \
	-type f -not -path '*/.*' -not -name '*.pyc' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports architecture coverage format torture bench bench-peers clean
.NOTPARALLEL:

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \2/p' $(MAKEFILE_LIST) | awk '{ printf "  %s %-12s", $$1, $$2; $$1 = $$2 = ""; print }'

demo: $(VENV)/.sample ## install, materialize the sample in sample_assets/, show what came out
	$(SAMPLE) materialize
	$(SAMPLE) sql "select * from monthly_revenue order by month"
	$(SAMPLE) sql "select count(*) as months, min_by(revenue, month) as january_1997, round(sum(revenue), 2) as total from monthly_revenue"
	@echo "Look further: cd sample_assets && ../$(BIN)/assetflow --help"

test: $(VENV)/.dev ## run all tests (the long loops only five times round)
	@rm -f .tests-passed
	@$(BIN)/python -m compileall -q assetflow # the processes that tests start compile nothing
	$(PYTEST) -n $(JOBS) --dist worksteal --durations=25 --cov --cov-report=
	@touch .tests-passed

check: lint types imports architecture coverage ## lint, types, imports, architecture, coverage (runs the tests if they did not just pass)

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

architecture: $(VENV)/.dev
	$(PYTEST) -q tests/architecture

coverage: .tests-passed
	$(BIN)/coverage report --skip-covered --skip-empty --fail-under=$(COVERAGE_FLOOR)

.tests-passed: $(TESTED)
	$(MAKE) test

format: $(VENV)/.dev ## format the code, mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

torture: $(VENV)/.dev ## kills and races in long loops
	$(PYTEST) -n $(JOBS) -m torture --torture --timeout=0

bench: $(VENV)/.dev ## measure, beside a plain script, into docs/benchmarks.md (SCRATCH=folder keeps the data made for it)
	$(BIN)/python -m benchmarks $(if $(SCRATCH),--scratch $(SCRATCH)) $(BENCH)

bench-peers: $(VENV)/.dev ## measure other tools on the same work, each in a virtual environment of its own
	$(BIN)/python -m benchmarks --peers $(if $(SCRATCH),--scratch $(SCRATCH)) $(BENCH)

clean: ## remove what make made
	rm -rf $(VENV) .coverage* .tests-passed .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache

# A stamp is older than pyproject.toml when the dependencies may have changed. pip reads groups since 25.1.
$(VENV)/.sample: pyproject.toml | $(BIN)/python
	@echo "Installing assetflow and its extras for the sample into $(VENV) ..."
	@$(PIP) install --editable '.[sample]'
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.sample | $(BIN)/python
	@echo "Installing the tools for tests and checks into $(VENV) ..."
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --group dev
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "assetflow needs Python 3.11 or newer; found none (make PYTHON=/path/to/python)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
