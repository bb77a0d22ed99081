"""Un Colab de imitación: sus versiones, un módulo `google.colab` y un entorno limpio para cada cuaderno.

Cada cuaderno se ejecuta como allí: la celda de preparación instala `ligero`, aquí desde una copia de este repositorio
en lugar del público, y nada más se prepara por él.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course import project

REQUIREMENTS = project.ROOT / "requirements-colab.txt"
#: Lo que la celda de preparación no puede tocar.
UNTOUCHED = ("tensorflow", "keras", "numpy", "protobuf")
_TOOLS = ("pytest", "nbval", "ipython", "ipykernel")
_PYTHON = "3.13"
# Un .pth con una línea `import` se ejecuta al arrancar Python: así el núcleo del cuaderno cree estar en Colab.
_STAND_IN = "import google.colab\n"
_VERSIONS = "import sys; from importlib.metadata import version; print(*[version(name) for name in sys.argv[1:]])"


@dataclass(frozen=True)
class Result:
    """Lo que pasó con un cuaderno: segundos de la preparación, salida de pytest y versiones antes y después."""

    setup_seconds: float
    passed: bool
    report: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def find_python() -> Path | None:
    """Busca un Python 3.13 que funcione: el de este proceso, el de la ruta o los de pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [sys.executable, shutil.which(f"python{_PYTHON}"), *sorted(pyenv.glob(f"{_PYTHON}.*/bin/python"))]
    for candidate in filter(None, candidates):
        asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.stdout.strip() == _PYTHON:
            return Path(candidate)
    return None


def base_environment(python: Path, folder: Path) -> Path:
    """Crea el entorno con las versiones de Colab, o reutiliza el que ya está hecho.

    Args:
        python: Un Python 3.13.
        folder: Dónde guardarlo; pesa unos 2 GB.

    Returns:
        Carpeta del entorno.
    """
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + str(python).encode()).hexdigest()[:12]
    base = folder / f"base-{key}"
    ready = base / "ready"
    if not ready.exists():
        shutil.rmtree(base, ignore_errors=True)
        _run([python, "-m", "venv", base])
        _run([_python(base), "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS, *_TOOLS])
        site = _site_packages(base)
        (site / "google" / "colab").mkdir(parents=True)
        (site / "google" / "colab" / "__init__.py").write_text('"""Imitación: solo existe."""\n', encoding="utf-8")
        (site / "google_colab.pth").write_text(_STAND_IN, encoding="utf-8")
        ready.touch()
    return base


def clean_environment(base: Path, folder: Path) -> Path:
    """Crea un entorno vacío que ve los paquetes de `base` sin poder cambiarlos, como una sesión nueva de Colab."""
    _run([_python(base), "-m", "venv", "--without-pip", folder])
    inherited = f"import site; site.addsitedir({str(_site_packages(base))!r})\n"
    (_site_packages(folder) / "colab_base.pth").write_text(inherited, encoding="utf-8")
    return folder


def local_repository(folder: Path) -> str:
    """Copia lo que hay en el árbol de trabajo a un repositorio local y devuelve su dirección para pip."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=project.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = project.ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    git = ["git", "-c", "user.name=prueba", "-c", "user.email=prueba@localhost", "-c", "commit.gpgsign=false"]
    for order in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "copia"]):
        _run([*git, *order], cwd=folder)
    return f"git+{folder.as_uri()}@main"


def run_notebook(notebook: Path, environment: Path, repository: str, folder: Path) -> Result:
    """Prepara un cuaderno y lo ejecuta con `--nbval-lax`, donde las afirmaciones también se exigen.

    Args:
        notebook: El cuaderno.
        environment: Un entorno limpio.
        repository: Dirección que sustituye a la pública, para pip.
        folder: Carpeta vacía donde trabajar.

    Returns:
        `Result`.
    """
    public = f"git+{project.repository()}@{project.branch()}"
    setup = project.setup_cell(notebook)
    if public not in setup:
        raise ValueError(f"La celda de preparación de {notebook.name} no instala desde {public}.")
    before = _versions(environment)

    program = folder / "setup.ipy"
    program.write_text(setup.replace(public, repository), encoding="utf-8")
    start = time.perf_counter()
    _run([_python(environment), "-m", "IPython", "--no-banner", "--colors=NoColor", program], cwd=folder)
    seconds = time.perf_counter() - start

    copy = folder / notebook.name
    cells = nbformat.read(notebook, as_version=4)
    for cell in cells.cells:
        cell.source = cell.source.replace(public, repository)
    nbformat.write(cells, copy)
    done = _run(
        [_python(environment), "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env", copy.name],
        cwd=folder,
        check=False,
    )
    return Result(seconds, done.returncode == 0, done.stdout[-6000:], before, _versions(environment))


def installed(environment: Path) -> set[str]:
    """Nombres de los paquetes que hay en el propio entorno, sin los heredados."""
    names = (path.name for path in _site_packages(environment).glob("*.dist-info"))
    return {re.sub(r"[-_.]+", "-", name.split("-")[0]).lower() for name in names}


def provided() -> set[str]:
    """Nombres de los paquetes que trae Colab."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return {re.sub(r"[-_.]+", "-", re.split(r"[=<>~]", line)[0]).lower() for line in lines if line[:1] not in ("#", "")}


def _versions(environment: Path) -> tuple[str, ...]:
    return tuple(_run([_python(environment), "-c", _VERSIONS, *UNTOUCHED]).stdout.split())


def _python(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _site_packages(environment: Path) -> Path:
    return environment / ("Lib/site-packages" if os.name == "nt" else f"lib/python{_PYTHON}/site-packages")


def _run(command: list, *, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess:
    # Ni la ruta de este Python ni sus opciones de pytest deben llegar al otro.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL_"))}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"Falla {' '.join(str(part) for part in command[:6])}:\n{done.stdout}{done.stderr}"[-6000:])
    return done
