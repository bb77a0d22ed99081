"""Un servidor en segundo plano se acaba siempre: al salir, al fallar, al recoger el objeto y si matan a Python."""

import gc
import os
import subprocess
import sys
import time

import psutil
import pytest

from ligero.server import Server

SIMPLE = [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
# Un servidor que, como los de verdad, deja el trabajo a un proceso hijo y no atiende a la señal amable.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-m', 'http.server', sys.argv[1], '--bind', '127.0.0.1'])\n"
    "time.sleep(600)",
    "{port}",
]


def family(pid):
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def alive(processes, seconds=12):
    """Los que siguen vivos tras esperar; un zombi que nadie recoge ya no hace nada."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        left = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return []
        time.sleep(0.05)
    return left


@pytest.mark.parametrize("command", [SIMPLE, STUBBORN], ids=["simple", "terco y con hijos"])
def test_it_answers_and_then_leaves_nothing(command):
    with Server(command) as server:
        folder, processes = server._log.parent, family(server.wait()._guard.pid)
        assert server.running and len(processes) >= 2 and folder.exists()
    assert alive(processes) == [] and not server.running and not folder.exists()
    server.stop()  # pararlo otra vez no hace nada


def test_it_ends_when_the_block_fails():
    with pytest.raises(ZeroDivisionError), Server(SIMPLE) as server:
        processes = family(server.wait()._guard.pid)
        1 / 0  # noqa: B018
    assert alive(processes) == []


def test_it_ends_when_nobody_keeps_the_object():
    server = Server(SIMPLE).wait()
    processes = family(server._guard.pid)
    del server
    gc.collect()
    assert alive(processes) == []


@pytest.mark.parametrize("ending", ["normal", "un error", "SIGKILL"])
def test_it_ends_with_the_process_that_started_it(ending):
    """Como cuando falla una celda y se cierra el núcleo, o cuando alguien lo mata."""
    code = (
        "import sys\nfrom ligero.server import Server\n"
        f"server = Server({STUBBORN!r}).wait()\n"
        "print(server._guard.pid, flush=True)\nsys.stdin.readline()\n"
    ) + {"normal": "", "un error": "1 / 0", "SIGKILL": "import time; time.sleep(600)"}[ending]
    kernel = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with kernel:
        processes = family(int(kernel.stdout.readline()))
        assert len(processes) == 3
        if ending == "SIGKILL":
            kernel.kill()
        else:
            kernel.stdin.write(b"\n")
            kernel.stdin.close()
        assert alive(processes) == []


def test_a_program_that_ends_too_soon_says_why():
    dies = [sys.executable, "-c", "print('no encuentro el modelo {port}'); raise SystemExit(3)"]
    with pytest.raises(RuntimeError, match=r"ha acabado antes de estar listo\. Esto dijo:\nno encuentro el modelo"):
        Server(dies).wait()


def test_a_program_that_never_gets_ready_is_stopped_and_says_what_it_wrote():
    before = set(psutil.Process().children(recursive=True))
    sleeps = [sys.executable, "-c", "import time; print('cargando {port}', flush=True); time.sleep(600)"]
    with pytest.raises(RuntimeError, match=r"no responde en /health tras 1\.5 s\. Esto dijo:\ncargando"):
        Server(sleeps).wait("/health", seconds=1.5)
    assert alive(set(psutil.Process().children(recursive=True)) - before) == []


def test_a_page_that_answers_with_an_error_is_not_ready():
    with pytest.raises(RuntimeError, match="404"):
        Server(SIMPLE).wait("/no-existe", seconds=1.5)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="sin grupos de procesos")
def test_an_interrupt_of_the_notebook_does_not_reach_it():
    with Server(SIMPLE) as server:
        assert os.getpgid(server._guard.pid) != os.getpgid(0)


def test_what_it_writes_in_the_temporary_folder_goes_with_it():
    code = "import tempfile; print(tempfile.mkdtemp(), flush=True); raise SystemExit('{port}')"
    with pytest.raises(RuntimeError) as caught:
        Server([sys.executable, "-c", code]).wait()
    folder = str(caught.value).splitlines()[1]
    assert "ligero-" in folder and not os.path.exists(folder)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("mlflow serve --port {port}", "debe ser una lista"),
        ([sys.executable], r"\{port\}"),
    ],
)
def test_bad_arguments_are_explained(command, says):
    with pytest.raises(ValueError, match=says):
        Server(command)


def test_a_program_that_does_not_exist_is_named():
    with pytest.raises(RuntimeError, match="no-existe-este-programa"):
        Server(["no-existe-este-programa", "{port}"]).wait()
