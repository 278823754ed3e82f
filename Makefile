# No Wrong Door. `make run` starts everything, `make test` checks everything, `make storm` does at length what
# `make test` does briefly, `make peers` needs programs of others: run both before a release.
# Each set-up step leaves a stamp that names what it was made from, so that later starts skip it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run env test storm peers audit bench front catalogs lock format clean

run: .venv/.env-stamp front
	@$(BIN)/nwd up

env: .venv/.env-stamp

.venv/.env-stamp: requirements/build.txt pyproject.toml
	@echo "Making the Python environment in .venv (about a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test-stamp: .venv/.env-stamp requirements/test.txt
	@echo "Adding the test tools"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

front: .venv/.env-stamp
	@$(BIN)/python front/build.py
	@$(BIN)/python front/catalogs.py

test: .venv/.test-stamp front
	@$(BIN)/python -m tests.check

storm: .venv/.test-stamp front
	@$(BIN)/python -m tests.check storm

# Beside real programs of others that not every machine can have: a Postfix, which starts as root only.
peers: .venv/.test-stamp
	@$(BIN)/python -m tests.check peers

bench: .venv/.test-stamp front
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench line

format: .venv/.test-stamp
	@$(BIN)/ruff format src tests bench front
	@$(BIN)/ruff check --fix src tests bench front

# Finds every sentence that can be translated, and brings the catalogs up to date (docs/translating.md).
catalogs: .venv/.env-stamp
	@$(BIN)/python front/catalogs.py update

# Known weaknesses of what we depend on. The only check that asks the network, so `make test` does not run it.
audit: .audit/.stamp
	@.audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/build.txt
	@.audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/test.txt

.audit/.stamp: requirements/audit.txt
	@$(PYTHON) -m venv --clear .audit
	@.audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@touch $@

# Rewrites the locks from the .in files. Needs uv; the locks name no host.
lock:
	@for layer in run build test audit; do \
	  case $$layer in run) in="requirements/run.in";; build) in="requirements/run.in requirements/build.in";; test) in="requirements/run.in requirements/build.in requirements/test.in";; audit) in="requirements/audit.in";; esac; \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $$in -o requirements/$$layer.txt; \
	done

clean:
	rm -rf .venv .audit node_modules front/node_modules src/nowrongdoor/ui/static src/nowrongdoor/publishing/fonts src/nowrongdoor/locale/*/LC_MESSAGES/*.mo src/nowrongdoor/locale/public/*/LC_MESSAGES/*.mo src/nowrongdoor/locale/public/sentences.json
