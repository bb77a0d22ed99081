"""La dirección del repositorio vive en `_config.yml`; todo lo demás deriva de ella y está al día."""

import copy
import re
import subprocess

import nbformat
import pytest

from course import appendices, project, sync


def test_derived_files_are_up_to_date():
    stale = [path.relative_to(project.ROOT).as_posix() for path in sync.stale()]
    assert not stale, f"ejecuta `make sync`: {stale}"


def test_changing_the_address_reaches_everything_that_shows_it(monkeypatch):
    other = dict(project.config()) | {"repository": {"url": "https://github.com/otra/casa", "branch": "dev"}}
    monkeypatch.setattr(project, "config", lambda: other)
    changed = sync.derived()
    notebook = changed[project.notebooks()[0]]
    assert "colab.research.google.com/github/otra/casa/blob/dev/chapters/" in notebook
    assert "git+https://github.com/otra/casa@dev" in notebook
    assert "git clone https://github.com/otra/casa.git\ncd casa" in changed[project.ROOT / "README.md"]
    assert 'repository-code: "https://github.com/otra/casa"' in changed[project.ROOT / "CITATION.cff"]


def test_a_new_notebook_gets_its_button_and_its_cell_and_loses_nothing(tmp_path, monkeypatch):
    path = project.ROOT / "chapters" / "preparar" / "nuevo.ipynb"
    cells = [
        nbformat.v4.new_markdown_cell("# Nuevo\n\nAl terminar sabrás algo."),
        nbformat.v4.new_markdown_cell("Prosa"),
    ]
    monkeypatch.setattr(sync.nbformat, "read", lambda *_, **__: nbformat.v4.new_notebook(cells=cells))
    first = nbformat.reads(sync._notebook(path), as_version=4)
    assert first.cells[0].source == f"# Nuevo\n\n{project.badge(path)}\n\nAl terminar sabrás algo."
    assert first.cells[1].source == project.setup_cell(path) and first.cells[1].cell_type == "code"
    assert first.cells[2].source == "Prosa" and first.cells[2].cell_type == "markdown"
    monkeypatch.setattr(sync.nbformat, "read", lambda *_, **__: copy.deepcopy(first))
    assert nbformat.reads(sync._notebook(path), as_version=4) == first


def test_nothing_else_writes_the_address():
    listed = subprocess.run(
        ["git", "grep", "-l", project.repository()], cwd=project.ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    allowed = {path.relative_to(project.ROOT).as_posix() for path in sync.derived()} | {"_config.yml"}
    assert set(listed) <= allowed


def test_a_page_that_does_not_exist_is_named(tmp_path, monkeypatch):
    (tmp_path / "_toc.yml").write_text("root: a\nparts: []\n")
    monkeypatch.setattr(project, "ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match="_toc.yml nombra «a»"):
        project.pages.__wrapped__()


def test_every_page_is_in_the_index():
    written = {
        path
        for path in (project.ROOT / "chapters").rglob("*")
        if path.suffix in (".md", ".ipynb") and ".ipynb_checkpoints" not in path.parts
    }
    assert written == set(project.pages())


def test_claims_page_counts_kinds_apart_and_links_each_claim():
    text = appendices.claims_page()
    assert re.search(r"comprobadas, \d+; matizadas .*, \d+; corregidas .*, \d+; y aparte, informativas .*, \d+\.", text)
    for claim_id, (page, _) in appendices.proven().items():
        assert f"## {claim_id}: " in text and f"](../{page}.ipynb)" in text


def test_environment_page_gives_date_machine_and_versions():
    text = appendices.environment_page()
    assert re.search(r"^## .+ núcleos, \w+, Python 3\.1\d\.\d+$", text, re.M)
    for path in project.notebooks():
        assert re.search(rf"`{project.page_id(path)}` \(20\d\d-\d\d-\d\d\)", text)
    assert "| ai-edge-litert | " in text and "| tensorflow | 2.20.0 |" in text, "las de aquí y las de Colab"


def test_requirements_pin_every_package_exactly():
    lines = (project.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line.strip() and not line.startswith("#")]
    assert packages and all(re.match(r"[\w.\[\]-]+==[\w.+!]+( ;.*)?$", line) for line in packages)
    names = {re.split(r"==", line)[0].lower().replace("_", "-") for line in packages}
    required = {"jupyter-book", "tensorflow", "tensorflow-model-optimization", "matplotlib", "nbval", "kaggle"}
    assert required <= names


def test_direct_requirements_are_the_pinned_ones():
    direct = (project.ROOT / "requirements.in").read_text(encoding="utf-8")
    pinned = (project.ROOT / "requirements.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    for line in direct.splitlines():
        name = re.split(r"[=<>~\[]", line)[0].strip().lower().replace("_", "-")
        if name and not name.startswith("#"):
            assert re.search(rf"^{re.escape(name)}==", pinned, re.M), f"{name}: vuelve a resolver requirements.txt"


def test_core_stays_small():
    package = project.ROOT / "code" / "ligero"
    for folder, most in (("", 2500), ("data", 1000), ("inspection", 1100), ("project", 450)):
        modules = (package / folder).glob("*.py")
        sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
        assert max(sizes.values()) <= 300, sizes
        assert sum(sizes.values()) <= most, sizes


def test_readme_make_and_ci_run_the_same_commands():
    readme, makefile, ci = (
        (project.ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile", ".ci/run")
    )
    for command in ("-m course.book", "-m pytest --nbval"):
        assert command in readme and command in makefile
    for flag in ("--no-deps", "--no-build-isolation", "--editable ."):
        assert flag in readme and flag in makefile
    assert "make test" in readme and "make test" in ci


def test_only_the_notebook_that_needs_more_installs_it(monkeypatch):
    plain = next(path for path in project.notebooks() if path.stem not in project.extras())
    assert '"ligero @ git+' in project.setup_cell(plain)
    monkeypatch.setattr(project, "extras", lambda: {plain.stem: ["algo"]})
    assert f'"ligero[{plain.stem}] @ git+' in project.setup_cell(plain)


def test_every_extra_belongs_to_a_notebook():
    assert set(project.extras()) <= {path.stem for path in project.notebooks()}
