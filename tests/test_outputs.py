"""Las salidas guardadas: limpias en los cuadernos, y cada impureza se nota."""

import copy
import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course import outputs, project
from ligero import claims
from ligero.claims import NOT_CHECKABLE


@pytest.mark.parametrize("path", project.notebooks(), ids=lambda path: path.stem)
def test_stored_outputs_are_clean(path):
    notebook = nbformat.read(path, as_version=4)
    assert outputs.problems(notebook) == []
    assert set(notebook.metadata) == {"kernelspec", "language_info", "ligero"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}, "metadatos de más: usa make run"


def stream(text, name="stdout"):
    return [new_output("stream", name=name, text=text)]


@pytest.mark.parametrize(
    ("planted", "says"),
    [
        (stream("algo", "stderr"), "guarda texto en stderr"),
        (stream("Fichero: /tmp/abc/modelo.tflite"), "ruta de esta máquina"),
        (stream("/root/.venv/lib/python3.11"), "ruta de esta máquina"),
        (stream("C:\\Users\\ana\\modelo.tflite"), "ruta de esta máquina"),
        (stream("'C:\\\\Users\\\\ana'"), "ruta de esta máquina"),
        (stream("/content/modelo.tflite"), "ruta de esta máquina"),
        (stream("100%|██████████| 10/10 [00:01<00:00]"), "línea de registro"),
        (stream("2026-11-20 18:33:26.1: W external/local_xla cpu.cc] hola"), "línea de registro"),
        ([new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})], "control interactivo"),
        (stream("I0000 00:00:17 cpu.cc] hola"), "línea de registro"),
        (stream("WARNING: algo"), "línea de registro"),
        (stream("DeprecationWarning: viejo"), "línea de registro"),
        (stream("10%\r20%\r"), "línea de registro"),
        (stream("\x1b[1mnegrita\x1b[0m"), "línea de registro"),
        ([new_output("error", ename="E", evalue="", traceback=[])], "guarda un error"),
        ([new_output("display_data", {"text/html": "<p>/home/ana/x</p>"})], "ruta de esta máquina"),
        (
            [new_output("display_data", {"text/plain": ""}, metadata={"ligero": {"outcome": NOT_CHECKABLE}})],
            "no es comprobable",
        ),
        (stream("a" * outputs.MAX_BYTES), "pasa de 1 MB"),
    ],
)
def test_each_impurity_is_noticed(planted, says):
    notebook = new_notebook(cells=[new_code_cell("1", execution_count=1, outputs=planted)])
    assert says in "\n".join(outputs.problems(notebook))


def test_a_cell_that_was_not_run_is_noticed():
    assert "sin ejecutar" in outputs.problems(new_notebook(cells=[new_code_cell("1")]))[0]


def test_an_empty_cell_is_noticed():
    assert "está vacía" in outputs.problems(new_notebook(cells=[new_code_cell(" ")]))[0]


def test_ordinary_outputs_pass():
    fine = stream(
        "2024-01-01 00:00:00  3.5\nhttps://example.org/home/guia\nfloat32: 424884 bytes, 0.5 de razón, 10/20 y a\\b\n"
    )
    assert outputs.problems(new_notebook(cells=[new_code_cell("1", execution_count=1, outputs=fine)])) == []


def nbval(tmp_path, cells):
    """Ejecuta nbval, con la política del curso, sobre un cuaderno hecho de (código, salidas guardadas)."""
    notebook = new_notebook(
        cells=[new_code_cell(source, execution_count=1, outputs=stored) for source, stored in cells],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )
    path = tmp_path / "planted.ipynb"
    nbformat.write(notebook, path)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval",
            "-rA",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "pyproject.toml",
            str(path),
        ],
        cwd=project.ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTEST_ADDOPTS": ""},
    )
    summary = done.stdout.splitlines()
    return [
        next(line.split()[0] for line in summary if line.startswith(("PASSED", "FAILED")) and f"::Cell {i}" in line)
        for i in range(len(cells))
    ]


def test_policy_integers_are_exact_and_decimals_are_measures(tmp_path):
    cells = [
        ("print(7, 'bytes')", stream("7 bytes\n"), "PASSED"),
        ("print(7, 'bytes')", stream("8 bytes\n"), "FAILED"),
        ("print(0.25, -1.5, 1e-07)", stream("0.31 2.5 2e-05\n"), "PASSED"),
        ("print('[4. 0.5 3.]')", stream("[0.25 4. 1.5]\n"), "PASSED"),
        ("print('12\\u202f345.67 kB')", stream("999.2 kB\n"), "PASSED"),
        ("print('12\\u202f345 bytes')", stream("12\u202f346 bytes\n"), "FAILED"),
        ("print('Quedan 7.')", stream("Quedan 8.\n"), "FAILED"),
        ("print('Usa int8.')", stream("Usa int16.\n"), "FAILED"),
        ("print('|  a |   0.25 |')", stream("| a |  12.5 |\n"), "PASSED"),
        ("print('|:---|---:|')", stream("|:-----|-----:|\n"), "PASSED"),
        ("print('gana int8')", stream("gana float32\n"), "FAILED"),
        ("print('algo nuevo')", [], "FAILED"),
        ("pass", stream("algo que ya no sale\n"), "FAILED"),
        ("import sys; print('aviso', file=sys.stderr)", [], "FAILED"),
        ("assert 1 + 1 == 3", [], "FAILED"),
    ]
    results = nbval(tmp_path, [(source, stored) for source, stored, _ in cells])
    assert results == [expected for _, _, expected in cells]


def test_a_broken_claim_stops_the_suite(tmp_path):
    """Aunque lo guardado coincida con lo que se imprime: la afirmación es un assert."""
    cells = [
        ("from ligero.claims import claim\nrazon = 0.9", []),
        ("claim('A-10', razon_tamano=razon)", []),
    ]
    assert nbval(tmp_path, cells) == ["PASSED", "FAILED"]


def test_a_claim_that_cannot_be_checked_here_does_not_fail_but_another_card_does(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(claims, "display", lambda data, **options: shown.append(data.data))
    monkeypatch.setitem(claims._REQUIREMENTS, "int8_dot_product", (lambda: "vnni", ""))
    claims.claim("A-14", razon_latencia=0.5)
    claims.claim("A-10", razon_tamano=0.5)
    plain = "<IPython.core.display.Markdown object>"
    stored = [[new_output("display_data", {"text/markdown": card, "text/plain": plain})] for card in shown]
    missing = (
        "from ligero import claims\n"
        "claims._REQUIREMENTS['int8_dot_product'] = (lambda: None, 'no hay VNNI')\n"
        "claims.claim('A-14', razon_latencia=7.5)"
    )
    assert nbval(tmp_path, [(missing, stored[0]), (missing, stored[1])]) == ["PASSED", "FAILED"]


def test_run_refuses_to_store_dirty_outputs(tmp_path, monkeypatch):
    from course import run

    path = tmp_path / "dirty.ipynb"
    notebook = new_notebook(cells=[new_code_cell("import sys; print('aviso', file=sys.stderr)")])
    nbformat.write(notebook, path)
    before = path.read_bytes()
    assert "stderr" in run.run(path)[0]
    assert path.read_bytes() == before


def test_run_tells_a_failing_cell_in_one_line_and_leaves_the_file(tmp_path):
    from course import run

    path = tmp_path / "failing.ipynb"
    cell = new_code_cell("from ligero.claims import claim\nx = 1.0\nclaim('A-10', razon_tamano=x)")
    kernel = {"kernelspec": {"display_name": "Otro", "language": "python", "name": "mi-entorno"}}
    nbformat.write(new_notebook(cells=[cell], metadata=kernel), path)
    before = path.read_bytes()
    (problem,) = run.run(path)
    assert problem.startswith("La ejecución se detiene con ClaimError: A-10 no se cumple") and "\n" not in problem
    assert path.read_bytes() == before


def test_run_keeps_cells_and_tags_and_drops_the_rest(tmp_path):
    from course import run

    path = tmp_path / "fine.ipynb"
    cell = new_code_cell("print(2)", metadata={"tags": ["hide-input"], "scrolled": True})
    nbformat.write(new_notebook(cells=[copy.deepcopy(cell)], metadata={"widgets": {}}), path)
    assert run.run(path) == []
    stored = nbformat.read(path, as_version=4)
    assert stored.cells[0].id == cell.id and stored.cells[0].metadata == {"tags": ["hide-input"]}
    assert stored.cells[0].execution_count == 1 and "widgets" not in stored.metadata
    assert stored.metadata.ligero.versions.tensorflow
