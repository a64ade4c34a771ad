"""The board's one widget: what travels when it opens and after, what a page that missed something gets, and in which language."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cases import for_each
from ipywidgets.widgets import widget as registry
from jupyter_client.manager import KernelManager
from traitlets import Dict, Int

from tltutor import language as room
from tltutor.language import LANGUAGES, catalog, language
from tltutor.views import Board
from tltutor.views import front as front_room
from tltutor.views.channel import Channel
from tltutor.views.front import Front, loader, script, unbuffered
from tltutor.views.map import MapView
from tltutor.views.modules import said


class Part(Channel):
    """A number, and bytes among other values."""

    step = Int(0).tag(sync=True)
    shown = Dict().tag(sync=True)


class Wire:
    """What a front sends once it is open, and a page at the other end."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        front.comm.send = self._hear

    def _hear(self, data: dict[str, Any], buffers: Any = None, **_: Any) -> None:
        assert data["method"] == "custom", "nothing but messages"
        json.dumps(data, allow_nan=False)
        self.sent.append((data["content"], [bytes(buffer) for buffer in buffers or ()]))

    @property
    def told(self) -> list[tuple[str, str, Any]]:
        return [(told["to"], told["kind"], told["content"]) for told, _ in self.sent]

    def says(self, **content: Any) -> None:
        data = {"method": "custom", "content": content}
        self.front._handle_msg({"content": {"data": data}, "buffers": []})


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_chosen", [])
    monkeypatch.delenv(room.VARIABLE, raising=False)
    monkeypatch.setattr(front_room, "_open", [])


@pytest.fixture
def part() -> Part:
    return Part()


@pytest.fixture
def front(part: Part) -> Iterator[Front]:
    made = Front({"part": part, "other": Part()})
    yield made
    made.close()


def opening(front: Front) -> dict[str, Any]:
    """What a page that opens reads."""
    return dict(front.get_state())


# --- the program


def test_the_first_board_brings_the_program_and_the_others_find_it() -> None:
    one, two = Front({}), Front({})
    assert one.program == script()
    assert two.program == ""
    assert one.home == two.home != ""
    assert one.key != two.key
    one.close()
    three = Front({})
    assert three.program == "", "one that is open has it"
    two.close()
    three.close()
    four = Front({})
    assert four.program == script(), "all were closed: a new page may have none"
    four.close()
    four.close()


def test_the_loader_is_small_and_asks_for_this_very_program() -> None:
    assert len(loader()) < 4_000
    assert "VERSION" not in loader().replace("VERSIONED", "")
    assert "STYLE`" not in script()
    assert ".tlt-board" in script()
    assert Front._esm == loader()


def test_a_page_without_the_program_is_given_it(front: Front) -> None:
    wire = Wire(front)
    wire.says(kind="open", program=True)
    wire.says(kind="open")
    assert [told.get("program") for told, _ in wire.sent] == [script(), None]


# --- the state


def test_a_page_that_opens_reads_the_state_of_now(front: Front, part: Part) -> None:
    part.step = 5
    first = opening(front)["state"]
    assert first["parts"]["part"] == {"step": 5, "shown": {}}
    part.step = 6
    then = opening(front)["state"]
    assert then["parts"]["part"]["step"] == 6
    assert then["number"] == first["number"] + 1
    assert "state" not in front.get_state("plan"), "only what is asked for"


def test_messages_are_numbered_one_after_the_other_from_the_state_on(
    front: Front, part: Part
) -> None:
    part.step = 1
    number = opening(front)["state"]["number"]
    wire = Wire(front)
    part.step = 2
    front.parts["other"].step = 3
    part.say({"kind": "hello"}, [b"x"])
    assert wire.told == [
        ("part", "set", {"step": 2}),
        ("other", "set", {"step": 3}),
        ("part", "message", {"kind": "hello"}),
    ]
    assert [told["number"] for told, _ in wire.sent] == [number + 1, number + 2, number + 3]
    assert wire.sent[-1][1] == [b"x"]


def test_a_page_that_missed_something_gets_the_whole_state_and_its_number(
    front: Front, part: Part
) -> None:
    wire = Wire(front)
    part.step, part.shown = 2, {"n": 1}
    wire.says(kind="open")
    told, buffers = wire.sent[-1]
    assert told["kind"] == "whole"
    assert told["parts"]["part"] == {"step": 2, "shown": {"n": 1}}
    assert set(told["parts"]) == {"part", "other"}
    assert (told["words"], told["number"], buffers) == ({}, 2, [])


def test_bytes_travel_beside_the_message_and_leave_their_place() -> None:
    content, buffers = unbuffered({"a": b"1", "b": {"c": memoryview(b"2"), "d": [1]}}, [b"0"])
    assert content == {"a": {"buffer": 1}, "b": {"c": {"buffer": 2}, "d": [1]}}
    assert buffers == [b"0", b"1", b"2"]
    assert unbuffered({"a": 1}, ()) == ({"a": 1}, [])


def test_a_map_travels_as_bytes_in_a_message_and_in_the_whole(part: Part) -> None:
    view = MapView()
    front = Front({"map": view})
    wire = Wire(front)
    view.set_points([0, 1], [0, 1])
    view.send([[1, 2], [3, 4]], 7)
    wire.says(kind="open")
    for told, buffers in (wire.sent[0], wire.sent[-1]):
        values = told["content"] if told["kind"] == "set" else told["parts"]["map"]
        assert buffers[values["labels"]["buffer"]] == view.labels
    told, buffers = wire.sent[-1]
    assert buffers[told["parts"]["map"]["xy"]["buffer"]] == view.xy
    assert opening(front)["state"]["parts"]["map"]["xy"] == view.xy
    front.close()


def test_what_changes_while_the_widget_opens_is_in_the_state_or_told(
    part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that plays while its cell shows the board."""
    got, read, opened = Front.get_state, threading.Event(), threading.Event()
    states: list[Any] = []

    def slow(self: Front, *about: Any, **more: Any) -> Any:
        found = got(self, *about, **more)
        if "state" in found:
            states.append(found["state"])
            read.set()
            opened.wait(0.1)
        return found

    def sets() -> None:
        read.wait(10)
        part.step = 9

    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(Front, "send", lambda _, content, __: sent.append(content))
    monkeypatch.setattr(Front, "get_state", slow)
    thread = threading.Thread(target=sets)
    thread.start()
    front = Front({"part": part})
    opened.set()
    thread.join(10)
    (known,) = states
    assert known["parts"]["part"]["step"] == 0
    assert [(told["content"], told["number"]) for told in sent] == [
        ({"step": 9}, known["number"] + 1)
    ]
    assert front.comm is not None
    front.close()


def test_the_whole_is_never_older_than_a_message_before_it(front: Front, part: Part) -> None:
    wire, end = Wire(front), threading.Event()

    def sets() -> None:
        while not end.is_set():
            part.step += 1

    thread = threading.Thread(target=sets)
    thread.start()
    for _ in range(200):
        wire.says(kind="open")
    end.set()
    thread.join(10)
    known = 0
    for told, _ in wire.sent:
        if told["kind"] == "whole":
            assert told["parts"]["part"]["step"] >= known
            assert told["number"] >= known
        else:
            known = told["content"]["step"]
            assert told["number"] >= known


# --- what a page says


def test_what_a_page_says_reaches_its_part_alone_and_is_not_told_back(
    front: Front, part: Part
) -> None:
    heard: list[Any] = []
    part.on_msg(lambda _, content, __: heard.append(content))
    wire = Wire(front)
    wire.says(to="part", kind="set", content={"step": 4})
    wire.says(to="part", kind="message", content={"kind": "ready"})
    wire.says(to="part", kind="message")
    assert (part.step, front.parts["other"].step) == (4, 0)
    assert heard == [{"kind": "ready"}, {}]
    assert wire.sent == []


def test_what_one_page_says_all_others_of_its_board_are_told(front: Front, part: Part) -> None:
    """A second tab on one notebook shows the slider that the first one moved."""
    wire = Wire(front)
    wire.says(to="part", kind="set", content={"step": 4}, page="first")
    told, _ = wire.sent[0]
    assert (told["to"], told["kind"], told["content"]) == ("part", "set", {"step": 4})
    assert (told["but"], told["number"]) == ("first", 1)
    part.step = 5
    assert "but" not in wire.sent[1][0], "the code's own values are for all"


def test_a_page_that_waits_for_an_answer_gets_it_when_the_part_has_heard_whatever_comes_of_it(
    front: Front, part: Part
) -> None:
    """Until then it keeps back further moves of a slider."""
    wire, steps = Wire(front), []

    def fails(_: Any, content: dict[str, Any], __: list[Any]) -> None:
        steps.append(len(wire.sent))
        raise KeyError(content["name"])

    part.on_msg(fails)
    wire.says(to="part", kind="message", content={"name": "lr"}, answer=True)
    wire.says(to="part", kind="set", content={"step": 1}, answer=True)
    assert steps == [0], "not before"
    assert [told for told, _ in wire.sent] == [{"kind": "heard"}, {"kind": "heard"}]
    assert opening(front)["state"]["number"] == 0, "it has no number: it changes nothing"


def test_what_is_said_to_nobody_does_nothing(front: Front, part: Part) -> None:
    wire = Wire(front)
    for message in (
        {},
        {"kind": "set", "content": {"step": 1}},
        {"to": "nobody", "kind": "set", "content": {"step": 1}},
        {"to": "part", "kind": "close", "content": {"step": 1}},
        {"to": "part", "kind": "set"},
    ):
        wire.says(**message)
    assert part.step == 0
    assert wire.sent == []


def test_two_fronts_show_one_part_and_what_one_page_says_the_other_is_told(part: Part) -> None:
    one, two = Front({"part": part}), Front({"map": part}, "compare")
    wires = [Wire(one), Wire(two)]
    wires[0].says(to="part", kind="set", content={"step": 3})
    assert wires[0].sent == []
    assert wires[1].told == [("map", "set", {"step": 3})]
    assert (one.plan, two.plan) == ("board", "compare")
    two.close()
    part.step = 4
    assert wires[0].told == [("part", "set", {"step": 4})]
    assert len(wires[1].told) == 1
    one.close()


# --- the end


def test_closing_takes_the_widget_away_and_leaves_the_parts(part: Part) -> None:
    before = set(registry._instances)
    front = Front({"part": part})
    front.close()
    assert set(registry._instances) == before
    part.step = 1
    again = Front({"part": part})
    assert opening(again)["state"]["parts"]["part"]["step"] == 1
    again.close()


# --- the words


def test_english_words_do_not_travel_and_others_are_told_once(front: Front) -> None:
    assert front.words == {}
    wire = Wire(front)
    language("zh")
    assert wire.told == [("", "words", front.words)]
    assert front.words["Lasso"] == "套索"
    front.retell()
    assert len(wire.sent) == 1
    assert opening(front)["state"]["words"] == front.words
    language("en")
    assert wire.told[-1] == ("", "words", {})


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
def test_every_word_of_the_pages_program_travels(front: Front, name: str) -> None:
    language(name)
    words = said(script())
    assert {"Play", "Pause", "Domain probe", "Ready", "press Play to train"} <= set(words)
    assert set(words) <= set(catalog(name))
    assert front.words == {text: catalog(name)[text] for text in words}


def test_words_of_a_part_travel_with_the_first_run_that_says_them() -> None:
    language("zh")
    board = Board()
    wire = Wire(board.widget)
    assert "local mmd" not in board.widget.words
    assert board.widget.words["target"] == "目标域"
    board.curves.clear(("task", "local mmd"))
    words = [content for to, kind, content in wire.told if kind == "words"]
    assert [known["local mmd"] for known in words] == ["局部 MMD"]
    board.curves.clear(("task", "local mmd"))
    assert sum(kind == "words" for _, kind, _ in wire.told) == 1
    board.close()


# --- a real kernel


KERNEL = """
from tltutor.views import Board, Handlers
def fail(): raise RuntimeError("as asked")
board = Board(Handlers(play=lambda: board.show_status("playing", 1, 10, "cpu"), reset=fail))
board.widget
board.map.set_points([0, 1], [0, 1])
for step in range(1, 6):
    board.map.send([[step, 0], [0, step]], step)
"""
SMALL = """
import os
import tltutor as tl
small = {
    "steps": 50, "device": "cpu", "threads": 1, "projection": "pca",
    "pair_options": {"size": 16}, "network_options": {"channels": (4, 6), "width": 8},
}
"""
SHOWN = {
    "a board": 'lab = tl.Lab("digits->shifted-digits", "dann", **small)\nlab',
    "two side by side": 'lab = tl.Compare("digits->shifted-digits", "mmd", "dann", **small)\nlab',
}


class Kernel:
    """A real kernel, and what the widgets' messages of its boards tell."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.parts: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.board = ""

    def run(self, code: str) -> None:
        answer = self.client.execute(code)
        self.until(
            lambda m: m["msg_type"] == "status" and m["content"]["execution_state"] == "idle",
            parent=answer,
        )

    def says(self, part: str, *, page: str | None = None, **content: Any) -> None:
        """As a page does; page: its subshell, where the kernel has any."""
        told = {"to": part, "kind": "message", "content": content}
        data = {"method": "custom", "content": told}
        message = self.client.session.msg("comm_msg", {"comm_id": self.board, "data": data})
        message["header"]["subshell_id"] = page
        self.client.shell_channel.send(message)

    def opens(self) -> str | None:
        """A page opens: its subshell; None where the kernel has none."""
        features = self.client.kernel_info(reply=True, timeout=60)["content"]
        if "kernel subshells" not in features.get("supported_features", ()):
            return None
        return str(self._asks("create_subshell", {})["subshell_id"])

    def closes(self, page: str | None) -> None:
        """A page is left, and its subshell ends."""
        if page is not None:
            self._asks("delete_subshell", {"subshell_id": page})

    def _asks(self, what: str, content: dict[str, Any]) -> dict[str, Any]:
        message = self.client.session.msg(f"{what}_request", content)
        self.client.control_channel.send(message)
        while (answer := self.client.get_control_msg(timeout=60))["msg_type"] != f"{what}_reply":
            pass
        return dict(answer["content"])

    def steps(self, page: str | None, number: int) -> None:
        """Step is pressed in this page, and the board says that it made this one."""
        self.says("header", page=page, kind="press", button="step")
        self.until(lambda _: self.parts["timeline"]["reached"] >= number)

    def until(self, found: Any, parent: str | None = None) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=60)
            assert message["msg_type"] != "error", message["content"]
            self._take(message)
            if found(message) and parent in (None, message["parent_header"].get("msg_id")):
                return
        raise AssertionError("the kernel did not say it")

    def _take(self, message: dict[str, Any]) -> None:
        if message["msg_type"] not in ("comm_open", "comm_msg", "comm_close"):
            return
        self.messages.append(message)
        comm, data = message["content"]["comm_id"], message["content"].get("data", {})
        if "plan" in data.get("state", {}):
            self.board, self.parts = comm, data["state"]["state"]["parts"]
        told = data.get("content", {})
        if told.get("kind") == "set":
            self.parts[told["to"]].update(told["content"])

    @property
    def weights(self) -> list[int]:
        """Bytes of each message, beside the page's program and what travels as buffers: points and pictures."""
        found = []
        for message in self.messages:
            data = json.loads(json.dumps(message["content"]["data"]))
            data.get("state", {}).pop("program", None)
            data.get("content", {}).pop("program", None)
            found.append(len(json.dumps(data, ensure_ascii=False).encode()))
        return found


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def test_a_new_page_is_heard_when_the_one_before_has_gone(kernel: Kernel) -> None:
    """The board spoke last in the name of a page that is no more: what the next one says must not go there."""
    kernel.run(SMALL)
    kernel.run(SHOWN["a board"])
    first, second = kernel.opens(), kernel.opens()
    kernel.steps(first, 1)
    kernel.closes(first)
    kernel.steps(second, 2)


def test_real_messages_reach_the_board_and_come_back(kernel: Kernel) -> None:
    kernel.run(KERNEL)
    sequences = {
        message["content"]["data"].get("content", {}).get("content", {}).get("sequence")
        for message in kernel.messages
    }
    assert {1, 2} <= sequences
    assert 3 not in sequences
    kernel.says("map", kind="ack", sequence=2)
    kernel.until(lambda _: kernel.parts["map"]["step"] == 5)
    kernel.says("header", kind="press", button="play")
    kernel.until(lambda _: kernel.parts["header"]["playing"])
    kernel.says("header", kind="press", button="reset")
    kernel.until(lambda _: "as asked" in kernel.parts["error"]["heading"])


def test_a_board_opens_with_few_messages_and_little_to_carry(kernel: Kernel) -> None:
    kernel.run(SMALL)

    def opens(case: tuple[str, str]) -> None:
        tongue, what = case
        kernel.run(f"os.environ['TLTUTOR_LANG'] = '{tongue}'")
        kernel.messages.clear()
        kernel.run(SHOWN[what])
        assert 1 <= len(kernel.messages) <= 5
        maps = [part for name, part in kernel.parts.items() if name in ("map", "map0", "map1")]
        kernel.until(lambda _: all(part.get("sequence") for part in maps))
        assert len(kernel.messages) <= 12, "with its first picture"
        assert sum(kernel.weights) <= 60_000
        kernel.run("lab.close()")

    for_each([(tongue, what) for tongue in LANGUAGES for what in SHOWN], opens)


CARDS = {
    "its beginning": "lesson",
    "a prediction": 'lesson.predict("few")',
    "a question": 'lesson.explain("why-few")',
    "an exercise": 'lesson.exercise("share", lambda sizes, k: ...)',
    "the exit ticket": "lesson.exit_ticket()",
    "two codes": 'lesson.broken_lab("moving-batchnorm", pair="digits->shifted-digits", **small).reveal()',
}


def test_a_lessons_card_opens_with_few_messages_and_little_to_carry(kernel: Kernel) -> None:
    kernel.run(f"{SMALL}from tltutor import lessons\nlesson = lessons.begin('05')")

    def opens(name: str) -> None:
        kernel.messages.clear()
        kernel.run(CARDS[name])
        assert 1 <= len(kernel.messages) <= 5
        assert sum(kernel.weights) <= 20_000

    for_each(CARDS, opens)
    kernel.messages.clear()
    kernel.run(CARDS["a prediction"])
    assert len(kernel.messages) <= 5 + 2, "run again, the card before is closed"


def test_an_answer_reaches_the_kernel_and_its_feedback_comes_back(kernel: Kernel) -> None:
    kernel.run(
        "from tltutor import lessons\nlesson = lessons.begin('05')\nlesson.explain('why-few')"
    )
    key = kernel.parts["question"]["field"]["options"][0][1]
    kernel.says("question", kind="commit", answer=key)
    kernel.until(lambda _: kernel.parts["question"]["note"])
    assert kernel.parts["question"]["draft"] == key
