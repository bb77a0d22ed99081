"""Los síntomas de «Lo que suele fallar» de la página, provocados."""

import ast

import nbformat
import numpy as np
import pandas as pd
import pytest

from course import project
from ligero import measure, pareto, runtime

ROWS = pd.DataFrame({"kB": [1.0, 2.0], "exactitud": [90.0, 91.0], "intervalo": ["90 % [88, 92]", "91 % [89, 93]"]})
PAGE = "todas-las-tecnicas"


def message(raised):
    return f"{raised.type.__name__}: {raised.value}".replace("`", "")


def test_a_label_is_not_a_column(symptoms):
    with pytest.raises(KeyError) as raised:
        pareto.front(ROWS, minimize="fichero", maximize="exactitud")
    start = message(raised).split("Las que hay", 1)[0]
    assert "«fichero»" in start and start in symptoms(PAGE)


def test_an_interval_is_not_a_measure(symptoms):
    with pytest.raises(TypeError) as raised:
        pareto.front(ROWS, minimize="kB", maximize="intervalo")
    assert message(raised) in symptoms(PAGE)


def test_photos_of_another_side_do_not_enter(symptoms, tflites):
    """Con la red de cifras: el mensaje es el mismo, y solo cambian los lados."""
    with pytest.raises(ValueError, match="debe tener la forma") as raised:
        runtime.hits(tflites["float32"], np.zeros((1200, 32, 32, 3), np.float32), np.zeros(1200, int))
    said = message(raised).replace("(n, 8, 8, 1)", "(n, 64, 64, 3)").split(" Cámbiala", 1)
    assert len(said) == 2 and said[0] in symptoms(PAGE)


def test_a_row_alone_has_nothing_to_be_compared_with(symptoms, tflites, monkeypatch):
    """Con la función del cuaderno, tal como se lee."""
    path = next(path for path in project.notebooks() if path.stem == PAGE)
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    source = next(text for text in cells if "def measured(" in text)
    function = next(n for n in ast.parse(source).body if getattr(n, "name", "") == "measured")
    x = np.zeros((10, 8, 8, 1), np.float32)
    names = {"x_test": x, "y_test": np.zeros(10, int), "correct": {}, "family": {}, "minutes": {"mi variante": 1.0}}
    names |= {"measure": measure, "runtime": runtime, "pd": pd}
    exec(ast.unparse(function), names)
    with pytest.raises(KeyError) as raised:
        names["measured"]({"mi variante": tflites["int8"]})
    assert message(raised) in symptoms(PAGE)
    names["minutes"]["float32"] = 0.1
    rows = names["measured"]({"float32": tflites["float32"], "mi variante": tflites["int8"]})
    assert list(rows.index) == ["float32", "mi variante"] and rows["promesa"]["float32"] == 0
