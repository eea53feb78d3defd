# Thin: deploy/setup.py does the work, with nothing but Python 3.11 or newer.
PYTHON ?= python3

.PHONY: run run-once test check install

run run-once test check install:
	@$(PYTHON) -c 'import tomllib' 2>/dev/null || \
	  { echo "Folkmoot needs Python 3.11 or newer. If it has another name: make $@ PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -u deploy/setup.py $@
