# Names only: the work is in vigie/ and tests/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
PIPELINE := .venv/pipeline
SUPERSET := .venv/superset
UV := $(shell command -v uv 2>/dev/null || echo .venv/uv/bin/uv)
VIGIE := $(PIPELINE)/bin/vigie
LOCK := $(UV) pip compile -q --python-version 3.11 --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help run test lint bench clean install lock

help: ## les commandes
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ :/'

run: install ## installe, démarre Airflow et Superset, fait toute la chaîne (ONCE=1 : puis s'arrête ; LIVE=1 : adresses réelles)
	@$(VIGIE) serve $(if $(ONCE),--once) $(if $(LIVE),--live) $(if $(DATA),--data $(DATA))

test: lint ## tous les contrôles : unitaires, dbt, puis les vrais serveurs
	@$(PIPELINE)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: install ## ruff, mypy, imports, disposition du dépôt
	@$(PIPELINE)/bin/ruff check . && $(PIPELINE)/bin/ruff format --check . && $(PIPELINE)/bin/mypy && $(PIPELINE)/bin/lint-imports --no-logo

bench: install ## rapports mesurés (benchmarks/)
	@for script in benchmarks/*.py; do echo "— $$script"; $(PIPELINE)/bin/python $$script || exit 1; done

install: $(PIPELINE)/.installed $(SUPERSET)/.installed

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || { echo "Python 3 est introuvable : installer Python 3.11 ou donner make PYTHON=/chemin/python3"; exit 1; }
	@$(PYTHON) -m venv .venv/uv && .venv/uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt

$(PIPELINE)/.installed: requirements/pipeline.txt pyproject.toml | $(UV)
	@echo "installation de l'environnement de la chaîne…"
	@$(UV) venv -q --allow-existing --no-python-downloads --python 3.11 $(PIPELINE) || { echo "Python 3.11 est introuvable : l'installer, puis relancer"; exit 1; }
	@VIRTUAL_ENV=$(PIPELINE) $(UV) pip sync -q --require-hashes requirements/pipeline.txt
	@VIRTUAL_ENV=$(PIPELINE) $(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(SUPERSET)/.installed: requirements/superset.txt | $(UV)
	@echo "installation de l'environnement de Superset…"
	@$(UV) venv -q --allow-existing --no-python-downloads --python 3.11 $(SUPERSET) || { echo "Python 3.11 est introuvable : l'installer, puis relancer"; exit 1; }
	@VIRTUAL_ENV=$(SUPERSET) $(UV) pip sync -q --require-hashes requirements/superset.txt
	@touch $@

lock: | $(UV) ## renouvelle requirements/*.txt
	@$(LOCK) --upgrade --group test pyproject.toml -o requirements/pipeline.txt
	@$(LOCK) --upgrade requirements/superset.in -o requirements/superset.txt
	@echo uv | $(LOCK) --upgrade - -o requirements/uv.txt

clean: ## supprime environnements et caches ; épargne data/ sauf make clean DATA=data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info dbt_project/target dbt_project/logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@$(if $(DATA),rm -rf -- "$(DATA)")
