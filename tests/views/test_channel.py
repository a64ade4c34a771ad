"""A part of a board: what changes is told to each front that shows it, once and whole; what a page said is not told back."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pages import Browser
from traitlets import Bytes, Int, Unicode

from tltutor.views.channel import Channel


class Part(Channel):
    """A step, a note, a picture, and what no page needs to know."""

    step = Int(0).tag(sync=True)
    note = Unicode("").tag(sync=True)
    picture = Bytes(b"").tag(sync=True)
    own = Int(0)


@pytest.fixture
def part() -> Iterator[Part]:
    made = Part(note="begun")
    yield made
    made.close()


def test_the_state_is_what_the_page_shows(part: Part) -> None:
    assert part.state == {"step": 0, "note": "begun", "picture": b""}
    part.step = 3
    assert part.state["step"] == 3


def test_a_change_is_told_once_and_what_stays_or_is_not_shown_never(part: Part) -> None:
    browser = Browser(part)
    part.step = 1
    part.step = 1
    part.own = 5
    part.picture = b"\x00\xff"
    assert browser.states == [{"step": 1}, {"picture": b"\x00\xff"}]


def test_without_a_front_nothing_is_told_and_one_that_comes_later_reads_the_state(
    part: Part,
) -> None:
    part.step = 4
    browser = Browser(part)
    assert browser.states == []
    assert part.state["step"] == 4


def test_what_is_set_together_is_one_message_with_the_last_values(part: Part) -> None:
    browser = Browser(part)
    with part.hold_sync():
        part.step = 1
        with part.hold_sync():
            part.note = "a"
            part.step = 2
        assert browser.states == [], "the inner end is not the end"
        part.note = "b"
    assert browser.states == [{"step": 2, "note": "b"}]
    with part.hold_sync():
        pass
    assert len(browser.states) == 1


def test_what_was_set_before_a_fault_is_told(part: Part) -> None:
    browser = Browser(part)

    def fails() -> None:
        with part.hold_sync():
            part.step = 1
            raise KeyError("no matter")

    with pytest.raises(KeyError):
        fails()
    assert browser.states == [{"step": 1}]
    part.step = 2
    assert browser.states[-1] == {"step": 2}


def test_what_a_page_set_is_known_and_not_told_back(part: Part) -> None:
    browser = Browser(part)
    browser.sets(step=7, unknown=1, own=2)
    assert (part.step, part.own) == (7, 0)
    assert browser.states == []
    part.step = 8
    assert browser.states == [{"step": 8}]


def test_what_follows_from_it_is_told(part: Part) -> None:
    browser = Browser(part)
    part.observe(lambda change: setattr(part, "note", f"at {change['new']}"), "step")
    browser.sets(step=7)
    assert browser.states == [{"note": "at 7"}]


def test_two_fronts_hear_the_same_and_each_what_the_other_page_said(part: Part) -> None:
    """A board, and the comparison that shows its map and sliders."""
    one, two = Browser(part), Browser(part)
    part.step = 1
    one.sets(step=2)
    part.say({"kind": "hello"}, [b"x"])
    assert one.states == [{"step": 1}]
    assert one.echoed == [{"step": 2}], "for other pages of its board"
    assert two.states == [{"step": 1}, {"step": 2}]
    assert one.messages == two.messages == [({"kind": "hello"}, [b"x"])]


def test_a_value_that_a_message_brought_is_not_told_back_either(part: Part) -> None:
    one, two = Browser(part), Browser(part)

    def hear(_: Any, content: dict[str, Any], __: list[Any]) -> None:
        with part.from_page("step"):
            part.step = content["step"]
        part.note = "heard"

    part.on_msg(hear)
    one.says(kind="move", step=5)
    assert one.states == [{"note": "heard"}]
    assert two.states == [{"step": 5}, {"note": "heard"}]


def test_nor_is_it_where_what_follows_is_held_back_into_one_message(part: Part) -> None:
    one, two = Browser(part), Browser(part)

    def hear(_: Any, content: dict[str, Any], __: list[Any]) -> None:
        with part.hold_sync():
            with part.from_page("step"):
                part.step = content["step"]
            part.note = "heard"

    part.on_msg(hear)
    one.says(kind="move", step=5)
    assert one.states == [{"note": "heard"}]
    assert two.states == [{"step": 5}, {"note": "heard"}]


def test_all_who_listen_hear_a_message(part: Part) -> None:
    heard: list[Any] = []
    browser = Browser(part)
    for _ in range(2):
        part.on_msg(lambda *told: heard.append(told))
    browser.says(kind="select", rows=[1])
    assert heard == 2 * [(part, {"kind": "select", "rows": [1]}, [])]


def test_a_front_that_goes_hears_no_more_and_the_other_does(part: Part) -> None:
    one, two = Browser(part), Browser(part)
    part.detach(one)  # type: ignore[arg-type]
    part.step = 1
    part.say({"kind": "hello"})
    assert (one.states, one.messages) == ([], [])
    assert (two.states, len(two.messages)) == ([{"step": 1}], 1)


def test_a_closed_part_tells_and_hears_nothing() -> None:
    part, heard = Part(), []
    browser = Browser(part)
    part.on_msg(lambda *told: heard.append(told))
    part.close()
    part.step = 1
    part.say({"kind": "hello"})
    browser.says(kind="select")
    assert (browser.states, browser.messages, heard) == ([], [], [])


def test_each_front_is_asked_for_other_words(part: Part) -> None:
    browsers = [Browser(part), Browser(part)]
    part.tell_words()
    assert [browser.retold for browser in browsers] == [1, 1]


def test_threads_that_set_together_tell_whole_pairs_and_the_last_last(part: Part) -> None:
    browser = Browser(part)

    def sets(first: int) -> None:
        for step in range(first, first + 200):
            with part.hold_sync():
                part.step, part.note = step, str(step)

    threads = [threading.Thread(target=sets, args=(first,)) for first in (1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(state["note"] == str(state["step"]) for state in browser.states)
    assert browser.states[-1] == {"step": part.step, "note": part.note}


def test_a_page_is_heard_while_another_thread_holds_its_messages_back(part: Part) -> None:
    """What the code sets is told at the end; what a page set meanwhile is not told it."""
    browser, begun, said = Browser(part), threading.Event(), threading.Event()

    def says() -> None:
        begun.wait(10)
        part.observe(lambda _: said.set(), "step")
        browser.sets(step=7)

    thread = threading.Thread(target=says)
    thread.start()
    with part.hold_sync():
        part.note = "held"
        begun.set()
        thread.join(0.05)
    thread.join(10)
    assert said.is_set()
    assert part.step == 7
    assert browser.states == [{"note": "held"}]


def test_what_is_set_one_by_one_from_threads_arrives_as_it_is_in_the_end(part: Part) -> None:
    browser = Browser(part)
    counter = itertools.count(1)

    def sets() -> None:
        for _ in range(300):
            part.step = next(counter)

    threads = [threading.Thread(target=sets) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert browser.states[-1] == {"step": part.step}
