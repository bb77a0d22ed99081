"""Las cifras absolutas de esta máquina: `make bench`. Sale con error si se pasa de un límite."""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil

from course import book, project, run

NOTEBOOK_S, NOTEBOOK_GB, ALL_S, BOOK_S = 60, 4, 12 * 60, 30
#: Los que pueden tardar más: uno levanta servidores y otro entrena seis técnicas.
LONGER_S = {"escalar": 90, "todas-las-tecnicas": 150}


class PeakMemory(threading.Thread):
    """Vigila la memoria residente de los procesos hijos mientras dura el bloque."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self._done = 0, threading.Event()

    def run(self):
        """Mira cada décima de segundo; un hijo puede acabar mientras se le mira."""
        while not self._done.wait(0.1):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)

    def __enter__(self):
        """Empieza a mirar."""
        self.start()
        return self

    def __exit__(self, *_):
        """Deja de mirar."""
        self._done.set()
        self.join()


def notebook(path: Path) -> tuple[float, float]:
    """Segundos y gigabytes de la ejecución de un cuaderno, con el arranque del núcleo."""
    content = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    with PeakMemory() as memory:
        run.client(content, path).execute()
    return time.perf_counter() - start, memory.peak / 1e9


def whole_book() -> tuple[float, dict[str, float]]:
    """Segundos de construir el libro desde cero y megabytes de cada página con todo lo que carga."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        site = book.build(Path(folder), quiet=True)
        seconds = time.perf_counter() - start
        pages = [site / page.relative_to(project.ROOT).with_suffix(".html") for page in project.pages()]
        return seconds, {page.stem: book.page_bytes(site, page) / 1e6 for page in pages}


def main() -> int:
    """Mide e imprime; devuelve 1 si algo pasa de su límite."""
    over = []

    def report(name: str, value: float, unit: str, limit: float) -> None:
        print(f"{name:45} {value:8.2f} {unit:3} (límite {limit:g})", flush=True)
        if value > limit:
            over.append(name)

    print(f"{run.machine()}; carga media {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else run.machine())
    total = 0.0
    for path in project.notebooks():
        seconds, gigabytes = notebook(path)
        total += seconds
        report(path.stem, seconds, "s", LONGER_S.get(path.stem, NOTEBOOK_S))
        report("  memoria", gigabytes, "GB", NOTEBOOK_GB)
    report("todos los cuadernos", total, "s", ALL_S)
    seconds, pages = whole_book()
    report("construir el libro", seconds, "s", BOOK_S)
    for name, megabytes in pages.items():
        report(f"página {name}", megabytes, "MB", book.MAX_PAGE_BYTES / 1e6)
    print("Pasan de su límite: " + ", ".join(over) if over else "Todo dentro de sus límites.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
