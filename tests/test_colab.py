"""Cada cuaderno, en un entorno limpio con las versiones de Colab: `make test-colab`."""

import os
import re
import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from course import colab, project

NOTEBOOKS = pytest.mark.parametrize("notebook", project.notebooks(), ids=lambda path: path.stem)
MAX_SETUP_SECONDS = 60


@pytest.fixture(scope="session")
def base():
    python = colab.find_python()
    if python is None:
        message = "No hay ningún Python 3.13, el de Colab: instálalo (por ejemplo, `pyenv install 3.13`) y repite."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return colab.base_environment(python, project.ROOT / "_build" / "colab")


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    return colab.local_repository(tmp_path_factory.mktemp("repository"))


@pytest.mark.colab
@NOTEBOOKS
def test_the_notebook_runs_as_in_colab(notebook, base, repository, tmp_path):
    environment = colab.clean_environment(base, tmp_path / "environment")
    work = tmp_path / "work"
    work.mkdir()
    result = colab.run_notebook(notebook, environment, repository, work)
    print(f"{notebook.stem}: preparación, {result.setup_seconds:.1f} s; {result.report.splitlines()[-1]}")
    assert result.passed, result.report
    assert result.before == result.after, f"cambian las versiones de {', '.join(colab.UNTOUCHED)}"
    assert result.setup_seconds <= MAX_SETUP_SECONDS
    assert not colab.installed(environment) & colab.provided(), "la preparación reinstala lo que Colab ya trae"


def run_cell(source):
    """Ejecuta una celda con un IPython que solo apunta lo que se le pide; devuelve lo apuntado."""
    asked = []

    class Shell:
        def run_line_magic(self, *arguments):
            asked.append(arguments)

    exec(TransformerManager().transform_cell(source), {"get_ipython": Shell})
    return asked


@NOTEBOOKS
def test_the_set_up_cell_does_nothing_elsewhere(notebook):
    assert run_cell(project.setup_cell(notebook)) == []


@NOTEBOOKS
def test_the_set_up_cell_installs_the_package_where_colab_is(notebook, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    (order,) = run_cell(project.setup_cell(notebook))
    assert order[0] == "pip" and re.search(r"ligero(\[[\w-]+\])? @ git\+https://", order[1])


def test_without_python_313_there_is_nothing_to_run(monkeypatch):
    monkeypatch.setattr(colab, "_PYTHON", "3.99")
    assert colab.find_python() is None


def test_the_copy_holds_what_has_not_been_committed(tmp_path):
    url = colab.local_repository(tmp_path / "copia")
    assert url.startswith("git+file:///") and url.endswith("@main")
    for name in ("pyproject.toml", "code/ligero/claims.py", "tests/test_colab.py"):
        assert (tmp_path / "copia" / name).read_bytes() == (project.ROOT / name).read_bytes()
    assert not (tmp_path / "copia" / ".venv").exists()
