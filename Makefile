# Thin: deploy/setup.py does the work, with nothing but Python 3.11 or newer.
PYTHON ?= python3

.PHONY: run run-once test check install

run:
	@$(PYTHON) deploy/setup.py run

run-once:
	@$(PYTHON) deploy/setup.py run-once

test:
	@$(PYTHON) deploy/setup.py test

check:
	@$(PYTHON) deploy/setup.py check

install:
	@$(PYTHON) deploy/setup.py install
