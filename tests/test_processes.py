"""Los procesos que lanza un cuaderno acaban con él: si falla una celda, si se interrumpe, si lo matan y si caducan."""

import re
import time

import nbformat
import psutil
import pytest
from jupyter_client import KernelManager

from course import project

SECONDS = 240


def cell(start):
    """La celda del cuaderno que contiene `start`."""
    path = next(path for path in project.notebooks() if path.stem == "escalar")
    cells = nbformat.read(path, as_version=4).cells
    return next(c.source for c in cells if c.cell_type == "code" and start in c.source)


FIRST = [cell("workspace ="), cell('"model.py").write_text')]
SERVING = [
    cell("def start_replica"),
    "replicas = [start_replica().wait('/health'), start_replica().wait('/health')]",
    cell("def start_balancer"),
]
SHARDS = [cell('"shard.py").write_text').split("\nSHARDS =")[0], "shards = [run_shard(i, 2) for i in range(2)]"]
RAY = ["seconds = {}", cell("ray start --head")]
WORKERS = [cell('programs["dispatcher.py"]'), cell("def outside"), cell('supervisor.py", *worker')]
NEVER = "start_replica().wait('/no-existe', seconds=600)"  # se interrumpe con un proceso recién lanzado


def execute(client, source):
    reply = client.execute_interactive(source, timeout=SECONDS, output_hook=lambda _: None)["content"]
    return reply.get("ename")


def alive(processes, seconds=20):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        left = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return []
        time.sleep(0.1)
    return left


@pytest.fixture
def manager():
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def client(manager):
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=SECONDS)
    yield client
    client.stop_channels()


def family(manager, at_least):
    """El núcleo y lo que ha lanzado, él o sus hijos: al menos `at_least` procesos."""
    kernel = psutil.Process(manager.provisioner.pid)
    processes = kernel.children(recursive=True)
    assert len(processes) >= at_least
    return kernel, processes


@pytest.mark.parametrize(
    ("ending", "cells", "at_least"),
    [
        ("falla", SERVING + SHARDS, 11),
        ("se interrumpe", SERVING, 9),
        ("lo matan", SERVING, 9),
        ("lo matan", SHARDS + RAY, 8),
        ("lo matan", WORKERS, 11),
    ],
    ids=["falla una celda", "se interrumpe", "lo matan, réplicas", "lo matan, Ray", "lo matan, tf.data service"],
)
def test_nothing_survives_the_notebook(manager, client, ending, cells, at_least):
    for source in FIRST + cells:
        assert execute(client, source) is None, source
    kernel, processes = family(manager, at_least)
    if ending == "falla":
        assert execute(client, "1 / 0") == "ZeroDivisionError"
        manager.shutdown_kernel()
    elif ending == "se interrumpe":
        asked = client.execute(NEVER)
        while len(kernel.children()) == len([p for p in processes if p.parent() == kernel]):
            time.sleep(0.05)
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=SECONDS))["parent_header"].get("msg_id") != asked:
            pass
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        processes = list({*processes, *kernel.children(recursive=True)})
        manager.shutdown_kernel()
    else:
        kernel.kill()
    assert alive(processes) == []


def test_what_nobody_stops_ends_by_itself(manager, client):
    first, model = FIRST
    short, changed = re.subn(r'"600"\]', '"5"]', first)
    assert changed == 1
    for source in (short, model, *SERVING):
        assert execute(client, source) is None, source
    _, processes = family(manager, 9)
    assert alive(processes) == []


def test_only_tf_data_service_listens_beyond_this_machine(client):
    """Y nadie habla con nadie de fuera."""
    for source in [*FIRST, *SERVING, cell("def outside"), *RAY]:
        assert execute(client, source) is None, source
    assert execute(client, "assert outside() == (0, 0), outside()") is None
    for source in [*WORKERS, "assert outside() == (3, 0), outside()"]:
        assert execute(client, source) is None, source
    # La propia comprobación ve lo que está mal.
    assert (
        execute(client, "taken = socket.create_server(('0.0.0.0', 0)); assert outside() == (4, 0), outside()") is None
    )
