"""Los procesos que lanza un cuaderno acaban con él: al cerrarlo, si falla una celda, si se interrumpe y si lo matan."""

import time

import nbformat
import psutil
import pytest
from jupyter_client import KernelManager

from course import project

SECONDS = 180


def cell(start):
    """La celda del cuaderno que contiene `start`."""
    path = next(path for path in project.notebooks() if path.stem == "escalar")
    cells = nbformat.read(path, as_version=4).cells
    return next(c.source for c in cells if c.cell_type == "code" and start in c.source)


SERVING = [
    cell("workspace ="),
    cell('"model.py").write_text'),
    cell("def start_replica"),
    "replicas = [start_replica().wait('/health'), start_replica().wait('/health')]",
    cell("def start_balancer"),
]
SHARDS = [cell('"shard.py").write_text').partition("\nSHARDS =")[0], "shards = [run_shard(i, 2) for i in range(2)]"]
RAY = [cell("ray start --head").partition('\nseconds["arrancar')[0]]
WORKERS = [cell('"dispatcher.py").write_text')]


def run(client, source):
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


@pytest.mark.parametrize(
    ("ending", "cells"),
    [
        ("falla", SERVING + SHARDS),
        ("se interrumpe", SERVING + WORKERS),
        ("lo matan", SERVING + SHARDS + RAY + WORKERS),
    ],
    ids=["falla una celda", "se interrumpe", "lo matan"],
)
def test_nothing_survives_the_notebook(ending, cells):
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        for source in cells:
            assert run(client, source) is None, source
        kernel = psutil.Process(manager.provisioner.pid)
        processes = kernel.children(recursive=True)
        assert len(processes) >= 6
        if ending == "falla":
            assert run(client, "1 / 0") == "ZeroDivisionError"
        elif ending == "se interrumpe":
            client.execute("import time; time.sleep(600)")
            time.sleep(1)
            manager.interrupt_kernel()
        if ending == "lo matan":
            kernel.kill()
        else:
            manager.shutdown_kernel()
        assert alive(processes) == []
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
