"""Un servidor local en segundo plano que siempre se acaba, aunque falle una celda o maten a Python."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import weakref
from collections.abc import Sequence
from pathlib import Path

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # 127.0.0.1 no pasa por ningún proxy
# Corre entre este proceso y el servidor. Su entrada es una tubería que solo este proceso mantiene abierta: cuando se
# cierra, aunque sea porque lo han matado, acaba con toda su familia de procesos.
_GUARD = """
import os, subprocess, sys, threading
def end():
    os.killpg(0, 9) if hasattr(os, "killpg") else os.system(f"taskkill /F /T /PID {os.getpid()}")
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (server.wait(), end()), daemon=True).start()
sys.stdin.read()
end()
"""


class Server:
    """Un servidor HTTP local; arranca al crearlo y acaba con `stop`, al salir del bloque `with` o al cerrar Python.

    Args:
        command: Programa y argumentos; `{port}` se sustituye por un puerto libre. Su carpeta temporal se borra al
            acabar.

    Attributes:
        url: Su dirección, como `http://127.0.0.1:40123`.
        stop: Función que lo acaba; llamarla otra vez no hace nada.

    Raises:
        TypeError: Si `command` no es una lista de cadenas.
        ValueError: Si ningún argumento lleva `{port}`.

    Example:
        >>> with Server([sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]) as server:
        ...     server.wait().running
        True
        >>> server.running
        False
    """

    def __init__(self, command: Sequence[str]):  # noqa: D107
        if isinstance(command, str) or not all(isinstance(part, str) for part in command):
            raise TypeError('`command` debe ser una lista de cadenas, como `["mlflow", "models", "serve", …]`.')
        if not any("{port}" in part for part in command):
            raise ValueError('`command` no dice dónde va el puerto: escribe "{port}" en uno de sus argumentos.')
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = str(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        folder = tempfile.TemporaryDirectory(prefix="ligero-", ignore_cleanup_errors=True)
        self._log = Path(folder.name, "server.log")
        # Los programas que se instalaron con este Python (uvicorn) se encuentran aunque no se activara su entorno.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        with self._log.open("wb") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-c", _GUARD, *(part.replace("{port}", port) for part in command)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PATH": path, "TMPDIR": folder.name},
                start_new_session=True,  # ni el Ctrl+C del cuaderno llega al servidor
            )
        self.stop = weakref.finalize(self, _stop, self._guard, folder)

    def wait(self, path: str = "/", seconds: float = 60.0) -> "Server":
        """Espera a que responda en `path`, como mucho `seconds`, y devuelve el propio servidor.

        Raises:
            RuntimeError: Si el programa ha acabado; lleva las últimas líneas de su registro.
            TimeoutError: Si no responde a tiempo; lleva lo mismo, y el programa se para.
        """
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            with contextlib.suppress(OSError), _OPEN(self.url + path, timeout=1):  # HTTPError también es un OSError
                return self
            time.sleep(0.05)
        said = f"Esto dijo:\n{self.log()}"
        if not self.running:
            raise RuntimeError(f"El servidor ha acabado antes de estar listo. {said}")
        self.stop()
        raise TimeoutError(f"El servidor no responde en {path} tras {seconds:g} s. {said}")

    @property
    def running(self) -> bool:
        """Si sigue en marcha."""
        return self._guard.poll() is None

    def log(self, lines: int = 8) -> str:
        """Las últimas líneas que ha escrito; vacío si ya se ha parado con `stop`."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def __enter__(self) -> "Server":
        """Devuelve el propio servidor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Lo para, también si el bloque ha fallado."""
        self.stop()


def _stop(guard: subprocess.Popen, folder: tempfile.TemporaryDirectory) -> None:
    guard.stdin.close()
    guard.wait()
    folder.cleanup()
