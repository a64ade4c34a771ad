"""What a user gets: a wheel that is whole and works anywhere, one list of dependencies in two files, and only listed skips."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

import oldest
import pytest
from packaging.version import Version
from places import ROOT, TUTORIALS

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA_NAMES = {"torch": "pytorch", "build": "python-build", "playwright": "playwright-python"}
THEIR_OWN = {"python", "pip"}  # conda names these itself
THEIRS = {
    "IPython",
    "ipykernel",  # jupyterlab brings it
    "jupyter_core",
    "traitlets",
    "nbclient",
    "nbconvert",
    "nbformat",
    "dask",
    "distributed",  # dask[distributed] brings it
    "openTSNE",
    "optuna",
    "pandas",
    "pygments",
    "playwright",
    "requests",
    "starlette",
    "voila",
}
FOR_ITS_VERSION = {"ipywidgets"}  # anywidget brings it, but would take an older one


# --- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked into a folder of its own, as `pip install --target` does."""
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def outside(installed: Path, *words: str) -> str:
    """Output of the installed package's Python run, far from the checkout."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=installed.parent,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shipped_files() -> Iterator[str]:
    """Every file of the package and every lesson, by the name it must have in the wheel."""
    for path in sorted((ROOT / "tltutor").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()
    for pattern in ("*.ipynb", "examples/*.ipynb", "examples/zh/*.ipynb"):
        for path in sorted((ROOT / "tutorials").glob(pattern)):
            yield f"tltutor/{path.relative_to(ROOT).as_posix()}"


def test_the_wheel_holds_every_file_of_the_package_and_the_lessons(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = set(shipped_files())
    assert expected <= names, expected - names
    assert "tltutor/py.typed" in names
    assert any(fnmatch(name, "tltutor/views/dist/*.js") for name in names)
    assert any(fnmatch(name, "tltutor/tutorials/01*.ipynb") for name in names)
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if not name.startswith(("tltutor/", "tltutor-"))]
    assert not [name for name in names if "checkpoint" in name.lower() and name.endswith(".ipynb")]


def test_the_wheel_works_outside_the_checkout(installed: Path) -> None:
    code = "import tltutor; from tltutor.cli.originals import originals; print(tltutor.__file__, *originals(), sep='\\n')"
    home, *lessons = outside(installed, "-c", code).splitlines()
    assert Path(home).is_relative_to(installed)
    assert lessons
    assert all(Path(lesson).is_relative_to(installed) for lesson in lessons)


def test_the_wheels_map_finds_its_front_end(installed: Path) -> None:
    out = outside(
        installed,
        "-c",
        "from tltutor.machine import doctor; f = doctor.probe_front_end(); print(f.state, f.found)",
    )
    assert out.startswith("ok ")
    assert "app.js" in out


@pytest.mark.slow
def test_the_wheels_command_trains(installed: Path) -> None:
    words = ("run", "moons->rotated-moons", "--objective", "dann", "--steps", "2", "--seeds", "1")
    assert "target only" in outside(installed, "-m", "tltutor.cli", *words)


# --- one list of dependencies


def bare(requirement: str) -> str:
    return re.split(r"[ <>=!~;\[]", requirement)[0].lower()


def conda_names() -> set[str]:
    """The names in environment.yml, those that pip brings included."""
    lines = (ROOT / "environment.yml").read_text("utf-8").split("dependencies:")[1].splitlines()
    return {
        bare(m.group(1))
        for line in lines
        if (m := re.fullmatch(r"(?:  |      )- ([^:-][^:]*)", line))
    } - THEIR_OWN


def test_environment_yml_equals_pyproject() -> None:
    wanted = {
        bare(r) for r in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"])
    }
    assert conda_names() == {CONDA_NAMES.get(name, name) for name in wanted}


def test_pip_can_read_its_part_of_environment_yml(tmp_path: Path) -> None:
    """conda hands these lines to pip as a file of requirements, which takes no options before a name."""
    text = (ROOT / "environment.yml").read_text("utf-8").split("- pip:")[1]
    lines = [
        line.split("#")[0].strip().removeprefix("- ") for line in text.splitlines() if line.strip()
    ]
    assert lines == ["skada", "-e ."]


def test_both_ask_for_the_same_python() -> None:
    python = PROJECT["requires-python"]
    assert f"- python {python}" in (ROOT / "environment.yml").read_text("utf-8")
    wanted = tuple(map(int, python.removeprefix(">=").split(".")))
    assert f"sys.version_info < {wanted}" in (ROOT / "Makefile").read_text("utf-8")
    from tltutor.machine.doctor import OLDEST_PYTHON

    assert wanted == OLDEST_PYTHON


def test_every_dependency_has_a_lower_bound_that_is_installed_and_no_upper_one() -> None:
    for pinned in oldest.oldest():
        name, _, version = pinned.partition("==")
        assert Version(metadata.version(name)) >= Version(version), name


def test_make_has_an_environment_of_the_oldest_versions() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert "tests/oldest.py" in text
    assert "test-oldest" in text


def imported_by_the_package() -> set[str]:
    pattern = re.compile(r"^\s*(?:from(?= \S+ import )|import) ([A-Za-z_0-9]+)", re.MULTILINE)
    texts = (path.read_text("utf-8") for path in (ROOT / "tltutor").rglob("*.py"))
    return (
        {name for text in texts for name in pattern.findall(text)}
        - set(sys.stdlib_module_names)
        - {"tltutor"}
    )


def test_every_dependency_is_imported_and_every_import_declared() -> None:
    """What is not declared comes with jupyterlab, ipywidgets or pooch, or is an extra's alone."""
    modules = {"scikit-learn": "sklearn", "pillow": "PIL", "umap-learn": "umap", "pot": "ot"}
    declared = {modules.get(bare(r), bare(r)) for r in PROJECT["dependencies"]}
    used = imported_by_the_package()
    unused = declared - used - FOR_ITS_VERSION
    assert not unused, f"declared, never imported: {unused}"
    assert used - declared <= THEIRS, used - declared


# --- the list of skips


@pytest.fixture
def conftest(pytestconfig: pytest.Config) -> Any:
    """tests/conftest.py as pytest loaded it."""
    return pytestconfig.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py"))


def test_every_line_of_the_list_names_a_file_that_is_there(conftest: Any) -> None:
    for line in conftest.allowed_skips():
        files = list(ROOT.glob(line.files))
        assert files, f"no test file matches {line.files!r} in tests/skips.txt"
        test = f"{files[0].relative_to(ROOT)}::test_x"
        reason = line.reason.replace("*", "for some cause")
        assert conftest.complaint(test, reason, set()) is None, "the list allows what it lists"


@pytest.mark.parametrize(
    ("test", "reason", "required", "fault"),
    [
        (
            "tests/cli/test_cli.py::test_x",
            "no real data: TLTUTOR_DATA names no folder",
            set(),
            None,
        ),
        (
            "tests/cli/test_cli.py::test_x",
            "no real data: TLTUTOR_DATA names no folder",
            {"browser"},
            None,
        ),
        (
            "tests/cli/test_cli.py::test_x",
            "no real data: TLTUTOR_DATA names no folder",
            {"data"},
            "must run here",
        ),
        ("tests/cli/test_cli.py::test_x", "flaky on Tuesdays", set(), "does not list"),
        ("tests/browser/test_x.py::test_x", "no browser: none found", {"browser"}, "must run here"),
        ("tests/cli/test_cli.py::test_x", "no browser: none found", set(), "does not list"),
    ],
)
def test_only_listed_skips_pass(
    conftest: Any, test: str, reason: str, required: set[str], fault: str | None
) -> None:
    found = conftest.complaint(test, reason, required)
    assert (found is None) if fault is None else (fault in str(found))


def run_one_test(root: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one test file under `root`, with the checkout's conftest.py and skips.txt."""
    folder = root / "tests"
    folder.mkdir()
    for name in ("conftest.py", "skips.txt"):
        (folder / name).write_text((ROOT / "tests" / name).read_text("utf-8"), "utf-8")
    (folder / "test_one.py").write_text(text, "utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:nbmake", "--rootdir", str(root), "tests"]
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("reason", "code"), [("no GPU: this machine has none", 0), ("it is late", 1)]
)
def test_a_skip_that_is_not_listed_fails_the_run(reason: str, code: int, tmp_path: Path) -> None:
    """A real pytest run on one test that skips."""
    done = run_one_test(
        tmp_path, f"import pytest\n\ndef test_one():\n    pytest.skip({reason!r})\n"
    )
    assert done.returncode == code, done.stdout


def test_a_player_left_running_fails_its_test(tmp_path: Path) -> None:
    body = "threading.Thread(target=time.sleep, args=(60,), name='tltutor-player-x', daemon=True).start()"
    done = run_one_test(tmp_path, f"import threading, time\n\ndef test_one():\n    {body}\n")
    assert done.returncode == 1
    assert "a test must stop its players" in done.stdout


# --- which tests run when, and where


def test_browser_tests_share_a_worker_and_so_do_those_of_a_file(conftest: Any) -> None:
    one, other = (
        conftest.shared_by(f"tests/browser/test_{name}.py::test_x[a::b]")
        for name in ("map", "time")
    )
    assert one == other != conftest.shared_by("tests/cli/test_cli.py::test_x")
    assert conftest.shared_by("tests/cli/test_cli.py::test_x") == conftest.shared_by(
        "tests/cli/test_cli.py::test_y[a/b]"
    )


def test_slow_are_the_long_ways_by_keyboard_and_each_lesson_at_full_length_once(
    collected: list[tuple[str, bool]],
) -> None:
    """As far as this run has found these tests; one of the whole suite finds them all."""
    places = ("tests/browser/test_lesson_12.py", "tests/browser/test_keyboard.py", "tutorials/")
    found = [(test.split("::")[0], slow) for test, slow in collected if test.startswith(places)]
    assert {place for place, slow in found if slow} == {
        place for place, _ in found if place != places[1]
    }
    assert not {place for place, _ in found if "/zh/" in place}
    notebooks = {place for place, _ in found if place.startswith(places[2])}
    if len(notebooks) > 1:  # all of them were asked for
        shipped = [*TUTORIALS.glob("*.ipynb"), *TUTORIALS.glob("examples/*.ipynb")]
        assert notebooks == {path.relative_to(ROOT).as_posix() for path in shipped}


# --- what the make targets and CI say


def test_ci_runs_every_test_and_names_no_machine() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text("utf-8")
    assert os.access(script, os.X_OK)
    assert re.findall(r"^make (.*)$", text, re.MULTILINE) == ["test", "test-rest"]
    assert not re.search(r"https?://|(?<![./\w])/(?!dev/null|usr/bin/env)\w+/", text), (
        "no address and no absolute path"
    )


def test_every_test_is_in_one_half_of_test_all() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.findall(r"-m pytest.* -m (.*)$", makefile, re.MULTILINE) == [
        "'not slow'",
        "'slow or claims'",
        "'not slow'",
    ], (
        "two halves, and the first with the oldest versions; claims are in both, the second over every seed"
    )


def test_the_makefile_is_tab_indented_and_plain() -> None:
    """macOS still has GNU make 3.81: no .ONESHELL, no `!=`, no grouped targets."""
    text = (ROOT / "Makefile").read_text("utf-8")
    assert ".ONESHELL" not in text
    assert not re.search(r"^\w+\s*!=|&:", text, re.MULTILINE)


# --- what the README and the pages beside it say


@pytest.mark.parametrize(
    "name", ["README.md", "docs/use.md", "docs/course.md", "docs/measured.md", "docs/built.md"]
)
def test_every_file_that_is_linked_to_is_there(name: str) -> None:
    path = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert links
    assert not [link for link in links if not (path.parent / link).exists()]


def test_every_command_that_is_named_exists_and_each_is_named() -> None:
    from tltutor.cli.program import COMMANDS

    text = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/use.md"))
    named = set(re.findall(r"(?:^|`)tltutor (\w+)", text, re.MULTILINE)) - {"is"}
    assert named == set(COMMANDS)


def test_every_room_is_named() -> None:
    text = (ROOT / "docs" / "built.md").read_text("utf-8")
    found = re.search(r"## How it is built\n(.*?)\n##", text, re.DOTALL)
    assert found
    rooms = {path.parent.name for path in (ROOT / "tltutor").glob("*/__init__.py")}
    assert set(re.findall(r"(?<!\*)\*(\w+)\*", found[1])) == rooms
