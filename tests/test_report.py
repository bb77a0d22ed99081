import numpy as np
import pandas as pd
import pytest

from ligero import report


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr(report, "display", lambda data, **options: outputs.append((data, options)))
    return outputs


def test_table_writes_integers_exact_and_measures_with_decimals(shown):
    report.table(pd.DataFrame({"esquema": ["int8"], "bytes": [116376], "kB": [np.float32(0.25)]}))
    text = shown[0][0].data
    assert "116\u202f376" in text and "0.25" in text and text.startswith("| esquema")


def test_table_takes_what_a_table_has(shown):
    rows = pd.DataFrame({"a|b": ["x|y", "z"], "sí": [True, False], "n": np.array([425000, 7]), "falta": [np.nan, 1.5]})
    report.table(rows)
    text = shown[0][0].data
    assert r"x\|y" in text and "| sí" in text and "425\u202f000 |" in text and "— |" in text


def test_glue_is_what_myst_nb_looks_for(shown):
    report.glue("clave", "0.27")
    data, options = shown[0]
    prefix = "application/papermill.record/"
    assert data == {prefix + "text/plain": "0.27"}
    assert options["metadata"]["scrapbook"] == {"name": "clave", "mime_prefix": prefix}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: report.say(3), TypeError),
        (lambda: report.table([1]), TypeError),
        (lambda: report.table(pd.DataFrame()), ValueError),
        (lambda: report.glue("", "1"), ValueError),
        (lambda: report.glue("a", 1), TypeError),
        (lambda: report.number("1"), TypeError),
        (lambda: report.number(True), TypeError),
        (lambda: report.number(float("nan")), ValueError),
        (lambda: report.number(np.array([1.0, 2.0])), TypeError),
        (lambda: report.table(pd.DataFrame([[1, 2]], columns=["a", "a"])), ValueError),
    ],
)
def test_bad_arguments(call, error):
    with pytest.raises(error, match="`"):
        call()
