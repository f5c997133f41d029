# `make`: set everything up and run the main job. `make test`: set everything up and test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench counts docs release clean
run: $(VENV)/.installed
	$(BIN)/halfbrain estimate

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/forecast.py

# Counts the contenders' operations again, and writes what ships.
counts: $(VENV)/.installed-dev
	$(BIN)/python -m halfbrain.contenders.runs.counts

# Runs the examples for their pictures, and builds the site into build/site.
docs: $(VENV)/.installed-dev
	$(BIN)/python scripts/documentation.py

# Checks that a release is in order, and builds it; tags nothing.
release: $(VENV)/.installed-dev
	$(BIN)/python scripts/release.py

clean:
	rm -rf $(VENV) build dist halfbrain-report.html

$(VENV)/.created:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "halfbrain needs Python 3.11 or newer; try make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.created pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/.installed
