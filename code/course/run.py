"""Ejecuta los cuadernos y guarda sus salidas: `python -m course.run [cuaderno …]`."""

import argparse
import datetime
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from course import outputs, project

#: Los paquetes cuya versión puede cambiar una salida.
TRACKED = ("tensorflow", "keras", "ai-edge-litert", "numpy", "scipy", "scikit-learn", "matplotlib")
TIMEOUT_S = 600


def client(notebook: nbformat.NotebookNode, path: Path) -> NotebookClient:
    """Prepara la ejecución de un cuaderno como la hace nbval: sin capturar los descriptores de fichero."""
    return NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="python3",  # el de este entorno, diga lo que diga el cuaderno
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.capture_fd_output=False"],
        resources={"metadata": {"path": str(path.parent)}},
    )


def machine() -> str:
    """Procesador y núcleos, sin nombre de equipo ni de usuario."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        models = [line.split(":", 1)[1] for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = " ".join(models[0].split()) if models else name
    return f"{name}, {os.cpu_count()} núcleos, {platform.system()}"


def provenance() -> dict:
    """Con qué y dónde se ejecuta: va en los metadatos del cuaderno y de ahí al apéndice «Entorno»."""
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {package: importlib.metadata.version(package) for package in TRACKED},
    }


def run(path: Path) -> list[str]:
    """Ejecuta un cuaderno y lo guarda si sus salidas son limpias.

    Args:
        path: El cuaderno.

    Returns:
        Los problemas de la ejecución o de las salidas; si hay alguno, el fichero queda como estaba.
    """
    notebook = nbformat.read(path, as_version=4)
    try:
        client(notebook, path).execute()
    except CellExecutionError as error:
        return [f"La ejecución se detiene con {error.ename}: {error.evalue}"]
    except (CellTimeoutError, DeadKernelError) as error:
        return [f"La ejecución no llega al final: {error}"]
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "ligero": provenance(),
    }
    found = outputs.problems(notebook)
    if not found:
        nbformat.write(notebook, path)
    return found


def main() -> int:
    """Ejecuta los cuadernos pedidos, o todos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="cuadernos; sin ninguno, todos los del índice")
    failed = 0
    for path in parser.parse_args().notebooks or project.notebooks():
        found = run(path.resolve())
        failed += bool(found)
        print(f"{path.name}: {'guardado' if not found else 'NO se guarda'}")
        for problem in found:
            print(f"  - {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
