"""Un servidor en segundo plano que siempre se acaba: con `stop`, al salir del bloque `with` y aunque maten a Python.

Entre este proceso y el servidor se pone un guardián, este mismo módulo. Su entrada estándar es una tubería que solo
este proceso mantiene abierta: si muere, aunque sea con SIGKILL, la tubería se cierra y el guardián acaba con todos.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import weakref
from collections.abc import Sequence
from pathlib import Path

import psutil

_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # 127.0.0.1 no pasa por ningún proxy
_GRACE_S = 5.0


class Server:
    """Un servidor HTTP local en marcha.

    Args:
        command: Programa y argumentos; `{port}` se sustituye por un puerto libre.
        health: Ruta que responde 200 cuando está listo.
        seconds: Cuánto se espera a que lo esté.

    Attributes:
        url: Su dirección, como `http://127.0.0.1:40123`.

    Raises:
        TypeError: Si `command` no es una lista de cadenas.
        ValueError: Si ningún argumento lleva `{port}` o `seconds` no es positivo.
        RuntimeError: Si el programa acaba antes de estar listo; lleva las últimas líneas de su registro.
        TimeoutError: Si no está listo a tiempo; lleva lo mismo, y el programa se ha parado.

    Example:
        >>> with Server([sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]) as server:
        ...     server.running
        True
        >>> server.running
        False
    """

    def __init__(self, command: Sequence[str], *, health: str = "/", seconds: float = 60.0):  # noqa: D107
        if isinstance(command, str) or not all(isinstance(part, str) for part in command):
            raise TypeError('`command` debe ser una lista de cadenas, como `["mlflow", "models", "serve", …]`.')
        if not any("{port}" in part for part in command):
            raise ValueError('`command` no dice dónde va el puerto: escribe "{port}" en uno de sus argumentos.')
        if not seconds > 0:
            raise ValueError(f"`seconds` debe ser mayor que cero; has pasado {seconds}.")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        # Los programas que se instalaron con este Python (uvicorn) se encuentran aunque no se activara su entorno.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self._log = Path(tempfile.mkstemp(prefix="ligero-", suffix=".log")[1])
        with self._log.open("wb") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-m", "ligero.server", *(part.replace("{port}", str(port)) for part in command)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PATH": path},
                start_new_session=True,  # ni el Ctrl+C del cuaderno llega al servidor
            )
        # También al cerrar Python y cuando ya nadie guarda el objeto, como al volver a ejecutar la celda.
        self.stop = weakref.finalize(self, _stop, self._guard, self._log)
        self._wait(health, seconds)

    def _wait(self, health: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                if not self.running:
                    raise RuntimeError(f"El servidor ha acabado antes de estar listo. Esto dijo:\n{self.log(8)}")
                try:
                    with _LOCAL.open(self.url + health, timeout=1):
                        return
                except OSError:  # también HTTPError: responde, pero aún no está listo
                    time.sleep(0.05)
            raise TimeoutError(f"El servidor no responde en {health} tras {seconds:g} s. Esto dijo:\n{self.log(8)}")
        except BaseException:  # también si se interrumpe la celda
            self.stop()
            raise

    @property
    def running(self) -> bool:
        """Si sigue en marcha."""
        return self._guard.poll() is None

    def log(self, lines: int = 20) -> str:
        """Las últimas líneas de lo que ha escrito; vacío si ya se ha parado."""
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def __enter__(self) -> "Server":
        """Devuelve el propio servidor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Lo para, también si el bloque ha fallado."""
        self.stop()


def _stop(guard: subprocess.Popen, log: Path) -> None:
    guard.stdin.close()
    try:
        guard.wait(2 * _GRACE_S)
    except subprocess.TimeoutExpired:
        _end_children(psutil.Process(guard.pid))
        guard.kill()
        guard.wait()
    log.unlink(missing_ok=True)


def _end_children(process: psutil.Process) -> None:
    family = process.children(recursive=True)
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                end(member)
        _, family = psutil.wait_procs(family, timeout=_GRACE_S)


def _guard(command: list[str]) -> None:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def finish() -> None:
        _end_children(psutil.Process())
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)  # los nietos que se quedaron sin padre, y el propio guardián
        os._exit(1)

    threading.Thread(target=lambda: (sys.stdin.buffer.read(), finish()), daemon=True).start()
    child.wait()
    finish()


if __name__ == "__main__":
    _guard(sys.argv[1:])
