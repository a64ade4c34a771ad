"""The arrows between rooms: a room imports only rooms of a lower rank, views knows no torch, and importing tltutor is quick."""

from __future__ import annotations

import ast
import graphlib
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import PACKAGE, ROOT

RANKS = {  # as CONTRIBUTING.md explains them
    "checks": 0,
    "events": 0,
    "files": 0,
    "settings": 0,
    "language": 0,
    "source": 0,
    "templates": 0,
    "thumbnails": 0,
    "worker": 0,
    "tasks": 0,  # torch alone: a network takes its head from here
    "formula": 1,
    "domains": 1,
    "networks": 1,
    "objectives": 2,
    "projections": 2,
    "classical": 2,
    "metrics": 3,
    "training": 4,
    "recording": 5,
    "views": 5,
    "player": 6,
    "export": 6,
    "experiment": 6,
    "classroom": 6,
    "evaluation": 7,
    "lab": 8,
    "machine": 9,
    "lessons": 9,
    "cli": 10,
}
VIEWS_MAY_USE = {"events", "settings", "thumbnails", "language"}
OUTSIDERS = {"order.py"}  # IPython says what its handler takes
HEAVY = (
    "torch",
    "torchvision",
    "matplotlib",
    "sklearn",
    "umap",
    "numba",
    "ipywidgets",
    "anywidget",
    "jupyterlab",
)
HEAVY += ("loky", "pooch", "requests", "jinja2", "optuna", "dask", "psutil")
HEAVY += ("starlette", "uvicorn", "segno")
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The room a file lives in: the first part of its path, without .py; "" for the front door."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first in ("__init__", "__main__") else first


def runtime_imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Every module that a file imports when it runs, with dots; blocks under TYPE_CHECKING are left out."""
    exempt = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in exempt:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve(node, package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def resolve(node: ast.ImportFrom, package: str) -> str:
    """The absolute name of the module in `from … import`, also for a relative one."""
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *(node.module or "").split(".")]).rstrip(".")


def rooms_used(source: str, package: str = "tltutor") -> set[str]:
    """The rooms of tltutor that this source imports when it runs; a public name counts as its home."""
    import tltutor

    used = set()
    for name in runtime_imports(ast.parse(source), package):
        head, *rest = name.split(".")
        if head == "tltutor" and rest:
            used.add(tltutor._HOMES.get(rest[0], rest[0]).split(".")[0])
    return used - {"__version__"}


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).parts[:-1])


def test_every_room_is_known() -> None:
    assert {room(path) for path in FILES} - {""} <= set(RANKS), (
        "give the new room a rank here and in CONTRIBUTING.md"
    )


def test_the_table_of_rooms_in_contributing_gives_the_same_ranks() -> None:
    rows = re.findall(
        r"^\| (\d+) \| `(\w+)(?:\.py|/)` \|",
        (ROOT / "CONTRIBUTING.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert {room: int(rank) for rank, room in rows} == RANKS
    for name in RANKS:
        assert (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file(), (
            f"{name} is no room any more"
        )


def arrows_up(path: Path) -> Iterator[str]:
    """What is wrong with each import of this file that does not point down."""
    here, name = room(path), path.relative_to(PACKAGE)
    for used in rooms_used(path.read_text("utf-8"), package_of(path)) - {here}:
        if not here:
            yield f"{name} must stay lazy, yet it imports {used}"
        elif RANKS[used] >= RANKS[here]:
            yield f"{name}: {here} (rank {RANKS[here]}) must not import {used} (rank {RANKS[used]})"


def test_arrows_point_down() -> None:
    assert [arrow for path in FILES for arrow in arrows_up(path)] == []


def test_every_file_opens_with_one_sentence() -> None:
    silent = [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == [], (
        "CONTRIBUTING.md: a file opens with what it is and, if useful, what it does not know"
    )


def modules_used(path: Path, modules: set[str]) -> set[str]:
    """The modules of tltutor that a file imports when it runs; a name from a package counts as the package's own file."""
    found = set()
    for name in runtime_imports(ast.parse(path.read_text("utf-8")), package_of(path)):
        parts = name.split(".")
        found |= {
            max(
                (m for n in range(len(parts)) if (m := ".".join(parts[: n + 1])) in modules),
                key=len,
                default="",
            )
        }
    return found - {"", "tltutor"}


def test_no_import_comes_back_to_where_it_began() -> None:
    """No circle among files, not even one that a late import hides."""
    named = {
        ".".join((*path.relative_to(PACKAGE.parent).parts[:-1], path.stem)).removesuffix(
            ".__init__"
        ): path
        for path in FILES
    }
    arrows = {name: modules_used(path, set(named)) - {name} for name, path in named.items()}
    try:
        tuple(graphlib.TopologicalSorter(arrows).static_order())
    except graphlib.CycleError as circle:
        pytest.fail(f"imports go round: {' <- '.join(circle.args[1])}")


def test_views_knows_facts_only() -> None:
    for path in (p for p in FILES if room(p) == "views"):
        source = path.read_text("utf-8")
        assert rooms_used(source, package_of(path)) <= VIEWS_MAY_USE | {"views"}
        assert not any(
            name.split(".")[0] == "torch"
            for name in runtime_imports(ast.parse(source), package_of(path))
        )


@pytest.mark.parametrize(
    ("source", "package", "used"),
    [
        ("import tltutor.training", "tltutor", {"training"}),
        ("from tltutor import Session", "tltutor", {"training"}),
        ("from tltutor.training.session import Session", "tltutor", {"training"}),
        ("from . import training", "tltutor", {"training"}),
        ("from ..training import Session", "tltutor.views", {"training"}),
        ("def f():\n    from tltutor.player import Player", "tltutor", {"player"}),
        ("if TYPE_CHECKING:\n    from tltutor.training.session import Session", "tltutor", set()),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import tltutor.lab", "tltutor", {"lab"}),
        ("import torch", "tltutor", set()),
    ],
)
def test_the_reader_of_imports_misses_none(source: str, package: str, used: set[str]) -> None:
    assert rooms_used(source, package) == used


def loaded_by(statement: str) -> set[str]:
    """Which heavy packages a fresh Python has loaded after the statement."""
    code = f"import sys\n{statement}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_tltutor_loads_nothing_heavy() -> None:
    assert loaded_by("import tltutor") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "import tltutor.views",
        "import tltutor.events, tltutor.settings",
        "import tltutor.cli",
        "import tltutor.classical",
    ],
)
def test_loads_no_torch(statement: str) -> None:
    assert "torch" not in loaded_by(statement)


def test_the_probe_of_loaded_packages_sees_torch() -> None:
    assert "torch" in loaded_by("import torch")


def _function_lengths(path: Path) -> Iterator[tuple[int, str]]:
    """Lines of each function's body without its docstring, and the function's name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield (node.end_lineno or 0) - body[0].lineno + 1 if body else 0, node.name


def test_functions_are_short() -> None:
    """Readable code outranks this rule: a function that reads well in 40 lines need not be cut up."""
    lengths = [length for path in FILES for length in _function_lengths(path)]
    assert max(lengths)[0] <= 50, f"split {max(lengths)[1]}"
    assert statistics.median(length for length, _ in lengths) <= 12


def crowded(source: str) -> list[str]:
    """Public functions and methods that take more than four positional parameters beside self or cls."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            if len([name for name in names if name not in ("self", "cls")]) > 4:
                found.append(node.name)
    return found


def test_public_functions_take_at_most_four_positional_parameters() -> None:
    assert {
        path.name: names
        for path in FILES
        if (names := crowded(path.read_text("utf-8"))) and path.name not in OUTSIDERS
    } == {}
    assert crowded(
        "def f(a, b, c, d, *, e): ...\ndef _g(a, b, c, d, e): ...\ndef h(a, b, c, d, e): ..."
    ) == ["h"]


def test_no_file_is_a_drawer() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert not [path for path in FILES if path.name in drawers]


def test_objectives_are_one_screen_each() -> None:
    """A method's file has about 60 lines of code; a much longer one holds a second idea."""
    shared = {"__init__.py", "checks.py", "objective.py"}
    long = {
        p.name: n
        for p in FILES
        if room(p) == "objectives"
        and p.name not in shared
        and (n := len(p.read_text().splitlines())) > 125
    }
    assert not long
