"""Los módulos de `ligero` forman una tubería: cada uno importa solo de los anteriores."""

import ast
import sys

import pytest

from course import project

ORDER = [
    "_tensorflow",
    "_validate",
    "budget",
    "server",
    "data",
    "models",
    "pipeline",
    "convert",
    "runtime",
    "_examiner",
    "_memory",
    "measure",
    "parallel",
    "inspection",
    "report",
    "plots",
    "pareto",
    "published",
    "decision",
    "project",
    "claims",
    "exercises",
]
PACKAGE = project.ROOT / "code" / "ligero"
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("ligero."))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: escribe `from ligero import …`, sin puntos"
            parts = node.module.split(".")
            if parts[0] == "ligero":
                yield from parts[1:2] or [alias.name for alias in node.names]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way(path):
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for name in imported(path):
        assert ORDER.index(name) < ORDER.index(own) or own == name, f"{own} importa {name}"


def test_no_module_hides_one_of_python():
    assert not {path.stem for path in FILES} & set(sys.stdlib_module_names)
    assert not (project.ROOT / "code" / "__init__.py").exists()


def test_the_package_does_not_need_the_book_tools():
    assert not [path for path in FILES if "course" in path.read_text(encoding="utf-8")]
