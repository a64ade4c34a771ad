"""A class votes, closes, votes again; what must not count does not, and says so in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import for_each
from classes import OPTIONS, QUESTION, Class, a_class, sentence

from tltutor.classroom import asked, refusals
from tltutor.classroom import store as stored
from tltutor.classroom.app import HEADERS
from tltutor.classroom.door import TOKEN
from tltutor.classroom.limits import Limit
from tltutor.classroom.store import Store
from tltutor.classroom.tokens import new_token

NASTY = "<script>alert(1)</script>\"'&"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Class]:
    with a_class(tmp_path / "votes.sqlite") as found:
        yield found


def test_votes_are_counted_and_shown_once_the_vote_is_closed(here: Class) -> None:
    here.open()
    for choice in ("1", "1", "3"):
        phone = here.voter()
        answer = here.vote(phone, choice)
        assert "Your vote counts" in sentence(answer)
    poll = here.teacher.get("/api/polls/1").json()
    assert poll["answered"] == 3
    assert "rounds" not in poll, "nobody is to follow the others"
    assert here.tell("close")["rounds"] == [{"1": 2, "2": 0, "3": 1}]
    told = here.tell("outcome", outcome="3")
    assert (told["outcome"], told["open"]) == ("3", False)


def test_a_second_vote_shows_what_changed(here: Class) -> None:
    here.open()
    phones = [here.voter() for _ in range(4)]
    for phone, choice in zip(phones, "1112", strict=True):
        here.vote(phone, choice)
    here.tell("close")
    assert here.tell("again")["round"] == 2
    for phone, choice in zip(phones[:3], "132", strict=True):
        here.vote(phone, choice)
    here.vote(here.voter(), "2")  # has not voted in the first round
    told = here.tell("outcome", outcome="2")
    assert told["rounds"] == [{"1": 3, "2": 1, "3": 0}, {"1": 1, "2": 2, "3": 1}]
    assert sorted(told["changes"]) == [["1", "1", 1], ["1", "2", 1], ["1", "3", 1]]
    desk = here.teacher.get("/teach").text
    for said in (
        "2 of 3 who voted twice changed their answer.",
        "1 of 4 had predicted it in round 1.",
        "2 of 4 had predicted it in round 2.",
        "1 from “It gains” to “It loses”",
    ):
        assert said in desk


def test_a_vote_that_does_not_count_says_why(here: Class) -> None:
    here.open()
    phone, late, old, silent = (here.voter() for _ in range(4))
    seen = here.seen(phone)
    here.vote(phone, "1")

    def refused(answer: Any, status: int, text: str) -> None:
        assert answer.status_code == status
        assert sentence(answer) == text.format(most=asked.MOST)

    refused(here.vote(phone, "2", seen), 409, refusals.TWICE)
    refused(here.vote(silent, "4"), 400, refusals.NO_OPTION)
    refused(silent.post(here.room, data={"seen": seen}), 400, refusals.NO_OPTION)
    refused(here.vote(here.client(), "1", seen), 403, refusals.NO_TOKEN)
    here.tell("close")
    refused(here.vote(late, "1", seen), 409, refusals.CLOSED)
    here.tell("again")
    refused(here.vote(old, "1", seen), 409, refusals.CLOSED)  # the first round's page
    here.open()
    refused(here.vote(old, "1", seen), 409, refusals.CLOSED)
    assert here.store.count(here.store.poll(1)).rounds[0] == {"1": 1, "2": 0, "3": 0}


def test_a_vote_before_the_first_is_open_says_so(here: Class) -> None:
    assert sentence(here.client().get(here.room)) == refusals.NO_VOTE
    assert sentence(here.vote(here.voter(), "1", "1.1.1")) == refusals.NO_VOTE


def test_a_token_that_this_room_did_not_make_votes_for_nobody(here: Class, tmp_path: Path) -> None:
    here.open()
    real = here.voter().cookies.get(TOKEN)
    voter, mac = real.split(".")
    other_room = new_token(here.store.room.secret, "ABCDEF")

    def check(forged: str) -> None:
        phone = here.client(cookie=f"{TOKEN}={forged}")
        answer = phone.post(here.room, data={"seen": "1.1.1", "choice": "1"})
        assert answer.status_code == 403
        assert sentence(answer) == refusals.NO_TOKEN
        assert phone.get(here.room).status_code == 200  # as the sentence says: open the room again
        assert "Set-Cookie" in here.client(cookie=f"{TOKEN}={forged}").get(here.room).headers

    flipped = mac[:-1] + ("0" if mac[-1] != "0" else "1")
    for_each(
        [
            f"{voter}.{flipped}",
            f"0{voter[1:]}x.{mac}",
            voter,
            ".",
            "é.x".encode().decode("latin-1"),
            other_room,
        ],
        check,
    )
    assert here.store.answered(here.store.poll(1)) == 0


def test_two_rooms_of_one_file_know_nothing_of_each_other(here: Class, tmp_path: Path) -> None:
    here.open()
    old = here.voter()
    here.vote(old, "1")
    next_room = Store(tmp_path / "votes.sqlite", new=True)
    assert next_room.room.code != here.store.room.code
    assert next_room.current() is None
    next_room.close()
    again = Store(tmp_path / "votes.sqlite")
    assert again.room == next_room.room
    again.close()


def test_a_clock_that_is_set_changes_no_vote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither tokens nor rooms nor rounds ask what time it is, and a phone's clock is never asked."""
    tokens, rooms = [], []
    for then, choice in (("2026-01-01", "1"), ("1999-01-01", "2"), ("2099-01-01", "3")):
        monkeypatch.setattr(stored, "_now", lambda then=then: f"{then}T00:00:00+00:00")
        with a_class(tmp_path / "votes.sqlite") as here:  # the service starts again, by that clock
            rooms.append(here.store.room)
            here.open()
            phone = here.client()
            if tokens:
                phone.cookies.set(TOKEN, tokens[0])
            assert "counts" in sentence(here.vote(phone, choice))
            tokens.append(phone.cookies.get(TOKEN))
            assert tokens[-1] == tokens[0], "the first token is good for ever"
            assert here.tell("close")["rounds"][0][choice] == 1
    assert len(set(rooms)) == 1
    Store(tmp_path / "votes.sqlite", new=True).close()
    monkeypatch.setattr(stored, "_now", lambda: "1980-01-01T00:00:00+00:00")
    last = Store(tmp_path / "votes.sqlite", new=True)
    again = Store(tmp_path / "votes.sqlite")
    assert again.room == last.room, "the newest room, though its clock was behind"
    for store in (last, again):
        store.close()


def test_five_megabytes_are_refused_and_not_kept(here: Class) -> None:
    here.open()
    phone = here.voter()
    answer = phone.post(here.room, data=b"choice=" + b"1" * 5_000_000)
    assert answer.status_code == 413
    assert sentence(answer) == refusals.TOO_LARGE.format(most=asked.MOST)
    many = phone.post(here.room, data="&".join(f"a{i}=1" for i in range(500)))
    assert many.status_code == 400
    assert here.teacher.post("/api/polls", data=b"[" * 60_000).json()["error"]
    assert "counts" in sentence(here.vote(phone, "1"))


def test_a_script_in_a_text_is_a_text(here: Class) -> None:
    here.open(NASTY, [NASTY, "no"])
    phone = here.voter()
    pages = [phone.get(here.room), here.teacher.get("/teach")]
    here.vote(phone, "1")
    here.tell("outcome", outcome="1")
    pages += [
        here.teacher.get("/teach"),
        here.client().get(f"/r/{NASTY}"),
        here.client().get("/", params={"code": NASTY}),
    ]
    for page in pages:
        assert "<script>alert" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "&lt;script&gt;alert" in pages[0].text
    assert "&lt;script&gt;alert" in pages[2].text
    bad = here.teacher.post("/teach/open", data={"question": NASTY, "options": NASTY})
    assert bad.status_code == 400
    assert "<script>alert" not in bad.text
    assert "2 to 12 options, got 1" in bad.text


def test_every_answer_has_the_headers_that_keep_a_page_safe(here: Class) -> None:
    for path in (
        "/",
        here.room,
        "/teach",
        "/r/WRONG1",
        "/nowhere",
        "/static/../app.py",
        "/static/app.py",
    ):
        answer = here.client().get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    cookie = here.client().get(here.room).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_only_the_teacher_teaches(here: Class) -> None:
    here.open()
    stranger = here.voter()

    def check(request: tuple[str, str]) -> None:
        answer = stranger.request(
            request[0],
            f"/{request[1]}",
            data={"poll": "1", "question": QUESTION, "options": "a\nb"},
        )
        assert answer.status_code == 403
        assert "Only the teacher" in answer.text

    posts = (
        "teach/open",
        "teach/close",
        "teach/again",
        "teach/outcome",
        "api/polls",
        "api/polls/1/close",
    )
    gets = ("teach", "teach/state", "api/polls/1", "teach?key=wrong")
    for_each([*(("POST", path) for path in posts), *(("GET", path) for path in gets)], check)
    assert here.store.current() == here.store.poll(1)
    assert here.store.poll(1).open


def test_the_key_opens_the_desk_and_leaves_the_address(here: Class) -> None:
    teacher = here.client()
    answer = teacher.get(f"/teach?key={here.store.room.key}")
    assert answer.status_code == 200
    assert str(answer.url) == f"{here.home}/teach"
    assert here.store.room.key not in answer.text
    form = {"question": QUESTION, "options": "\n".join([*OPTIONS, ""])}
    assert QUESTION in teacher.post("/teach/open", data=form).text
    assert "Close the vote" in teacher.get("/teach").text
    assert "About the same" in teacher.post("/teach/close", data={"poll": "1"}).text
    told = teacher.post("/teach/outcome", data={"poll": "1", "outcome": "2"})
    assert 'class="true"' in told.text
    assert teacher.post("/teach/outcome", data={"poll": "1", "outcome": "9"}).status_code == 400
    assert teacher.post("/teach/close", data={"poll": "x"}).status_code == 404


def test_a_form_of_another_site_is_refused(here: Class) -> None:
    here.open()
    phone = here.voter()
    data = {"seen": here.seen(phone), "choice": "1"}
    other = phone.post(here.room, data=data, headers={"origin": "http://elsewhere.example"})
    assert (other.status_code, sentence(other)) == (403, refusals.OTHER_SITE)
    assert "counts" in sentence(phone.post(here.room, data=data, headers={"origin": here.home}))


def test_wrong_codes_are_few(here: Class) -> None:
    here.classroom.guesses = Limit(5, 0.01)
    wrong = [here.client().get("/r/AAAAAA") for _ in range(7)]
    assert sentence(wrong[0]) == refusals.NO_ROOM
    assert sentence(wrong[-1]) == refusals.TOO_OFTEN
    assert here.client().get(here.room).status_code == 200, "who knows the code comes in"


def test_a_phone_that_asks_without_end_is_slowed_down_alone(here: Class) -> None:
    here.open()
    phone, other = here.voter(), here.voter()
    here.classroom.voters = Limit(5, 0.01)
    states = [phone.get(f"{here.room}/state") for _ in range(7)]
    assert states[0].json() == {"stamp": "1.1.1"}
    assert states[-1].status_code == 429
    assert states[-1].json()["error"] == refusals.TOO_OFTEN
    assert other.get(f"{here.room}/state").status_code == 200


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    limit = Limit(3, 0.5, lambda: now[0])
    assert [limit.allows("a") for _ in range(5)] == [True, True, True, False, False]
    assert limit.allows("b")
    now[0] = 2.1
    assert [limit.allows("a") for _ in range(2)] == [True, False]
    for i in range(10_050):
        limit.allows(f"{i}")
    assert len(limit._left) == 10_000
    assert "a" not in limit._left, "the one that came longest ago is forgotten"
    assert [limit.allows("10049") for _ in range(3)] == [True, True, False]


def test_pages_speak_the_language_that_is_asked_for(here: Class) -> None:
    here.open(
        {"en": "Does it help?", "zh": "有帮助吗？"},
        {"yes": {"en": "yes", "zh": "有"}, "no": {"en": "no", "zh": "没有"}},
    )
    chinese = here.client(**{"accept-language": "fr, zh-CN;q=0.9, en;q=0.8"})
    page = chinese.get(here.room).text
    assert '<html lang="zh">' in page
    assert "有帮助吗？" in page
    assert "投票" in page
    assert "Does it help?" in chinese.get(f"{here.room}?lang=en").text
    assert "Does it help?" in chinese.get(here.room).text, "a choice stays"
    assert "有帮助吗？" not in here.client(**{"accept-language": "de"}).get(here.room).text
    refused = here.client(**{"accept-language": "zh"}).get("/r/WRONG1")
    assert "房间" in sentence(refused)


def test_the_teacher_sees_what_is_new_by_a_word(here: Class) -> None:
    stamps = [here.teacher.get("/teach/state").json()["stamp"]]
    phone = None
    for act in (
        here.open,
        lambda: here.vote(phone or here.voter(), "1"),
        lambda: here.tell("close"),
        lambda: here.tell("outcome", outcome="1"),
        lambda: here.tell("again"),
    ):
        act()
        stamps.append(here.teacher.get("/teach/state").json()["stamp"])
    assert len(set(stamps)) == len(stamps)


def test_a_mistake_of_the_service_tells_no_details(
    here: Class, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(here.store, "current", lambda: 1 / 0)
    answer = here.client().get(here.room)
    assert (answer.status_code, sentence(answer)) == (500, refusals.BROKEN)
    assert "ZeroDivisionError" in caplog.text
