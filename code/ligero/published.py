"""Las tablas del curso: lo que afirma y las cifras publicadas con que se compara."""

import csv
from functools import cache
from importlib.resources import files

from ligero.report import number


@cache
def figures() -> dict[str, dict[str, str]]:
    """Lee las cifras publicadas con que se compara el curso.

    Returns:
        Identificador → fila (`modelo`, `tarea`, `metrica`, `unidad`, `original`, `optimizado`, `variante`,
        `condiciones`, `fuente`), como texto.

    Example:
        >>> row = figures()["T1-04"]
        >>> row["original"], row["optimizado"], row["unidad"]
        ('124', '64', 'ms')
    """
    return {row["id"]: row for row in rows("published.csv")}


def describe(figure_id: str) -> str:
    """Escribe una cifra publicada en una línea.

    Args:
        figure_id: Identificador de la cifra, como `"T1-04"`.

    Returns:
        La frase, con modelo, métrica, variante, condiciones y fuente.

    Raises:
        KeyError: Si no existe.

    Example:
        >>> describe("T1-04").split(" (")[0]
        'T1-04: MobileNetV1 1.0 224, latencia 124 → 64 ms'
    """
    if figure_id not in figures():
        raise KeyError(f"No hay ninguna cifra publicada «{figure_id}» en published.csv.")
    row = figures()[figure_id]
    unit = "" if row["unidad"] in ("fraccion", "razón") else f" {row['unidad']}"
    detail = "; ".join(part for part in (row["variante"], row["tarea"], row["condiciones"]) if part)
    before, after = (number(int(x)) if x.isdigit() else x for x in (row["original"], row["optimizado"]))
    values = f"{before} → {after or 'sin dato'}{unit}"
    return f"{figure_id}: {row['modelo']}, {row['metrica']} {values} ({detail}). {row['fuente']}"


def rows(name: str) -> list[dict[str, str]]:
    """Lee una tabla de `resources/`: un diccionario de textos por fila, o `ValueError` si una no cuadra.

    Example:
        >>> rows("claims.csv")[0]["id"]
        'A-02'
    """
    text = files("ligero").joinpath("resources", name).read_text(encoding="utf-8")
    found = list(csv.DictReader(text.splitlines()))
    for row in found:
        if None in row or None in row.values():
            raise ValueError(
                f"{name}: la fila {row['id']} no tiene las columnas justas; entrecomilla lo que lleve comas."
            )
    return found
