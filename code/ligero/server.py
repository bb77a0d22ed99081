"""Un servidor local en segundo plano que siempre se acaba, aunque falle una celda o maten a Python."""

import contextlib
import os
import socket
import sys
import tempfile
import time
import urllib.request
import weakref
from pathlib import Path
from subprocess import PIPE, Popen

# Entre este proceso y el servidor. Cuando se cierra su entrada, aunque sea porque nos han matado, acaba con todos.
_GUARD = """import os, subprocess, sys, threading
def end():
    os.killpg(0, 9) if hasattr(os, "killpg") else os.system(f"taskkill /F /T /PID {os.getpid()}")
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (server.wait(), end()), daemon=True).start()
sys.stdin.read(), end()"""


class Server(contextlib.AbstractContextManager):
    """Un servidor HTTP en `url`; acaba con `stop()`, al salir del bloque `with` o al cerrar Python.

    `command` es la lista del programa y sus argumentos; `{port}` se sustituye por un puerto libre, y debe estar.

    Example:
        >>> with Server([sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]) as server:
        ...     server.wait().running
        True
    """

    def __init__(self, command: list[str]):  # noqa: D107
        if not isinstance(command, list) or "{port}" not in "".join(command):
            raise ValueError('`command` debe ser una lista, como `["mlflow", …, "--port", "{port}"]`.')
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = str(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        folder = tempfile.TemporaryDirectory(prefix="ligero-", ignore_cleanup_errors=True)
        # Así encuentra los programas instalados con este Python (uvicorn), y lo temporal que escriba se borra.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = os.environ | {"PATH": path, "TMPDIR": folder.name}
        guard = [sys.executable, "-c", _GUARD, *(part.replace("{port}", port) for part in command)]
        self._log = Path(folder.name, "server.log")
        with self._log.open("wb") as log:  # con sesión propia, ni el Ctrl+C del cuaderno le llega
            self._guard = Popen(guard, stdin=PIPE, stdout=log, stderr=log, env=environment, start_new_session=True)
        self.stop = weakref.finalize(self, lambda guard: (guard.communicate(), folder.cleanup()), self._guard)

    def wait(self, path: str = "/", seconds: float = 60.0) -> "Server":
        """Espera a que responda; si no lo hace a tiempo o ha acabado, `RuntimeError` con lo último que escribió."""
        deadline = time.monotonic() + seconds
        client = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # 127.0.0.1 no pasa por ningún proxy
        while self.running and time.monotonic() < deadline:
            with contextlib.suppress(OSError), client.open(self.url + path, timeout=1):  # HTTPError también lo es
                return self
            time.sleep(0.05)
        what = f"no responde en {path} tras {seconds:g} s" if self.running else "ha acabado antes de estar listo"
        said = "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        self.stop()
        raise RuntimeError(f"El servidor {what}. Esto dijo:\n{said}")

    @property
    def running(self) -> bool:
        """Si sigue en marcha."""
        return self._guard.poll() is None

    def __exit__(self, *_: object) -> None:
        """Lo para, también si el bloque ha fallado."""
        self.stop()
