"""Reglas de las salidas guardadas en los cuadernos."""

import json
import re
from collections.abc import Iterator

from ligero.claims import NOT_CHECKABLE

_ROOTS = "root|home|tmp|work|var|usr|opt|mnt|content|private|Users"
_MACHINE_PATH = re.compile(rf"(?<![\w.])(?:/(?:{_ROOTS})/|[A-Z]:\\{{1,2}})[\w.\\/-]+")
# Registro de absl o de C++, avisos, secuencias de terminal y restos de barras de progreso.
_LOG_LINE = re.compile(r"^(?:[IWEF]\d{4} |WARNING|INFO:)|: [IWE] \w|Warning:|\r|\x1b\[|\d+%\|", re.M)
#: Un cuaderno con sus salidas no pasa de aquí.
MAX_BYTES = 1_000_000


def _texts(output: dict) -> Iterator[str]:
    if output["output_type"] == "stream":
        yield "".join(output["text"])
    for mime, content in output.get("data", {}).items():
        if not mime.startswith("image/"):
            yield "".join(content) if isinstance(content, list | str) else json.dumps(content)


def problems(notebook: dict) -> list[str]:
    """Lo que impide guardar estas salidas; vacío si están bien.

    Args:
        notebook: El cuaderno, tal como lo lee `nbformat`.

    Returns:
        Una frase por problema, con la celda y el remedio.
    """
    found = []
    for position, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        if not cell["source"].strip():
            found.append(f"Celda {position}: está vacía; bórrala.")
            continue
        where = f"Celda {position}"
        if cell.get("execution_count") is None:
            found.append(f"{where}: está sin ejecutar; nbval no la compararía. Usa `make run`.")
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                found.append(f"{where}: guarda un error. Corrige la celda, o captura el error y explícalo.")
            if output.get("name") == "stderr":
                found.append(f"{where}: guarda texto en stderr. Busca el aviso y quita su causa.")
            if output.get("metadata", {}).get("ligero", {}).get("outcome") == NOT_CHECKABLE:
                found.append(
                    f"{where}: la afirmación no es comprobable en esta máquina. Ejecútalo en una que sí pueda."
                )
            if any("widget" in mime for mime in output.get("data", {})):
                found.append(f"Celda {position}: guarda un control interactivo, que fuera de Jupyter no se ve.")
            for text in _texts(output):
                if match := _MACHINE_PATH.search(text):
                    found.append(f"{where}: guarda una ruta de esta máquina ({match.group()}). No la imprimas.")
                if match := _LOG_LINE.search(text):
                    found.append(f"{where}: guarda una línea de registro, un aviso o un resto de progreso.")
    if len(json.dumps(notebook, ensure_ascii=False).encode()) > MAX_BYTES:
        found.append("El cuaderno pasa de 1 MB con sus salidas: reduce las figuras o lo que se imprime.")
    return found
