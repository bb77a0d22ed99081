"""El cliente de Kaggle de verdad contra un servidor local que responde como él."""

import errno
import http.server
import io
import json
import os
import re
import sys
import tempfile
import threading
import time
import traceback
import zipfile
from pathlib import Path

import pytest

from ligero.data import kaggle, kaggle_competition

PORT = 7777  # el que pide el cliente con KAGGLE_API_ENVIRONMENT=TEST: no se puede elegir
SECRET = "clave-de-mentira-0123456789"


def packed(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


FILES = packed(
    {
        "train.zip": packed({"train/cat.0.jpg": b"gato", "train/dog.0.jpg": b"perro"}),
        "test1.zip": packed({"test1/1.jpg": b"nadie lo sabe"}),
        "sampleSubmission.csv": b"id,label\n",
    }
)


@pytest.fixture
def port():
    """El puerto es fijo: un cerrojo entre procesos deja que dos suites se ejecuten a la vez."""
    lock = Path(tempfile.gettempdir()) / f"ligero-{PORT}.lock"
    deadline = time.monotonic() + 120
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
            if time.time() - lock.stat().st_mtime > 60:  # de una suite que murió
                lock.unlink(missing_ok=True)
            assert time.monotonic() < deadline, f"otra suite ocupa el puerto {PORT}"
            time.sleep(0.2)
    yield PORT
    lock.unlink(missing_ok=True)


@pytest.fixture
def answer(port, monkeypatch, tmp_path):
    """Arranca el servidor con una respuesta: un código de error, o los bytes del fichero y su longitud declarada."""
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    monkeypatch.setenv("KAGGLE_USERNAME", "alguien")
    monkeypatch.setenv("KAGGLE_KEY", SECRET)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("KAGGLE_API_TOKEN", raising=False)
    monkeypatch.setattr(kaggle, "_RETRIES", 0)
    running = []

    def start(status=200, body=FILES, length=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if status != 200:
                    return self.reply(
                        status, "application/json", json.dumps({"code": status, "message": SECRET}).encode()
                    )
                self.send_response(302)  # como Kaggle: el fichero está en otro sitio
                self.send_header("Location", f"http://localhost:{PORT}/fichero.zip")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                self.reply(200, "application/zip", body, length)

            def reply(self, code, kind, content, declared=None):
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(declared or len(content)))
                self.send_header("Last-Modified", "Fri, 20 Nov 2026 10:00:00 GMT")
                self.end_headers()
                self.wfile.write(content)

        server = http.server.ThreadingHTTPServer(("localhost", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def refused(folder, name="dogs-vs-cats"):
    """El error que da la descarga; comprueba que no enseña credenciales ni deja nada a medias."""
    with pytest.raises(kaggle.KaggleError) as caught:
        kaggle_competition(name, folder)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None and caught.value.__cause__ is None
    assert not folder.exists() and not list(folder.parent.glob(".kaggle-*"))
    return str(caught.value)


def test_the_inner_zips_are_opened_too(answer, tmp_path, capsys):
    answer()
    folder = kaggle_competition("dogs-vs-cats", tmp_path / "perros")
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == ["sampleSubmission.csv", "test1/1.jpg", "train/cat.0.jpg", "train/dog.0.jpg"]
    said = capsys.readouterr()
    assert said.out == "" and SECRET not in said.err and "100%" in said.err


def test_what_is_already_there_is_not_downloaded_again(tmp_path):
    (tmp_path / "perros").mkdir()
    (tmp_path / "perros" / "algo").touch()
    assert kaggle_competition("dogs-vs-cats", tmp_path / "perros") == tmp_path / "perros"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, r"401\): crea un token nuevo"),
        (403, "acepta las reglas en https://www.kaggle.com/c/dogs-vs-cats/rules"),
        (404, "ninguna competición «dogs-vs-cats»"),
        (500, r"error \(500\): no depende de ti"),
    ],
)
def test_what_the_server_refuses_is_explained(answer, tmp_path, status, says):
    answer(status)
    message = refused(tmp_path / "perros")
    assert re.search(says, message), message


@pytest.mark.parametrize(
    ("body", "length"),
    [
        pytest.param(FILES[: len(FILES) // 2], len(FILES), id="se corta la conexión"),
        pytest.param(FILES[: len(FILES) // 2], None, id="llega medio zip, con otro entero dentro"),
        pytest.param(b"<html>error</html>", None, id="no es un zip"),
        pytest.param(FILES.replace(b"gato", b"pato"), None, id="un byte cambiado"),
    ],
)
def test_a_damaged_download_is_noticed(answer, tmp_path, body, length):
    answer(body=body, length=length)
    assert "incompleta o dañada" in refused(tmp_path / "perros")


@pytest.mark.parametrize("name", ["../fuera.txt", "/tmp/fuera.txt", "a/../../fuera.txt"])
def test_members_that_point_outside_are_refused(answer, tmp_path, name):
    answer(body=packed({"dentro.txt": b"", name: b"mal"}))
    assert "fuera de la carpeta" in refused(tmp_path / "perros")
    assert not (tmp_path / "fuera.txt").exists()


def test_symbolic_links_are_refused(answer, tmp_path):
    link = zipfile.ZipInfo("enlace")
    link.external_attr = 0o120777 << 16
    answer(body=packed({link: "/etc/passwd"}))
    assert "fuera de la carpeta" in refused(tmp_path / "perros")


def test_without_network(answer, tmp_path):
    """Con el servidor parado, nadie responde en ese puerto."""
    assert "comprueba la conexión" in refused(tmp_path / "perros")


def test_without_credentials(answer, tmp_path, monkeypatch):
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    assert "KAGGLE_API_TOKEN" in refused(tmp_path / "perros")


@pytest.mark.parametrize("name", ["", "dogs vs cats", "../x", None, "https://www.kaggle.com/c/dogs-vs-cats"])
def test_names_that_are_not_of_a_competition(tmp_path, name):
    with pytest.raises(ValueError, match="nombre de una competición"):
        kaggle_competition(name, tmp_path / "x")


def test_the_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaggle.api.kaggle_api_extended", None)
    with pytest.raises(ModuleNotFoundError, match="%pip install"):
        kaggle_competition("dogs-vs-cats", tmp_path / "x")
    assert not list(tmp_path.iterdir())
