# Each target is self-sufficient on a fresh Debian/Ubuntu machine with Python ≥ 3.11 (venv) and make.
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO ?= 1
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.requirements
DEV_STAMP := .venv/.requirements-dev
export HOST PORT DEMO

.PHONY: run test test-fast test-all check compiled pages browser format bench carrier demo clean
run: $(STAMP) ## set up what is missing, build if a source changed, serve on one port
	@$(BIN)/python -m distrib_app run --host $(HOST) --port $(PORT)

test: check browser compiled pages ## everything but the exhaustive sweeps; browsers mostly wait, so three share two cores
	@$(BIN)/python -m pytest -n 3 -m "not sweep"

test-fast: $(DEV_STAMP) ## rules, states, pages, architecture: no services, no browser, no full data sets
	@$(BIN)/python -m pytest -n 2 -m "not sweep and not slow and not browser and not service"

test-all: check browser ## everything
	@$(BIN)/python -m pytest -n 2

check: $(DEV_STAMP) ## lint, format, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(DEV_STAMP) ## let the tools mend what they can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

demo: $(STAMP) ## fill an empty database with the demo network
	@$(BIN)/python -m distrib_app demo

carrier: $(STAMP) ## a simulated carrier beside a running demo (DEMO=1)
	@$(BIN)/python -m distrib_app simulate-carrier --platform http://$(HOST):$(PORT)

bench: $(DEV_STAMP) ## the headline figures
	@$(BIN)/python benchmarks/first_light.py --json
	@$(BIN)/python benchmarks/orders.py --json
	@$(BIN)/python benchmarks/orders_rest.py --json
	@$(BIN)/python benchmarks/routing.py --limit 20 --json
	@$(BIN)/python benchmarks/suggestions.py --json
	@$(BIN)/python benchmarks/inventory_sim.py --json
	@$(BIN)/python benchmarks/fulfilment_sim.py --json
	@$(BIN)/python benchmarks/race.py --json

compiled: $(DEV_STAMP) # tests start many processes, and some machines keep no compiled modules by themselves
	@$(BIN)/python -m compileall -q -j 2 distrib_app tests

pages: $(DEV_STAMP) # once and alone, instead of while tests wait for it
	@$(BIN)/python -m distrib_app build

browser: $(DEV_STAMP)
	@$(BIN)/python tests/browser/install.py

clean: ## remove everything that can be made again (not data/)
	@rm -rf .venv .web .states .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. Install it: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing requirements …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(STAMP)

$(DEV_STAMP): $(STAMP) requirements-dev.txt
	@echo "Installing test requirements …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(DEV_STAMP)
