"""Lo que comparten las pruebas: el sitio, el navegador, una red entrenada y sus conversiones."""

import os
import shutil
import warnings

import matplotlib
import nbformat
import pytest
from playwright.sync_api import sync_playwright

from course import book, project
from ligero import convert, data, models

matplotlib.use("agg")

# Nada de esto hace falta para leer el libro, y Chromium lo pide por su cuenta.
QUIET = "--disable-background-networking --disable-component-update --disable-sync --no-first-run --disable-quic"


@pytest.fixture(scope="module")  # cerrado antes de que nbval necesite su propio bucle de eventos
def browser():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if program is None:
        message = "No hay Chromium: en Debian o Ubuntu, `apt-get install chromium`. Sin él no se prueba el navegador."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", *QUIET.split()]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    return book.build(tmp_path_factory.mktemp("book"), quiet=True)


@pytest.fixture(scope="session")
def split():
    return next(data.digit_folds(3))


@pytest.fixture(scope="session")
def network(split):
    return models.train(models.digits_cnn(filters=8, hidden=32), split.x_train, split.y_train, epochs=4)


@pytest.fixture(scope="session")
def tflites(network, split, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved_model")
    network.export(folder, verbose=False)
    return {
        scheme: convert.convert(folder, scheme, split.x_train[:50] if scheme.startswith("int") else None)
        for scheme in convert.SCHEMES
    }


@pytest.fixture(scope="session")
def onnx_path(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "red.onnx"
    with warnings.catch_warnings():  # tf2onnx habla con NumPy a la antigua
        warnings.simplefilter("ignore")
        network.export(path, format="onnx", verbose=False)
    return path


@pytest.fixture(scope="session")
def symptoms():
    """La tabla «Lo que suele fallar» de un cuaderno, sin las comillas de código."""

    def read(stem):
        path = next(path for path in project.notebooks() if path.stem == stem)
        cell = next(cell for cell in nbformat.read(path, as_version=4).cells if "| Síntoma |" in cell.source)
        return cell.source.replace("`", "")

    return read
