"""Lo que dicen `_config.yml` y `_toc.yml`: dirección del repositorio, páginas y cuadernos."""

import tomllib
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]

SETUP_FIRST_LINE = "# Instala la biblioteca del curso en Colab; fuera de Colab no hace nada."
_SETUP = """\
{first_line}
import sys

if "google.colab" in sys.modules:
    %pip install -q "ligero{extra} @ git+{repository}@{branch}\""""


@cache
def config() -> dict:
    """Lee `_config.yml`."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def repository() -> str:
    """Dirección pública del repositorio: se decide en `_config.yml` y en ningún otro sitio."""
    return config()["repository"]["url"].rstrip("/")


def branch() -> str:
    """Rama que se publica."""
    return config()["repository"]["branch"]


@cache
def pages() -> tuple[Path, ...]:
    """Páginas del libro, en el orden del índice.

    Raises:
        FileNotFoundError: Si el índice nombra una página que no existe.
    """
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"]] + [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    found = []
    for name in names:
        candidates = [ROOT / f"{name}{suffix}" for suffix in (".ipynb", ".md")]
        page = next((path for path in candidates if path.is_file()), None)
        if page is None:
            raise FileNotFoundError(f"_toc.yml nombra «{name}» y no existe ni .ipynb ni .md: créala o quítala.")
        found.append(page)
    return tuple(found)


def notebooks() -> tuple[Path, ...]:
    """Cuadernos del libro, en el orden del índice."""
    return tuple(page for page in pages() if page.suffix == ".ipynb")


def page_id(page: Path) -> str:
    """Nombre de la página en `claims.csv`: `reducir/cuantizacion-postentrenamiento`."""
    return page.relative_to(ROOT / "chapters").with_suffix("").as_posix()


def colab_url(notebook: Path) -> str:
    """Dirección que abre el cuaderno en Colab."""
    path = repository().removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{path}/blob/{branch()}/{notebook.relative_to(ROOT).as_posix()}"


def badge(notebook: Path) -> str:
    """Línea de Markdown con el botón de Colab; la imagen está en el libro, sin red."""
    return f"[![Abrir en Colab](../_static/colab.svg)]({colab_url(notebook)})"


@cache
def extras() -> dict[str, list[str]]:
    """Lo que un cuaderno necesita y no trae Colab: nombre del cuaderno → paquetes, según `pyproject.toml`."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return pyproject["project"].get("optional-dependencies", {})


def setup_cell(notebook: Path) -> str:
    """La celda de preparación: la misma en todos los cuadernos, salvo los paquetes que solo alguno necesita."""
    extra = f"[{notebook.stem}]" if notebook.stem in extras() else ""
    return _SETUP.format(first_line=SETUP_FIRST_LINE, extra=extra, repository=repository(), branch=branch())
