"""The Hub of deploy/hub: each learner has private lessons, a name in the vote, and progress that no restart takes."""

from __future__ import annotations

import importlib.util
import json
import re
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from classes import sentence

from benchmarks.hub import CONFIG, PROXY, Hub, Learner, a_hub, proxies, wait
from tltutor.cli import main
from tltutor.cli.originals import originals

DEPLOY = CONFIG.parent
PROGRESS = ".local/share/tltutor/progress.jsonl"
ASK = """
import tltutor as tl
vote = tl.classroom.open_vote("Does λ help?", ["It gains", "It loses"])
print(vote.address)
"""
ANSWER = """
from tltutor.lessons.progress import Progress, default_path
default_path().parent.mkdir(parents=True, exist_ok=True)
default_path().write_text("kept\\n")
print(default_path())
"""


@pytest.fixture(scope="module")
def start() -> ModuleType:
    found = importlib.util.spec_from_file_location("start", DEPLOY / "start.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_a_learner_gets_every_lesson_in_a_folder_of_their_own(
    start: ModuleType, tmp_path: Path
) -> None:
    folder = start.lessons(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.rglob("*.ipynb")} == {path.name for path in originals()}
    mine = folder / "01_first_flight.ipynb"
    mine.write_text("my own words", "utf-8")
    start.lessons(tmp_path)
    assert mine.read_text("utf-8") == "my own words"


def test_the_hub_has_the_last_word_on_the_command_line(start: ModuleType, tmp_path: Path) -> None:
    words = start.command(tmp_path, ["--port=7"])
    assert words[:3] == [sys.executable, "-m", "jupyterhub.singleuser"]
    assert f"--ServerApp.root_dir={tmp_path}" in words
    assert words[-1] == "--port=7"


def test_memory_is_limited_for_the_learners_processes(start: ModuleType) -> None:
    code = (
        "import resource, runpy, sys; "
        f"start = runpy.run_path({str(DEPLOY / 'start.py')!r}); start['limit_memory']('700M'); "
        "print(resource.getrlimit(resource.RLIMIT_DATA)); bytearray(2**30)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert found.stdout.strip() == f"({700 * 2**20}, {700 * 2**20})"
    assert found.stderr.strip().endswith("MemoryError")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    start.limit_memory("")
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.mark.parametrize("word", ["2", "G", "2T", "-1G", "0G", "1.5G"])
def test_a_limit_that_is_no_size_is_said_in_one_sentence(start: ModuleType, word: str) -> None:
    with pytest.raises(ValueError, match=r"must be a number with M or G, got '.*': write 2G"):
        start.limit_memory(word)


def test_without_a_hub_the_service_says_what_to_leave_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["class", "serve", "--file", str(tmp_path / "v.sqlite"), "--hub", "http://here"]
    assert main(words) == 2
    assert "--hub needs a JupyterHub that starts this command" in capsys.readouterr().err


def test_the_containers_of_kubernetes_have_the_same_limits_and_start() -> None:
    values = yaml.safe_load((DEPLOY / "values.yaml").read_text("utf-8"))
    own = values["singleuser"]
    assert own["cmd"] == ["python", "/opt/tltutor/start.py"]
    assert own["memory"]["guarantee"] <= own["memory"]["limit"] == "2G"
    assert own["defaultUrl"] == "/lab/tree/01_first_flight.ipynb"
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert "COPY deploy/hub/start.py /opt/tltutor/start.py" in image
    assert "USER" in image


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if not PROXY.exists():
        pytest.skip("no npm packages: run `make node_modules/.made`")
    with a_hub(tmp_path_factory.mktemp("hub") / "state", teachers=["ada"]) as found:
        port = int(found.proxy().cmdline()[found.proxy().cmdline().index("--api-port") + 1])
        yield found
    assert proxies(port) == [], "nothing is left running"


@pytest.fixture(scope="module")
def ada(hub: Hub) -> Iterator[Learner]:
    with Learner(hub, "ada") as learner:
        yield started(learner)


@pytest.fixture(scope="module")
def bob(hub: Hub) -> Iterator[Learner]:
    with Learner(hub, "bob") as learner:
        yield started(learner)


def started(learner: Learner) -> Learner:
    learner.log_in()
    learner.start()
    return learner


@pytest.mark.slow
def test_nobody_reads_another_learners_files(hub: Hub, ada: Learner, bob: Learner) -> None:
    mine = ada.ask("GET", "contents")
    assert mine.status_code == 200
    assert "01_first_flight.ipynb" in {one["name"] for one in mine.json()["content"]}
    for path in (
        "lab",
        "api/contents",
        "files/01_first_flight.ipynb",
        "api/kernels",
        "terminals/1",
    ):
        assert bob.get(f"{ada.server}/{path}", timeout=60).status_code in {403, 404}, path
    assert bob.get(f"{ada.server}/api/contents", timeout=60).status_code == 403
    assert bob.get(f"{hub.address}/hub/api/users", timeout=60).status_code == 403
    private = hub.home("ada") / "tltutor-lessons"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "01_first_flight.ipynb").stat().st_mode) & 0o077 == 0


@pytest.mark.slow
def test_progress_outlives_a_killed_kernel_and_a_killed_proxy(hub: Hub, bob: Learner) -> None:
    kernel = bob.kernel()
    place = Path(bob.run(kernel, ANSWER).strip())
    assert place == hub.home("bob") / PROGRESS
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0
    assert bob.ask("DELETE", f"kernels/{kernel}").status_code == 204
    hub.proxy().kill()
    wait(lambda: reaches(bob), "the proxy is back, and the server is where it was", 120)
    assert place.read_text("utf-8") == "kept\n"
    assert bob.run(bob.kernel(), "print(6 * 7)").strip() == "42"


def reaches(learner: Learner) -> bool:
    try:
        return bool(learner.ask("GET", "status").ok)
    except OSError:
        return False


@pytest.mark.slow
def test_the_class_votes_with_the_names_of_the_hub(hub: Hub, ada: Learner, bob: Learner) -> None:
    address = ada.run(ada.kernel(), ASK).strip()
    assert re.fullmatch(re.escape(f"{hub.address}/services/class/r/") + r"\w+", address)
    page = bob.get(address, timeout=60)  # the Hub's login on the way
    assert page.status_code == 200
    assert "bob" in page.text
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert seen
    answer = bob.post(address, data={"seen": seen[1], "choice": "1"}, timeout=60)
    assert "counts" in sentence(answer)
    again = bob.post(address, data={"seen": seen[1], "choice": "2"}, timeout=60)
    assert again.status_code == 409
    desk = ada.get(f"{hub.address}/services/class/teach", timeout=60)
    assert desk.status_code == 200
    assert "bob" in desk.text
    refused = bob.get(f"{hub.address}/services/class/teach", timeout=60)
    assert refused.status_code == 403
    with pytest.raises(RuntimeError, match="Only the teacher"):
        bob.run(bob.kernel(), ASK)
    with Learner(hub, "carol") as stranger:
        login: Any = stranger.get(address, timeout=60)
        assert "/hub/login" in login.url
        callback = f"{hub.address}/services/class/oauth_callback?code=x&state=y"
        forged = stranger.get(callback, timeout=60)
    assert forged.status_code == 403
    assert "not begun by this browser" in sentence(forged)
    assert json.loads(bob.get(f"{address}/state", timeout=60).text)["stamp"]
