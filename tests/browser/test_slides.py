"""A lesson's slides as a teacher opens them: a file, no network, and a keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tltutor.lessons.rendering.deck import deck
from tltutor.lessons.wording import script

LESSON = "14"


@pytest.fixture(params=["en", "zh"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    file = tmp_path / "slides.html"
    file.write_text(deck(script(LESSON), request.param), "utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    found, faults = context.new_page(), list[str]()
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    found.on(
        "request", lambda asked: faults.append(asked.url) if asked.url != file.as_uri() else None
    )
    found.goto(file.as_uri())
    yield found
    context.close()
    assert faults == []


def test_keys_go_through_the_slides_and_answers_come_when_asked_for(page: Page) -> None:
    words, tongue = script(LESSON), page.locator("html").get_attribute("lang") or ""
    recall = words.explain["recall"]
    now, place = page.locator("section:visible"), page.locator("#place")
    expect(now).to_have_count(1)
    expect(now.locator("h1")).to_have_text(words.title[tongue])
    page.keyboard.press("ArrowRight")
    expect(now).to_contain_text(recall.text[tongue])
    expect(now).to_be_focused()
    assert (place.text_content() or "").startswith("2 / ")
    told = now.locator(".right")
    expect(told).to_be_hidden()
    page.keyboard.press("Space")
    expect(told).to_contain_text(recall.right.text[tongue])
    assert (place.text_content() or "").startswith("2 / "), "the answer comes before the next slide"
    page.keyboard.press("PageDown")
    expect(now.locator("h2")).to_contain_text("1 ·")
    page.keyboard.press("ArrowLeft")
    expect(told).to_be_visible()
    page.keyboard.press("End")
    expect(now.locator("aside")).to_be_hidden()
    page.keyboard.press("n")
    expect(now.locator("aside")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(now).to_have_count(1)
    page.reload()
    expect(now).to_have_count(1)
    assert page.url.endswith(f"#{page.locator('section').count()}"), "a slide has an address"


def test_no_slide_is_cut_off(page: Page) -> None:
    """Letters of long ones are smaller; nothing is wider than the screen."""
    for _ in range(page.locator("section").count()):
        too_wide = "() => { const s = document.querySelector('section.now'); return s.scrollWidth - s.clientWidth; }"
        assert page.evaluate(too_wide) <= 0, page.url
        page.evaluate("on(); slides[at].querySelector('.later:not(.told)') || on()")
