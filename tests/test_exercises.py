"""El motor: lo que sea que se le pase, responde con una explicación y a tiempo."""

import importlib
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ligero import exercises
from ligero.exercises import PENDING, RIGHT, WRONG, check


@pytest.fixture
def double(monkeypatch):
    """Un ejercicio de prueba: doblar un número."""
    monkeypatch.setattr(exercises, "_EXERCISES", {})

    @exercises.exercise("doble", asks="Escribe `double(x)`.", first_hint="Suma el número consigo mismo.")
    def grade(trial):
        for x in (3, -4, 0.5):
            got = trial.number(trial.call(x, shown=f"x={x}"), f"Con x={x}")
            trial.require(got == 2 * x, f"Con x={x} da {got} y es {2 * x}.", "¿Multiplicas por dos?")
        return "¿Y con texto?"

    monkeypatch.setattr(exercises, "catalogue", lambda: exercises._EXERCISES)
    return grade


def test_right(double):
    feedback = check("doble", lambda x: x + x)
    assert feedback.status == RIGHT and "¿Y con texto?" in feedback.message


def test_wrong_shows_a_counterexample_and_a_hint(double):
    feedback = check("doble", lambda x: x * x)
    assert feedback.status == WRONG
    assert "Con x=3 da 9 y es 6" in feedback.message and "¿Multiplicas por dos?" in feedback.message


def raise_not_implemented(x):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [None, ..., raise_not_implemented, lambda x: None, lambda x: ...])
def test_unsolved_says_what_is_asked(double, answer):
    feedback = check("doble", answer)
    assert feedback.status == PENDING
    assert "Escribe `double(x)`" in feedback.message and "Suma el número" in feedback.message


class Deceitful:
    def __eq__(self, other):
        raise RuntimeError("no me compares")

    __hash__ = None


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (6, "Se esperaba una función"),
        ("double", "Se esperaba una función"),
        (float("nan"), "Se esperaba una función"),
        (np.zeros(3), "Se esperaba una función"),
        (lambda: 6, "TypeError"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (lambda x: sys.exit(1), "SystemExit"),
        (lambda x: "6", "devuelve str"),
        (lambda x: True, "devuelve bool"),
        (lambda x: [6], "devuelve list"),
        (lambda x: float("nan"), "devuelve nan"),
        (lambda x: Deceitful(), "devuelve Deceitful"),
    ],
)
def test_anything_gets_an_explanation(double, answer, says):
    feedback = check("doble", answer)
    assert feedback.status == WRONG and says in feedback.message and "Pista" in feedback.message


def test_endless_loop_ends_and_does_not_keep_the_processor(double):
    turns = []

    def endless(x):
        while True:
            turns.append(x)

    start = time.perf_counter()
    feedback = check("doble", endless, seconds=0.2)
    assert feedback.status == WRONG and "no ha terminado en 0.2 s" in feedback.message
    assert time.perf_counter() - start < 5
    time.sleep(0.2)
    before = len(turns)
    time.sleep(0.2)
    assert len(turns) == before, "el bucle sigue en marcha"


def test_a_checker_that_meets_the_unexpected_still_explains(double, monkeypatch):
    monkeypatch.setattr(exercises.Trial, "number", lambda self, value, where: value == 6)
    assert "No se puede interpretar" in check("doble", lambda x: Deceitful()).message


@pytest.mark.parametrize("seconds", [0, -1, "5", None, True, float("nan"), float("inf")])
def test_a_time_limit_that_makes_no_sense(double, seconds):
    assert "`seconds` debe ser" in check("doble", lambda x: x + x, seconds=seconds).message


def test_unknown_exercise(double):
    assert "Los que hay: doble" in check("triple", print).message


def test_two_pages_cannot_share_a_name(double):
    def grade(trial):
        return ""

    grade.__module__ = "ligero.exercises.otra"
    with pytest.raises(ValueError, match="ya existe en otra página"):
        exercises.exercise("doble", asks="", first_hint="")(grade)


def test_a_page_that_misses_a_package_leaves_the_others_alone(monkeypatch):
    load = importlib.import_module

    def without_onnx(name):
        if name.endswith("cuantizacion_postentrenamiento"):
            raise ModuleNotFoundError("No module named 'onnx'", name="onnx")
        return load(name)

    monkeypatch.setattr(exercises, "_EXERCISES", {})
    monkeypatch.setattr(exercises, "_UNAVAILABLE", {})
    monkeypatch.setattr(importlib, "import_module", without_onnx)
    monkeypatch.setattr(exercises, "catalogue", exercises.catalogue.__wrapped__)
    feedback = check("quant-1", print)
    assert feedback.status == WRONG and "%pip install onnx" in feedback.message


class Liar(str):
    """Una cadena que dice ser igual a cualquiera."""

    def __eq__(self, other):
        return True

    __hash__ = None


class Broken(Exception):
    def __str__(self):
        raise RuntimeError("ni el mensaje")


def fail_without_a_message(*_):
    raise Broken


def test_answers_that_try_to_deceive():
    rejected = check("quant-5", lambda *_: Liar("x"))
    assert rejected.status == WRONG and "devuelve Liar" in rejected.message
    assert "Broken" in check("quant-1", fail_without_a_message).message
    assert check([], print).status == WRONG


def test_feedback_reads_well_in_a_notebook(double):
    text = check("doble", lambda x: x + x)._repr_markdown_()
    assert text.startswith('<div class="admonition tip">') and text.endswith("\n\n</div>")


def test_the_engine_stays_small():
    assert len(Path(exercises.__file__).read_text(encoding="utf-8").splitlines()) <= 200
