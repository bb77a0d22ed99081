"""Construye el libro: `python -m course.book`. Los avisos son errores."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from course import project

#: Lo que pesa como mucho una página con todo lo que carga.
MAX_PAGE_BYTES = 1_500_000


def build(output: Path = project.ROOT, *, quiet: bool = False) -> Path:
    """Construye el libro desde cero.

    Args:
        output: Carpeta donde crear `_build/html`.
        quiet: Si se calla lo que escribe Sphinx, salvo cuando falla.

    Returns:
        La carpeta del sitio.

    Raises:
        RuntimeError: Si hay algún aviso o error; el mensaje trae lo que escribió Sphinx.
    """
    program = shutil.which("jupyter-book", path=str(Path(sys.executable).parent))
    if program is None:
        raise RuntimeError("Falta jupyter-book en este Python: instala requirements.txt.")
    command = [program, "build", ".", "-W", "-n", "--keep-going", "--all", "--path-output", str(output)]
    done = subprocess.run(command, cwd=project.ROOT, encoding="utf-8", capture_output=quiet, check=False)
    if done.returncode:
        raise RuntimeError(f"El libro no se ha construido.\n{(done.stdout or '')[-4000:]}{(done.stderr or '')[-4000:]}")
    return Path(output) / "_build" / "html"


def page_bytes(site: Path, page: Path) -> int:
    """Bytes de una página con sus imágenes, estilos, programas y fuentes, sin comprimir.

    Args:
        site: Carpeta del sitio.
        page: Fichero `.html`.

    Returns:
        El total, en bytes.
    """
    text = page.read_text(encoding="utf-8")
    urls = set(re.findall(r'<(?:script|img|link)\b[^>]*?(?:src|href)="([^"#?:]+)', text))
    files = {(page.parent / url).resolve() for url in urls}
    files |= set(site.rglob("fa-*.woff2"))  # las pide la hoja de estilo
    return page.stat().st_size + sum(path.stat().st_size for path in files if path.is_file() and path.suffix != ".html")


if __name__ == "__main__":
    try:
        print(f"Abre {build().relative_to(project.ROOT) / 'index.html'} en el navegador.")
    except RuntimeError as problem:
        sys.exit(str(problem))
