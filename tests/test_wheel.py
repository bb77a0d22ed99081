"""El paquete que se instala en Colab: se construye, se instala y sirve fuera del repositorio."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from course import project


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    # Desde una copia, para que ni un build/ viejo ni los ficheros sin seguir entren en el paquete.
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project.ROOT / name, source / name)
    shutil.copytree(project.ROOT / "code", source / "code", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source],
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl")
    return built


def test_it_holds_the_package_its_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "ligero/resources/claims.csv" in names and "ligero/resources/published.csv" in names
    assert "ligero/resources/decision.json" in names
    assert "ligero/exercises/cuantizacion_postentrenamiento.py" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ligero"}


def test_it_installs_and_works_away_from_the_repository(wheel, tmp_path):
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel],
        check=True,
        capture_output=True,
    )
    program = (
        "import ligero, pathlib, sys\n"
        "assert pathlib.Path(ligero.__file__).is_relative_to(sys.argv[1]), ligero.__file__\n"
        "from ligero import claims, convert, data, measure, models, plots, published, report, runtime\n"
        "from ligero.exercises import catalogue\n"
        "assert claims.load() and published.figures() and catalogue()\n"
        "print(models.digits_cnn().count_params())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(site)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "105226\n"
    assert done.stderr == "", "importar el paquete no debe escribir avisos"
