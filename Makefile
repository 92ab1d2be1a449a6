# Everything runs from .venv; `make install` is done by itself where it is needed.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
CLI_PAGE := $(BIN)/python -m typer dash_agent.cli.app utils docs --name dash-agent --title Commands
RULES_PAGE := $(BIN)/python -m dash_agent.check.page
SCHEMAS := $(BIN)/python -m dash_agent.check.schemas
SUPPORT_SCHEMA := $(BIN)/python -m support_agent.schemas
METRICS_PAGE := $(BIN)/python -m dash_agent.preview.page

.PHONY: help install run test check generate learn pictures screenshots lock bench alerts-report clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## .venv with everything in it

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

run: install ## database with demo data on first start, and the HTTP server; Ctrl-C stops it
	@exec $(BIN)/dash-agent up

test: install ## every test
	$(BIN)/python -m pytest -n auto

check: install ## style, types, layers, generated files, content files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	{ $(BIN)/python -m dash_agent.settings; $(BIN)/python -m support_agent.settings; } | diff -u .env.example -
	$(CLI_PAGE) | diff -u docs/cli.md -
	$(RULES_PAGE) | diff -u docs/rules.md -
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && $(SCHEMAS) "$$made" && $(SUPPORT_SCHEMA) "$$made" && diff -ru schemas "$$made"
	$(BIN)/dash-agent check --offline
	$(BIN)/python -m support_agent.learn --check
	$(METRICS_PAGE) | diff -u docs/metrics.md -

generate: install ## writes .env.example, schemas/ and the generated pages of docs/
	{ $(BIN)/python -m dash_agent.settings; $(BIN)/python -m support_agent.settings; } > .env.example
	$(CLI_PAGE) > docs/cli.md
	$(RULES_PAGE) > docs/rules.md
	$(SCHEMAS) schemas
	$(SUPPORT_SCHEMA) schemas
	$(METRICS_PAGE) > docs/metrics.md

learn: install ## what the guards' examples teach, anew where they changed; takes minutes
	$(BIN)/python -m support_agent.learn

pictures: install ## draws docs/img anew: the terminal, and the charts of docs/charts.md; needs Chromium
	$(BIN)/python docs/terminal.py
	$(BIN)/python docs/pictures.py

screenshots: install ## draws every page of the dashboard into docs/img; needs Chromium
	$(BIN)/python -m tests.e2e.dashboard.pictures

lock: ## writes constraints.txt from what .venv holds
	$(BIN)/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' > constraints.txt

bench: install ## machine, and what planning, the guard and whole answers take at 100,000 and 1,000,000 tickets
	$(BIN)/python -m tests.bench $(BENCH)

alerts-report: install ## seeds 20 demo desks, and tells how many of their incidents alerts find, and how soon
	$(BIN)/python -m tests.alerts_report --seeds 20 $(ALERTS)

clean: ## removes caches, keeps .venv and data
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
