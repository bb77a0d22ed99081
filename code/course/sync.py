"""Escribe lo que se deriva de otra cosa: `make sync`.

De la dirección de `_config.yml` salen los botones de Colab, las celdas de preparación, README y CITATION; de las
salidas guardadas en los cuadernos, los apéndices «Afirmaciones» y «Entorno».
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat

from course import appendices, project

_BADGE = re.compile(r"^\[!\[Abrir en Colab\].*$", re.M)
_README_BLOCK = re.compile(r"(?<=<!-- repositorio: lo escribe make sync -->\n).*?(?=<!-- /repositorio -->)", re.S)
_CITATION_LINE = re.compile(r"^repository-code: .*$", re.M)


def derived() -> dict[Path, str]:
    """Contenido que debería tener cada fichero derivado.

    Returns:
        Ruta → texto completo.
    """
    expected = {path: _notebook(path) for path in project.notebooks()}
    readme, citation = project.ROOT / "README.md", project.ROOT / "CITATION.cff"
    expected[readme] = _README_BLOCK.sub(lambda _: _readme_block(), readme.read_text(encoding="utf-8"))
    expected[citation] = _CITATION_LINE.sub(
        lambda _: f'repository-code: "{project.repository()}"', citation.read_text(encoding="utf-8")
    )
    folder = project.ROOT / "chapters" / "apendices"
    expected[folder / "afirmaciones.md"] = appendices.claims_page()
    expected[folder / "entorno.md"] = appendices.environment_page()
    return expected


def stale() -> list[Path]:
    """Ficheros derivados que no coinciden con aquello de lo que derivan."""
    return [path for path, text in derived().items() if path.read_text(encoding="utf-8") != text]


def _notebook(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    cells = notebook.cells
    if not cells:
        raise ValueError(f"{path.name} no tiene ninguna celda: escribe al menos la del título.")
    title, _, rest = cells[0].source.partition("\n")
    rest = _BADGE.sub("", rest).strip("\n")
    cells[0].source = f"{title}\n\n{project.badge(path)}\n\n{rest}".rstrip("\n")
    if len(cells) < 2 or cells[1].cell_type != "code" or not cells[1].source.startswith(project.SETUP_FIRST_LINE):
        # El identificador sale de la ruta: dos ejecuciones seguidas escriben lo mismo.
        cells.insert(1, nbformat.v4.new_code_cell(id=f"setup-{path.stem}"[:64]))
    cells[1].source = project.setup_cell(path)
    return nbformat.writes(notebook) + "\n"


def _readme_block() -> str:
    url = project.repository()
    return f"```bash\ngit clone {url}.git\ncd {url.rsplit('/', 1)[-1]}\n```\n"


def main() -> int:
    """Escribe los ficheros derivados; con `--check`, solo dice cuáles no están al día."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="no escribe nada: falla si algo no está al día")
    only_check = parser.parse_args().check
    pending = stale()
    if not only_check:
        texts = derived()
        for path in pending:
            path.write_text(texts[path], encoding="utf-8")
    for path in pending:
        print(f"{path.relative_to(project.ROOT)}: {'no está al día' if only_check else 'actualizado'}")
    return 1 if only_check and pending else 0


if __name__ == "__main__":
    sys.exit(main())
