"""Un cuaderno en JupyterLab, como lo haría quien estudia: se ejecuta entero, un ejercicio mal y luego bien."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

from course import anatomy, project

#: El que menos tarda.
NOTEBOOK = next(path for path in project.notebooks() if path.stem == "rendimiento")
SECONDS = 300


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def lab(tmp_path):
    """JupyterLab con una copia del cuaderno: lo que aquí se escriba no toca el original."""
    work, settings = tmp_path / "work", tmp_path / "settings" / "@jupyterlab"
    work.mkdir()
    shutil.copy(NOTEBOOK, work)
    for plugin, values in {
        "notebook-extension/tracker": {"windowingMode": "none"},  # con «full», lo que no se ve no está en la página
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }.items():
        path = settings / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    port, token = free_port(), secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    with open(tmp_path / "lab.log", "wb") as log:
        server = subprocess.Popen(
            [*command, "--ip=127.0.0.1", f"--IdentityProvider.token={token}", f"--notebook-dir={work}"],
            env={**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"), "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline and server.poll() is None, (tmp_path / "lab.log").read_text()[-2000:]
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK.name}?token={token}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def first_exercise():
    """Posición de su celda entre las de código, su plantilla y la solución publicada."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    position, call = anatomy.calls(cells, "check")[0]
    code = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
    solution = re.search(r"<summary>Solución</summary>\s+```python\n(.*?)```", cells[position + 1].source, re.S)[1]
    return code.index(position), call, solution


def wait_until_idle(page, cells):
    page.wait_for_function(
        """([cells]) => {
            const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map(p => p.textContent);
            return prompts.length === cells && prompts.every(p => /\\[\\d+\\]/.test(p));
        }""",
        arg=[cells],
        timeout=SECONDS * 1000,
    )


def rewrite(page, cell, source):
    editor = cell.locator(".cm-content")
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")


def test_a_student_runs_it_whole_and_answers_wrong_and_then_right(lab, browser):
    position, call, solution = first_exercise()
    name, check = call.args[1].id, f"check({call.args[0].value!r}, {call.args[1].id})"
    total = sum(cell.cell_type == "code" for cell in nbformat.read(NOTEBOOK, as_version=4).cells)
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(lab)
        page.get_by_text(re.compile(r"Python 3 .*\| Idle")).wait_for()  # antes preguntaría qué núcleo usar
        page.locator("li.lm-MenuBar-item", has_text="Edit").click()
        page.locator("li[data-command='editmenu:clear-all']").click()
        page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-InputPrompt')].every(prompt => !/\\d/.test(prompt.textContent))"
        )
        page.locator("li.lm-MenuBar-item", has_text="Run").click()
        page.locator("li[data-command='runmenu:run-all']").click()
        wait_until_idle(page, total)
        assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
        cards = page.locator(".jp-OutputArea-output", has_text=re.compile(r"A-\d+ · (comprobada|matizada|corregida)"))
        assert cards.count() >= 3

        cell = page.locator(".jp-CodeCell").nth(position)
        assert "Pendiente" in cell.locator(".jp-OutputArea").inner_text()
        for answer, verdict in ((f"def {name}(*arguments):\n    return 0\n\n\n", "Todavía no"), (solution, "Correcto")):
            rewrite(page, cell, f"{answer}\n\n{check}")
            cell.locator(".jp-OutputArea", has_text=verdict).wait_for()
    finally:
        page.screenshot(path=project.ROOT / "_build" / "capturas" / "jupyterlab.png")
        context.close()
