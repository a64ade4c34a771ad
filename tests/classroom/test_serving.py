"""The service as a teacher starts it: it can be killed at any time, and every failure to start is one sentence."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from classes import OPTIONS, QUESTION, Browser, a_class, sentence

import tltutor as tl
from tltutor.classroom import needs, running, serving
from tltutor.classroom.door import TOKEN
from tltutor.classroom.running import Running
from tltutor.classroom.store import Store
from tltutor.cli import main
from tltutor.language import language

VOTERS = 6


@contextmanager
def started(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`tltutor class serve` in a process of its own, and what it has printed once it can be reached."""
    command = [sys.executable, "-m", "tltutor.cli", "class", "serve", *words]
    own = {**os.environ, "TLTUTOR_CLASS": str(folder)}
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own)
    try:
        assert service.stdout is not None
        said = "".join(
            iter(
                service.stdout.readline,
                "only this machine can reach it: add --interface NAME to let phones in\n",
            )
        )
        assert service.poll() is None, said
        yield service, said
    finally:
        service.kill()
        service.wait()
        if service.stdout:
            service.stdout.close()


def votes_until_refused(home: str, room: str, confirmed: list[str], stop: threading.Event) -> None:
    """Vote as one phone after another, and note the tokens of those whose vote was confirmed."""
    with suppress(requests.RequestException):
        while not stop.is_set():
            phone = Browser(home)
            seen = re.search(r'name="seen" value="([^"]*)"', phone.get(room).text)
            assert seen
            answer = phone.post(room, data={"seen": seen[1], "choice": "1"})
            assert "counts" in sentence(answer)
            confirmed.append(phone.cookies.get(TOKEN))


@pytest.mark.slow
def test_a_service_that_is_killed_while_many_vote_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(running.VARIABLE, str(tmp_path))
    confirmed: list[str] = []
    with started(tmp_path, "--port", "0") as (service, said):
        vote = tl.classroom.open_vote(QUESTION, OPTIONS)
        home, room = re.findall(r"(http://[^/ ]*)(/r/\w+)", said)[0]
        assert vote.address == home + room
        stop = threading.Event()
        voters = [
            threading.Thread(target=votes_until_refused, args=(home, room, confirmed, stop))
            for _ in range(VOTERS)
        ]
        for voter in voters:
            voter.start()
        until = time.monotonic() + 60
        while len(confirmed) < 20 and time.monotonic() < until:
            time.sleep(0.01)
        service.kill()  # SIGKILL: nothing can be tidied up
        service.wait()
        stop.set()
        for voter in voters:
            voter.join()
    assert len(confirmed) >= 20
    with pytest.raises(RuntimeError, match="does not answer: start `tltutor class serve`"):
        vote.close()
    with started(tmp_path, "--port", home.rpartition(":")[2]) as (_, said):
        assert home + room in said
        held = vote.answered  # the notebook's vote goes on
        assert len(confirmed) <= held <= len(confirmed) + VOTERS, (
            "the answers under way may count, no other"
        )
        phone = Browser(home)
        phone.cookies.set(TOKEN, confirmed[-1])
        assert "Your vote counts" in sentence(phone.get(room))
        assert vote.close().count is not None
        assert vote.count.rounds == ({"1": held, "2": 0, "3": 0},)
    store = Store(tmp_path / "votes.sqlite")
    assert all(store.has_voted(store.poll(1), token.partition(".")[0]) for token in confirmed)
    store.close()


def said_by(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code, and the one sentence on stderr."""
    code = main(["class", "serve", *words])
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return code, error


def test_what_keeps_the_service_from_starting_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(running.VARIABLE, str(tmp_path / "class"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, error = said_by(capsys, "--port", port)
        assert (code, f"port {port} on 127.0.0.1 is taken" in error, "--port 0" in error) == (
            1,
            True,
            True,
        )
    (tmp_path / "notes.txt").write_text("no database " * 1000)
    code, error = said_by(capsys, "--port", "0", "--file", str(tmp_path / "notes.txt"))
    assert (code, "name another file with --file" in error) == (1, True)
    still_open = [Path(file.path).name for file in psutil.Process().open_files()]
    assert "notes.txt" not in still_open
    code, error = said_by(capsys, "--interface", "nowhere7")
    assert (code, "'nowhere7'" in error, "127.0.0.1" in error) == (2, True, True)
    assert not (tmp_path / "class").exists()


def test_without_its_packages_a_sentence_names_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, error = said_by(capsys, "--port", "0")
    assert (code, 'pip install "tltutor[class]"' in error) == (1, True)
    with pytest.raises(ImportError, match="need the package nothing_of_this_name"):
        needs.needed("nothing_of_this_name.part")


def test_it_is_reached_from_this_machine_alone_unless_an_interface_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert serving.Place().host == "127.0.0.1"
    for name, host in serving.interfaces().items():
        assert serving.host_of(name) == serving.host_of(host) == host
    assert serving.host_of("::1") == "::1"
    assert serving.shown_host("::1") == "[::1]"
    monkeypatch.setattr(serving, "interfaces", lambda: {"lo": "127.0.0.1", "wlan0": "192.0.2.7"})
    assert serving.shown_host(serving.host_of(serving.EVERY)) == "192.0.2.7"
    assert serving.shown_host(serving.host_of("wlan0")) == "192.0.2.7"
    with pytest.raises(ValueError, match=r"wlan0 \(192\.0\.2\.7\)"):
        serving.host_of("192.0.2.8")


# --- a notebook's vote


@pytest.fixture
def vote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A class, and the vote that a notebook has opened in it."""
    monkeypatch.setenv(running.VARIABLE, str(tmp_path))
    with a_class(tmp_path / "votes.sqlite") as here:
        own = Running(f"{here.home}/", here.store.room.key)
        running.say_where(own)
        yield (
            here,
            tl.classroom.open_vote(
                {"en": "Does it <b>help</b>?", "zh": "有帮助吗？"}, ["yes", "no"]
            ),
        )
        running.forget(own)


def test_a_notebook_opens_closes_and_shows_a_vote(vote: Any) -> None:
    here, vote = vote
    assert oct((running.folder() / "running.json").stat().st_mode & 0o777) == "0o600"
    html = vote._repr_html_()
    assert "Does it &lt;b&gt;help" in html
    assert f"<p>{vote.address}</p>" in html
    assert "<svg" in html
    assert (vote.answered, vote.count) == (0, None)
    for choice in "112":
        here.vote(here.voter(), choice)
    assert "3 have answered" in vote._repr_html_()
    assert vote.close().count.rounds == ({"1": 2, "2": 1},)
    phone = here.client()
    vote.again()
    here.vote(phone, "1", here.seen(phone))
    assert vote.show("no").count.rounds[1] == {"1": 1, "2": 0}
    assert vote.show("2").poll.outcome == "2"
    html = vote._repr_html_()
    assert "✓ no" in html
    assert 'value="66.7"' in html
    assert "1 of 3 had predicted it in round 1." in repr(vote)
    with pytest.raises(ValueError, match="'maybe'"):
        vote.show("maybe")
    language("zh")
    assert "有帮助吗？" in vote._repr_html_()
    assert "预测正确" in repr(vote)


def test_a_vote_needs_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(running.VARIABLE, str(tmp_path))
    with pytest.raises(RuntimeError, match="none runs here: start `tltutor class serve`"):
        tl.classroom.open_vote(QUESTION, OPTIONS)
    running.say_where(Running("http://127.0.0.1:9/", "key"))
    with pytest.raises(RuntimeError, match="http://127.0.0.1:9/ does not answer"):
        tl.classroom.open_vote(QUESTION, OPTIONS)
    monkeypatch.setenv("TLTUTOR_CLASS_ADDRESS", "file:///etc/passwd")
    with pytest.raises(RuntimeError, match="must be an address http"):
        tl.classroom.open_vote(QUESTION, OPTIONS)


def test_a_wrong_key_gets_the_services_own_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(running.VARIABLE, str(tmp_path))
    with a_class(tmp_path / "votes.sqlite") as here:
        running.say_where(Running(here.home, "wrong"))
        with pytest.raises(RuntimeError, match="Only the teacher"):
            tl.classroom.open_vote(QUESTION, OPTIONS)


@pytest.mark.parametrize(
    ("question", "options", "said"),
    [
        ("?", ["a"], "2 to 12 options, got 1"),
        ("?", "ab", "give a list"),
        ("?", 3, "got 3"),
        ("?", ["a", "a "], "'a' twice"),
        ("?", ["a", ""], "1 to 1000 characters, got 0"),
        ("?", ["a", None], "got None"),
        ("", ["a", "b"], "a question must have 1 to 1000"),
        ({}, ["a", "b"], "got none"),
        ("x" * 1001, ["a", "b"], "got 1001: shorten it"),
        ("?", [str(i) for i in range(13)], "got 13"),
    ],
)
def test_what_is_no_question_is_refused_before_the_service_is_asked(
    question: Any, options: Any, said: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(said)):
        tl.classroom.open_vote(question, options)
