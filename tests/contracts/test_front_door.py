"""What a visitor of the repository meets first: one screen, files that their readers can parse, and names that agree."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from PIL import Image
from places import ROOT

import tltutor

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
README = (ROOT / "README.md").read_text("utf-8")
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
OUTSIDE = [*WORKFLOWS, *FORMS, ROOT / "CITATION.cff", ROOT / "README.md", ROOT / "pyproject.toml"]
OUTSIDE += [*(ROOT / ".binder").iterdir(), ROOT / "deploy" / "colab.ipynb"]
HOSTS = {
    "colab.research.google.com",
    "download.pytorch.org",
    "github.com",
    "mybinder.org",
    "OWNER.github.io",
}


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def commands(workflow: Path) -> str:
    """All that the workflow's steps run."""
    jobs = parsed(workflow)["jobs"].values()
    return "\n".join(step.get("run", "") for job in jobs for step in job["steps"])


def test_the_readme_is_one_screen_and_begins_with_a_picture_that_is_there() -> None:
    lines = README.splitlines()
    assert len(lines) <= 80
    picture = next(i for i, line in enumerate(lines) if "<picture>" in line)
    assert picture < 10, "before the second sentence"
    named = re.findall(r'(?:src|srcset)="([^"]+)"', README)
    assert len(named) == 3
    for name in named[1:]:
        with Image.open(ROOT / name) as image:
            assert getattr(image, "n_frames", 1) > 10, f"{name} moves"
            assert image.width <= 1200
        assert (ROOT / name).stat().st_size < 1_500_000, name


def test_the_two_commands_are_said_first_and_are_targets_of_make() -> None:
    block = re.search(r"## Two commands\n.*?```\n(.*?)```", README, re.DOTALL)
    assert block
    targets = re.findall(r"^make ([\w-]+)", block[1], re.MULTILINE)
    assert targets == ["lab", "test"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_the_logo_is_a_picture_that_asks_for_nothing() -> None:
    text = (ROOT / "docs" / "logo.svg").read_text("utf-8")
    assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_asks_what_it_needs(path: Path) -> None:
    form = parsed(path)
    if path.name == "config.yml":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "body"} <= set(form)
    names = [part["id"] for part in form["body"]]
    assert len(names) == len(set(names))
    assert all(part["attributes"]["label"] for part in form["body"])
    assert any(part["validations"]["required"] for part in form["body"])


def test_every_workflow_has_steps_and_no_right_that_it_does_not_need() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"test", "release"}
    for path in WORKFLOWS:
        flow = parsed(path)
        assert flow["permissions"] == {"contents": "read"}, path.name
        assert True in flow, "YAML reads `on` as true"
        for job in flow["jobs"].values():
            assert all("run" in step or "uses" in step for step in job["steps"]), path.name


def test_tests_run_on_three_systems_with_the_oldest_and_the_newest() -> None:
    matrix = parsed(ROOT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["strategy"][
        "matrix"
    ]
    assert matrix["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    (oldest,) = (case for case in matrix["include"] if case["versions"] == "oldest")
    assert f">={oldest['python']}" == PROJECT["requires-python"]
    text = commands(ROOT / ".github" / "workflows" / "test.yml")
    assert "tests/oldest.py" in text
    halves = re.findall(
        r"-m pytest.* -m ('[^']*')", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert re.findall(r"-m pytest.* -m ('[^']*')", text) == halves[:1], "what `make test` runs"


def test_a_release_tries_the_wheel_away_from_the_checkout() -> None:
    text = commands(ROOT / ".github" / "workflows" / "release.yml")
    assert text.index("python -m build") < text.index('cd "$RUNNER_TEMP"') < text.index("run")
    assert '"$wheel"' in text


def test_the_citation_is_of_this_version_and_license() -> None:
    cited = parsed(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["version"] == tltutor.__version__
    assert cited["license"] == PROJECT["license"]
    assert cited["repository-code"] == PROJECT["urls"]["Repository"]


def test_nothing_here_needs_a_private_host() -> None:
    found = {
        (path.name, host)
        for path in OUTSIDE
        for host in re.findall(r"https?://([^/\s\"')]+)", path.read_text("utf-8"))
        if host not in HOSTS
    }
    assert not found


def test_the_notebook_for_colab_can_be_read_and_runs_what_exists() -> None:
    notebook = json.loads((ROOT / "deploy" / "colab.ipynb").read_text("utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    pair, objective = re.findall(r'tl\.Lab\(pair="([^"]+)", objective="([^"]+)"', code[-1])[0]
    assert pair in tltutor.pair_names()
    assert objective in tltutor.objective_names()
    assert all(not cell.get("outputs") for cell in notebook["cells"])
