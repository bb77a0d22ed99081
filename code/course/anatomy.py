"""La anatomía de un cuaderno, regla por regla. Cada regla dice qué falta y qué hacer; CONTRIBUTING la explica."""

import ast
import builtins
import re
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from course import project

#: Las últimas secciones de todo cuaderno, en este orden.
CLOSING = ("Comprobaciones", "Lo que suele fallar", "Ejercicios", "Autoevaluación", "Resumen")
#: Los niveles de los ejercicios, que solo pueden crecer.
LEVELS = ("aplicar", "modificar", "diseñar")
MAX_CODE_LINES = 40
_BOX = ("**Objetivos**", "**Requisitos:**", "**Duración:**", "**Datos:**")
_EXERCISE = re.compile(r"^### Ejercicio (\d+)\. .+ \((\w+)\)$", re.M)
_OPTION = re.compile(r"<details>\n<summary>([a-e])\) [^\n]+</summary>\n\n(.*?)\n\n</details>", re.S)


def violations(notebook: dict, path: Path) -> list[str]:
    """Reglas que el cuaderno incumple; vacío si las cumple todas.

    Args:
        notebook: El cuaderno, tal como lo lee `nbformat`.
        path: Dónde está: de ahí sale el botón de Colab.

    Returns:
        Una frase por incumplimiento, con lo que hay que hacer.
    """
    cells = notebook["cells"]
    if len(cells) < 10:
        return ["El cuaderno está casi vacío: copia el orden de secciones de CONTRIBUTING.md."]
    prose = "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    return [
        *_opening(cells, path),
        *_sections(cells, prose),
        *_claims(cells),
        *_failures(_section(prose, "Lo que suele fallar")),
        *_exercises(cells, _section(prose, "Ejercicios")),
        *_self_test(_section(prose, "Autoevaluación")),
        *_summary(cells[0]["source"], _section(prose, "Resumen")),
        *_markdown(prose),
        *_code(cells),
    ]


def code_of(cell: dict) -> ast.Module:
    """Árbol sintáctico de una celda; IPython traduce antes sus líneas mágicas."""
    return ast.parse(TransformerManager().transform_cell(cell["source"]))


def calls(cells: list, name: str) -> list[tuple[int, ast.Call]]:
    """Llamadas a la función `name`, con la posición de su celda."""
    return [
        (position, node)
        for position, cell in enumerate(cells)
        if cell["cell_type"] == "code"
        for node in ast.walk(code_of(cell))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name
    ]


def _section(prose: str, title: str) -> str:
    match = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", prose, re.S | re.M)
    return match[1] if match else ""


def _opening(cells: list, path: Path) -> list[str]:
    found, first = [], cells[0]["source"]
    if cells[0]["cell_type"] != "markdown" or not first.startswith("# "):
        found.append("La primera celda debe ser Markdown y empezar por el título («# …»).")
    if project.badge(path) not in first:
        found.append("El botón de Colab falta o apunta a otro sitio: ejecuta `make sync`.")
    if "\nAl terminar sabrás " not in first:
        found.append("Tras el botón falta la línea «Al terminar sabrás …».")
    found += [f"En el recuadro inicial falta {label}." for label in _BOX if label not in first]
    if len(_bold_items(first)) < 3:
        found.append("El recuadro inicial debe tener al menos tres objetivos («- **Verbo** …»).")
    if cells[1]["cell_type"] != "code" or cells[1]["source"] != project.setup_cell(path):
        found.append("La segunda celda debe ser la de preparación: ejecuta `make sync`.")
    return found


def _sections(cells: list, prose: str) -> list[str]:
    found = []
    titles = re.findall(r"^## (.+)$", prose, re.M)
    if tuple(titles[-len(CLOSING) :]) != CLOSING:
        found.append(f"Las últimas secciones deben ser, en este orden: {', '.join(CLOSING)}.")
    if len(titles) - len(CLOSING) < 4:
        found.append("Faltan secciones: una con la pregunta y al menos tres que cambien una cosa cada una.")
    if not cells[2]["source"].startswith("## "):
        found.append("Tras la preparación debe venir la sección con la pregunta que importa («## …»).")
    if cells[3]["cell_type"] != "code":
        found.append("Tras la pregunta, mide la respuesta ingenua: la celda siguiente debe ser de código.")
    if prose.count("**Predice.**") < 3:
        found.append("Pide al menos tres predicciones («**Predice.** …») antes de medir.")
    if len(calls(cells, "show")) < 2:
        found.append("Faltan figuras: al menos dos, mostradas con `plots.show(figura, alt)`.")
    return found


def _claims(cells: list) -> list[str]:
    found = []
    inside = _positions_between(cells, "Comprobaciones")
    proven = calls(cells, "claim")
    constants = _constants(cells)
    if not proven:
        found.append("«Comprobaciones» no prueba ninguna afirmación: llama a `claim(...)`.")
    for position, call in proven:
        if position not in inside:
            found.append(f"Celda {position}: `claim` fuera de «Comprobaciones»; llévala allí.")
        for keyword in call.keywords:
            names = {node.id for node in ast.walk(keyword.value) if isinstance(node, ast.Name)} - set(dir(builtins))
            if keyword.arg is None:
                found.append(f"Celda {position}: escribe cada magnitud por su nombre, sin `**`.")
            elif names <= constants:
                found.append(f"Celda {position}: `{keyword.arg}` es un valor escrito a mano; pasa lo medido.")
        if call.args and not isinstance(call.args[0], ast.Constant):
            found.append(f"Celda {position}: escribe el identificador de la afirmación, sin variables.")
    return found


def _failures(section: str) -> list[str]:
    rows = [line for line in section.splitlines() if line.startswith("|")]
    if not rows or [cell.strip() for cell in rows[0].strip("|").split("|")] != ["Síntoma", "Causa", "Remedio"]:
        return ["«Lo que suele fallar» debe ser una tabla con las columnas Síntoma, Causa y Remedio."]
    return [] if len(rows) >= 5 else ["«Lo que suele fallar» necesita al menos tres síntomas."]


def _exercises(cells: list, section: str) -> list[str]:
    found = []
    headings = _EXERCISE.findall(section)
    if len(headings) < 3 or len(headings) != section.count("\n### "):
        found.append(
            "Hacen falta tres ejercicios o más, cada uno «### Ejercicio n. Título (aplicar|modificar|diseñar)»."
        )
    levels = [level for _, level in headings]
    if any(level not in LEVELS for level in levels):
        found.append(f"El nivel de un ejercicio debe ser uno de: {', '.join(LEVELS)}.")
    elif levels != sorted(levels, key=LEVELS.index) or (levels and levels[-1] != "diseñar"):
        found.append("Los ejercicios deben crecer: primero aplicar, luego modificar y al final diseñar.")
    if [int(number) for number, _ in headings] != list(range(1, len(headings) + 1)):
        found.append("Numera los ejercicios desde 1 y sin saltos.")
    for name in ("Pista", "Solución"):
        if section.count(f"<summary>{name}</summary>") != len(headings):
            found.append(f"Cada ejercicio necesita su «{name}» en un <details>.")
    checked = [call for _, call in calls(cells, "check")]
    if len(checked) != len(headings):
        found.append("Cada ejercicio necesita una celda con su plantilla y `check(id, respuesta)`.")
    return found


def _self_test(section: str) -> list[str]:
    found = []
    questions = re.split(r"^\*\*\d+\. [^\n]+\*\*$", section, flags=re.M)[1:]
    if not 3 <= len(questions) <= 5:
        found.append("La autoevaluación debe tener de tres a cinco preguntas («**1. …**»).")
    for number, question in enumerate(questions, 1):
        options = _OPTION.findall(question)
        if len(options) < 2 or len(options) != question.count("<details>"):
            found.append(
                f"Pregunta {number}: cada opción va en su <details>, con líneas en blanco alrededor del texto."
            )
        if any(len(text) < 30 for _, text in options):
            found.append(f"Pregunta {number}: toda opción necesita su explicación.")
        if sum(text.startswith("Sí") for _, text in options) != 1:
            found.append(
                f"Pregunta {number}: exactamente una opción es la correcta, y su explicación empieza por «Sí»."
            )
    return found


def _summary(opening: str, section: str) -> list[str]:
    found = []
    if _bold_items(opening) != _bold_items(section.partition("**Siguiente paso.**")[0]):
        found.append("El resumen debe repetir los objetivos, en su orden y con el mismo verbo en negrita.")
    if "**Siguiente paso.**" not in section:
        found.append("En el resumen falta «**Siguiente paso.** …».")
    if len(re.findall(r"^- ", section.partition("**Fuentes**")[2], re.M)) < 2:
        found.append("Al final del resumen falta la lista «**Fuentes**», con dos o más.")
    return found


def _markdown(prose: str) -> list[str]:
    found = []
    if re.search(r"^(?:```+|:::+)\{", prose, re.M) or re.search(r"(?<!`)\{[\w:+-]+\}`[^`]", prose):
        found.append(
            "Hay sintaxis de MyST (bloques o roles): en un cuaderno la vería quien estudia. Usa Markdown común."
        )
    if re.search(r"</summary>\n(?!\n)|[^\n]\n</details>", prose):
        found.append("Deja una línea en blanco después de </summary> y antes de </details>: si no, no se interpreta.")
    if prose.count("<details>") != prose.count("</details>"):
        found.append("Hay un <details> sin cerrar.")
    return found


def _code(cells: list) -> list[str]:
    found = []
    for position, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        lines = cell["source"].count("\n") + 1
        if lines > MAX_CODE_LINES:
            found.append(f"Celda {position}: {lines} líneas de código; divide o lleva a `ligero` lo que distrae.")
        tags = set(cell["metadata"].get("tags", []))
        if {"nbval-ignore-output", "nbval-skip"} & tags or "NBVAL_" in cell["source"]:
            if "nbval-skip" in tags or "NBVAL_SKIP" in cell["source"]:
                found.append(f"Celda {position}: ninguna celda se exime de ejecutarse; quita nbval-skip.")
            elif not cell["source"].startswith("# Salida sin comparar: "):
                found.append(f"Celda {position}: di por qué en su primera línea («# Salida sin comparar: …»).")
    for position, call in calls(cells, "show"):
        if not ast.unparse(call.func).startswith("plots."):
            found.append(
                f"Celda {position}: muestra las figuras con `plots.show(figura, alt)`, que pide texto alternativo."
            )
    return found


def _constants(cells: list) -> set[str]:
    """Nombres a los que el cuaderno solo asigna constantes: pasarlos a `claim` es escribir el valor a mano."""
    assigned: dict[str, list[bool]] = {}
    for cell in cells:
        for node in ast.walk(code_of(cell)) if cell["cell_type"] == "code" else ():
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For | ast.comprehension):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                literal = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for name in (n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)):
                    assigned.setdefault(name.id, []).append(literal)
    return {name for name, literals in assigned.items() if all(literals)}


def _positions_between(cells: list, title: str) -> range:
    """Posiciones de las celdas desde la que abre la sección hasta la que abre la siguiente."""
    starts = [i for i, c in enumerate(cells) if c["cell_type"] == "markdown" and re.search(r"^## ", c["source"], re.M)]
    first = next((i for i in starts if f"## {title}" in cells[i]["source"].splitlines()), len(cells))
    return range(first, next((i for i in starts if i > first), len(cells)))


def _bold_items(text: str) -> list[str]:
    return re.findall(r"^- \*\*(\w+)\*\*", text, re.M)
