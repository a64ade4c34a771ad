"""A class votes in Chromium: a phone by keyboard, one without scripts, and the teacher, who sees the count and then the histogram."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from classes import OPTIONS, QUESTION, Class, a_class
from playwright.sync_api import Browser, Page, expect

PHONE = {"width": 390, "height": 780}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with a_class(tmp_path_factory.mktemp("class") / "votes.sqlite") as found:
        yield found


def opened(browser: Browser, address: str, complaints: list[str], **about: Any) -> Page:
    """A page in a browser of its own that asks nobody but the service."""
    page = browser.new_context(locale="en-US", **about).new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    home = "/".join(address.split("/")[:3])
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(home) else complaints.append(asked.url),
    )
    page.goto(address)
    return page


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return bool(wide[0] <= wide[1])


@pytest.mark.slow  # a page asks every three seconds
def test_phones_vote_the_teacher_closes_and_the_histogram_stands_beside_what_happened(
    here: Class, browser: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []
    desk = opened(browser, f"{here.home}/teach?key={here.store.room.key}", complaints)
    expect(desk).to_have_url(f"{here.home}/teach")
    phone = opened(browser, here.home + here.room, complaints, viewport=PHONE)
    expect(phone.get_by_role("status")).to_contain_text("No vote is open")

    desk.get_by_label("Question").fill(QUESTION)
    desk.get_by_label("Options").fill("\n".join(OPTIONS))
    desk.get_by_role("button", name="Open the vote").click()

    # The phone's page finds the vote by itself; its learner has a keyboard.
    group = phone.get_by_role("group", name=QUESTION)
    expect(group).to_be_visible()
    assert fits(phone)
    phone.get_by_role("radio", name="It gains").focus()
    phone.keyboard.press("ArrowDown")
    expect(phone.get_by_role("radio", name="About the same")).to_be_checked()
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("button", name="Vote")).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("status")).to_contain_text("Your vote counts")

    plain = opened(
        browser, here.home + here.room, complaints, viewport=PHONE, java_script_enabled=False
    )
    plain.get_by_label("It loses").check()
    plain.get_by_role("button", name="Vote").click()
    expect(plain.get_by_role("status")).to_contain_text("Your vote counts")

    expect(desk.get_by_role("status")).to_contain_text("2 have answered")
    expect(desk.locator(".histogram")).to_have_count(0)
    desk.get_by_role("button", name="Close the vote").click()
    expect(phone.get_by_role("status")).to_contain_text("The vote is closed")
    desk.get_by_label("What happened").select_option("About the same")
    desk.get_by_role("button", name="Show what happened").click()
    row = desk.get_by_role("row").filter(has_text="About the same")
    expect(row).to_contain_text("✓ What happened")
    expect(row).to_contain_text("votes: 1 · 50.0 %")
    expect(desk.get_by_text("1 of 2 had predicted it in round 1.")).to_be_visible()
    drawn = row.locator("svg rect").evaluate(
        "(bar) => bar.getBoundingClientRect().width / bar.ownerSVGElement.getBoundingClientRect().width"
    )
    assert drawn == pytest.approx(0.5, abs=0.02)
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert fits(desk)
    for page in (desk, phone, plain):
        page.context.close()
    assert complaints == []
