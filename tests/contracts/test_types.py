"""What type checkers and editors see of `import tltutor as tl`: the very classes, every argument checked, every name completed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from places import PACKAGE

import tltutor as tl

CONFIG = """\
[mypy]
python_version = 3.11
follow_imports = silent
ignore_missing_imports = true
[mypy-torch.*,torchvision.*,numpy.*,scipy.*,sklearn.*,PIL.*,ipywidgets.*,anywidget.*,traitlets.*,jinja2.*,pooch.*,requests.*]
follow_imports = skip
"""
REVEALED = {  # expression -> a part of the type that mypy must find
    "tl.Session": "-> tltutor.training.session.Session",
    "tl.FrozenFeatures": "-> tltutor.networks.extraction.FrozenFeatures",
    "tl.load_pair": "-> tltutor.domains.pair.DomainPair",
    "tl.build_network": "-> tltutor.networks.network.Network",
    "tl.lessons.begin": "-> tltutor.lessons.lesson.Lesson",
    "tl.experiment.Experiment": "-> tltutor.experiment.experiment.Experiment",
    "tl.Lab.close": "tltutor.lab.lab.Lab",
}
REFUSED = {  # statement -> what mypy must say about it
    "tl.Session(1, nonsense=4)": 'Unexpected keyword argument "nonsense" for "Session"',
    "tl.load_pair(3)": 'incompatible type "int"; expected "str"',
    "tl.nonsense": 'Module has no attribute "nonsense"',
}


@pytest.mark.slow
def test_a_type_checker_sees_the_classes_and_their_arguments(tmp_path: Path) -> None:
    lines = ["import tltutor as tl", *(f"reveal_type({one})" for one in REVEALED), *REFUSED]
    (tmp_path / "uses.py").write_text("\n".join(lines), "utf-8")
    (tmp_path / "mypy.ini").write_text(CONFIG, "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "mypy.ini",
        "--cache-dir",
        "cache",
        "--no-error-summary",
        "uses.py",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"MYPYPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    said = dict.fromkeys(range(1, len(lines) + 1), "")
    for number, text in re.findall(r"^uses.py:(\d+): (.*)$", done.stdout, re.MULTILINE):
        said[int(number)] += text
    assert said[1] == "", "importing tltutor is no error"
    for number, (line, wanted) in enumerate([*REVEALED.items(), *REFUSED.items()], 2):
        assert wanted in said[number], line


def test_type_checkers_and_python_see_the_same_names() -> None:
    """The block under TYPE_CHECKING, the table of homes, the rooms and __all__ name the same things from the same modules."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    assert len(imports) == len(block.body)
    homes = {alias.asname or alias.name: node.module for node in imports for alias in node.names}
    assert homes == {name: f"tltutor.{home}" for name, home in tl._HOMES.items()} | dict.fromkeys(
        tl._ROOMS, "tltutor"
    )
    assert sorted([*homes, "__version__"]) == sorted(tl.__all__) == dir(tl)
    for name in tl.__all__:
        assert getattr(tl, name) is not None


@pytest.mark.slow
def test_a_notebook_completes_the_public_names() -> None:
    """In IPython, by jedi (which reads the source) and without it (which asks `dir`)."""
    code = """
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import tltutor as tl")
for use_jedi in (True, False):
    shell.Completer.use_jedi = use_jedi
    for text in ("tl.Sess", "tl.Froz", "tl.less", "tl.load_"):
        with provisionalcompleter():
            print(*sorted({one.text.rpartition(".")[2] for one in shell.Completer.completions(text, len(text))}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        done.stdout.splitlines()
        == ["Session", "FrozenFeatures", "lessons", "load_network load_pair"] * 2
    )
