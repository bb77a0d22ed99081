# Dos órdenes bastan: make book y make test. README.md da las mismas sin make.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: book test test-colab lab run sync bench lint clean

book: $(READY)  ## construye el libro; los avisos son errores
	$(BIN)/python -m course.book

test: $(READY)  ## ejecuta todo: unidades, ejemplos, anatomía, ejercicios, sitio, paquete y cuadernos
	$(BIN)/python -m pytest --nbval

test-colab: $(READY)  ## los cuadernos con las versiones de Colab; solo algunos: make test-colab NB="portabilidad or mlflow"
	$(BIN)/python -m pytest -m colab -k "$(or $(NB),test)" tests/test_colab.py

lab: $(READY)  ## abre JupyterLab con el curso
	$(BIN)/jupyter lab --notebook-dir=chapters

run: $(READY)  ## ejecuta los cuadernos y guarda sus salidas; uno solo: make run NB=chapters/…/x.ipynb
	$(BIN)/python -m course.run $(NB)
	$(BIN)/python -m course.sync

sync: $(READY)  ## reescribe lo que deriva de _config.yml y de las salidas guardadas
	$(BIN)/python -m course.sync

bench: $(READY)  ## segundos y memoria de cada cuaderno, construcción y peso de las páginas
	$(BIN)/python -m course.bench

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean:
	rm -rf _build build dist code/*.egg-info .pytest_cache .ruff_cache

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Falta Python 3.11, 3.12 o 3.13: instálalo y repite la orden."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)
