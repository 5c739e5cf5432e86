# One command each, from a fresh clone:  make lab   make test   make bench
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help lab test bench notebooks exercises constraints lint clean

help:
	@echo "make lab          start JupyterLab at lesson 0"
	@echo "make test         run every test, the notebooks included"
	@echo "make bench        run the benchmarks"
	@echo "make notebooks    execute the notebooks and save their outputs"
	@echo "make exercises    write the exercise notebooks from the question bank"
	@echo "make lint         ruff and mypy"
	@echo "make constraints  resolve and pin the newest versions"
	@echo "make clean        remove the environment and all caches"

# Arguments for pytest and for JupyterLab: make test ARGS="-k losses"
ARGS ?=

lab: $(VENV)/.lab
	$(BIN)/course lab $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile $(ARGS)

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(ARGS)

notebooks: $(VENV)/.lab
	$(BIN)/python -m course.build notebooks $(ARGS)

exercises: $(VENV)/.lab
	$(BIN)/python -m course.exercises.notebooks exercises $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# ---------------------------------------------------------------- environments
# A stamp says what was installed from which pins; it is redone when they change.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "The course needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one:  make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments: its venv or ensurepip module is missing."; \
	  echo "On Debian or Ubuntu:  sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.lab: $(VENV)/.created pyproject.toml constraints.txt course/jupyter/jupyter_server_config.d/course.json
	$(PIP) -c constraints.txt -e ".[lab]"
	@touch $@

$(VENV)/.test: $(VENV)/.created pyproject.toml constraints.txt course/jupyter/jupyter_server_config.d/course.json
	$(PIP) -c constraints.txt -e ".[lab,test]"
	@touch $(VENV)/.lab $@

$(VENV)/.bench: $(VENV)/.lab
	$(PIP) -c constraints.txt -e ".[bench]"
	@touch $@

# Asks pip what the extras need in an empty environment; installs nothing.
constraints: $(VENV)/.created
	$(BIN)/python .ci/constraints.py > $(VENV)/constraints.txt
	mv $(VENV)/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist test-results
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
