# Needs Python >= 3.10 and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install install-dev demo test test-slow test-docs lint docs wheel clean

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

demo: install
	$(BIN)/python tools/demo.py

test: install-dev
	$(BIN)/python -m pytest -n 2 -m "not slow and not docs"

test-slow: install-dev
	$(BIN)/python -m pytest -m slow

test-docs: install-dev
	$(BIN)/python -m pytest -n 2 -m docs

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/lint-imports
	$(MAKE) docs

docs: install-dev
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

wheel: install-dev
	rm -rf build dist
	$(BIN)/python -m build

clean:
	rm -rf build dist *.egg-info docs/_build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

# venv installs pip last, so its presence shows that the environment is complete
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("$(PYTHON) is Python %d.%d; vosplug needs 3.10 or newer. Name another: make install PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt setup.py pyproject.toml vosplug/compat.py vosplug/version.py | $(BIN)/pip
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt -e .
	@touch $@

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements/dev.txt
	@touch $@
