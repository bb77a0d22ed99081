"""Cada ejercicio, probado: la plantilla no pasa, la solución publicada sí y las equivocaciones plantadas no.

La solución que se prueba es la que lee quien estudia: el código de su <details>.
"""

import ast
import importlib.util
import re

import nbformat
import pytest

from course import anatomy, project
from ligero.exercises import PENDING, RIGHT, WRONG, catalogue, check

SOLUTION = re.compile(r"<summary>Solución</summary>\s+```python\n(.*?)```", re.S)


def published():
    """Por ejercicio: su plantilla y su solución, tal como están en el cuaderno."""
    found = {}
    for path in project.notebooks():
        cells = nbformat.read(path, as_version=4).cells
        for position, call in anatomy.calls(cells, "check"):
            exercise_id, answer = (ast.literal_eval(call.args[0]), ast.unparse(call.args[1]))
            solution = SOLUTION.search(cells[position + 1].source)
            found[exercise_id] = (path, cells[position].source, solution and solution[1], answer)
    return found


def mistakes():
    found = {}
    for path in sorted((project.ROOT / "tests" / "exercises").glob("*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= module.MISTAKES
    return found


PUBLISHED, MISTAKES = published(), mistakes()
EACH = pytest.mark.parametrize("exercise_id", sorted(catalogue()))


def run(source, name):
    namespace = {"check": lambda *_: None}
    exec(source, namespace)
    return namespace[name]


def test_notebooks_checks_and_mistakes_speak_of_the_same_exercises():
    assert set(PUBLISHED) == set(catalogue()) == set(MISTAKES)


@EACH
def test_it_stands_in_the_page_its_module_says(exercise_id):
    assert PUBLISHED[exercise_id][0].stem.replace("-", "_") == catalogue()[exercise_id].page


@EACH
def test_the_template_is_pending_and_gets_the_first_hint(exercise_id):
    _, template, _, name = PUBLISHED[exercise_id]
    feedback = check(exercise_id, run(template, name))
    assert feedback.status == PENDING
    assert catalogue()[exercise_id].first_hint in feedback.message


@EACH
def test_the_published_solution_passes_alone(exercise_id):
    _, _, solution, name = PUBLISHED[exercise_id]
    assert solution, "no hay <details> con la solución justo después de la celda del ejercicio"
    feedback = check(exercise_id, run(solution, name))
    assert feedback.status == RIGHT, feedback.message


@EACH
def test_there_are_enough_mistakes_and_one_copies_what_is_visible(exercise_id):
    names = [name for name, _, _ in MISTAKES[exercise_id]]
    assert len(set(names)) == len(names) >= 4
    assert any("visible" in name for name in names)


@pytest.mark.parametrize(
    ("exercise_id", "answer", "says"),
    [
        pytest.param(exercise_id, answer, says, id=f"{exercise_id}: {name}")
        for exercise_id, rows in MISTAKES.items()
        for name, answer, says in rows
    ],
)
def test_a_mistake_is_rejected_and_named(exercise_id, answer, says):
    feedback = check(exercise_id, answer)
    assert feedback.status == WRONG, "una respuesta equivocada pasa por buena"
    assert says in feedback.message


@EACH
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda *_: float("nan"), id="nan"),
        pytest.param(lambda *_: object(), id="objeto"),
        pytest.param(lambda *_: {}, id="diccionario"),
        pytest.param(lambda *_: 1 / 0, id="error"),
        pytest.param(42, id="número"),
    ],
)
def test_nonsense_is_rejected_without_a_traceback(exercise_id, answer):
    assert check(exercise_id, answer).status == WRONG
