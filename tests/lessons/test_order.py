"""What a NameError says in a lesson: which cell to run where a cell makes the name, Python's own words for a typo."""

import json

import pytest

from tltutor.lessons import order

CELLS = [
    "import numpy as np\nfrom tltutor import lessons",
    "%matplotlib inline\nlab, (a, b) = 1, (2, 3)",
    "def f(x):\n    return x",
    "lab = (",
]


class Shell:
    """As much of IPython's shell as the handler uses."""

    def __init__(self):
        self.user_ns, self.shown = {}, None

    def showtraceback(self, error, tb_offset=None):
        self.shown = str(error[1])


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "lesson.ipynb"
    cells = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in CELLS]
    path.write_text(
        json.dumps({"cells": [*cells, {"cell_type": "markdown", "source": ["typo = 1"]}]}), "utf-8"
    )
    return path


def said(name):
    shell = Shell()
    try:
        eval(name, {})  # noqa: S307 - a NameError as Python makes it
    except NameError as error:
        order.show(shell, NameError, error, error.__traceback__)
    return shell.shown


def test_a_name_that_a_cell_makes_says_what_to_run_and_a_typo_does_not(notebook, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    for name in ("np", "lessons", "lab", "a", "b", "f"):
        assert "Run All Above" in said(name), name
    for name in ("pritn", "typo"):
        assert "Run All Above" not in said(name), name


def test_without_the_notebooks_file_python_speaks_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert said("lab") == "name 'lab' is not defined"
    for content in ("", "{}", '{"cells": [3]}'):
        broken = tmp_path / "broken.ipynb"
        broken.write_text(content, "utf-8")
        assert order.cells_of(broken) == []
    assert order.cells_of(tmp_path / "missing.ipynb") == []


def test_vs_code_names_its_notebook_in_the_notebook(notebook, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert order.notebook_path({"__vsc_ipynb_file__": str(notebook)}) == notebook
