"""Los síntomas literales de `escalar`: se provocan, y el texto de la tabla es el que sale."""

import socket
import subprocess
import sys

import pytest
from ai_edge_litert.interpreter import Interpreter


def test_a_port_that_is_taken(tmp_path, symptoms):
    (tmp_path / "empty.py").write_text("async def app(scope, receive, send): ...")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "uvicorn", "--app-dir", str(tmp_path), "empty:app", "--port", port]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60).stderr
    (line,) = [line for line in said.splitlines() if "[Errno" in line]
    assert "[" + line.split("[", 1)[-1].replace(port, "…") in symptoms("escalar")


def test_two_owners_of_a_tensor(tflites, symptoms):
    runner = Interpreter(model_content=tflites["float32"])
    runner.allocate_tensors()
    view = runner.tensor(runner.get_output_details()[0]["index"])()
    with pytest.raises(RuntimeError) as caught:
        runner.invoke()
    assert view is not None
    print(repr(str(caught.value)))
    assert f"RuntimeError: {caught.value}".split("\n")[0] in symptoms("escalar")
