"""Every control of a whole board, by keys alone: it is reached, named, ringed and large enough, and does what it says."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from notebooks import Notebooks
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, expect

pytestmark = pytest.mark.slow  # test_keyboard.py and its neighbors go the short way

LAB = """
import tltutor as tl
options = dict(steps=100_000, batch_size=16, snapshot_size=80, device="cpu", network_options={"channels": (4, 8)})
lab = tl.Lab("digits->shifted-digits", "dann", **options)
lab
"""
SEEN = """
facts = json.dumps({
    "step": lab.session.step_number, "frozen": lab.session.values["freeze_depth"], "seed": lab.experiment.seed,
    "pair": lab.session.pair.name, "objective": lab.session.objective.name, "projection": lab.experiment.projection,
    "values": {name: float(value) for name, value in lab.session.values.items() if isinstance(value, (int, float))},
    "map": {name: float(value) for name, value in lab.board.map_controls.values.items() if isinstance(value, (int, float))},
})
"""
# All that Tab can stop at, in the order of the page.
STOPS = """(board) => [...board.querySelectorAll("*")].filter((one) => {
  const { width } = one.getBoundingClientRect();
  return one.tabIndex >= 0 && !one.disabled && width && one.checkVisibility({ visibilityProperty: true });
})"""
MARKED = f"(board) => {{ window.stops = ({STOPS})(board); return window.stops.length; }}"
# Where the focus is: the number of the stop, and how much room a finger has there; a label belongs to its field.
HERE = """(board) => {
  const at = document.activeElement, { width, height } = (at.closest("label") ?? at).getBoundingClientRect();
  const { x, y, width: w, height: h } = at.getBoundingClientRect();
  return { inside: board.contains(at), stop: window.stops.indexOf(at), room: Math.min(width, height), place: [x, y, w, h], alike: at.matches(".tlt-thing"), said: at.outerHTML.slice(0, 90) };
}"""
BARE = ":is(#no#no#no#no, *):focus { outline-color: transparent !important; }"  # over all rules of a board
LEAST = 23.5  # 24 pixels, as browsers round them
AROUND = 5  # pixels around a control in which its ring lies
STRONG = 60  # of 255, by which a pixel of a ring differs from what lies under it


@pytest.fixture(scope="module")
def opened(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    with notebooks.ran([LAB]) as (page, errors):
        page.set_viewport_size({"width": 1280, "height": 1000})
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate(
            "(css) => { const bare = document.createElement('style'); bare.textContent = css; bare.id = 'bare'; document.head.append(bare); bare.disabled = true; }",
            BARE,
        )
        yield page, errors


@pytest.fixture(scope="module")
def page(opened: tuple[Page, list[str]]) -> Page:
    return opened[0]


@pytest.fixture(scope="module")
def lab(page: Page) -> Locator:
    """The board of a run that is paused after some forty steps."""
    found = page.locator(".tlt-board")
    found.get_by_role("button", name="Play", exact=True).press("Enter")
    page.wait_for_function(
        "() => Number(document.querySelector('.tlt-status').dataset.step) >= 40"
    )
    found.get_by_role("button", name="Pause", exact=True).press("Enter")
    expect(found.locator(".tlt-status")).to_have_attribute("data-state", "paused")
    expect(found.locator(".tlt-net-key")).to_contain_text("pull of the transfer term")
    return found


@pytest.fixture(scope="module")
def told(ask: Callable[[str], Any]) -> Callable[[], dict[str, Any]]:
    """What the kernel's board knows now."""
    return lambda: dict(json.loads(ask(f"(globals().update(json=json), exec({SEEN!r}, globals()), facts)[-1]")))


# --- reached, named, ringed, large enough


def nothing(_: Locator) -> None:
    """The board as it opens."""


def lists(lab: Locator) -> None:
    """The list of what happened, the map's settings, the judges' rows, what the map can show."""
    lab.get_by_role("button", name="What happened").press("Enter")
    lab.get_by_role("button", name="Map settings").press("Enter")
    lab.get_by_role("button", name="Judges").press("Enter")
    expect(lab.locator(".tlt-happening").first).to_be_visible()
    expect(lab.get_by_label("perplexity")).to_be_visible()


def panel(lab: Locator) -> None:
    """Points in the selection's panel, seen from an earlier step: what leads on from there is awake."""
    at = lab.get_by_role("slider", name="Replay")
    at.press("ArrowLeft")
    expect(lab.get_by_role("button", name="Play from here")).to_be_visible()
    lab.locator(".tlt-numbers button").first.press("Enter")
    expect(lab.locator(".tlt-confusion button").first).to_be_visible()


@pytest.mark.parametrize("state", [nothing, lists, panel])
def test_every_stop_of_the_tab_key_has_a_name_a_ring_and_room(
    page: Page, lab: Locator, state: Callable[[Locator], None]
) -> None:
    state(lab)
    page.wait_for_timeout(1500)  # the map comes to rest
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    count = lab.evaluate(MARKED)
    lab.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # as a person comes there
    met, names, faults = set[int](), list[str](), list[str]()
    while (here := lab.evaluate(HERE))["inside"] and here["stop"] not in met - {-1}:
        role, name = spoken(devtools)
        faults += [f"no name: {here['said']}"] if not re.search(r"\w", name) else []
        faults += [f"two of this name: {role} {name}"] if f"{role} {name}" in names and not here["alike"] else []
        faults += [f"{here['room']} px: {name}"] if here["stop"] >= 0 and here["room"] < LEAST else []
        seen = ring(page, here["place"])
        faults += [f"{seen:.2f} of a ring: {name}"] if seen < 0.5 else []
        names.append(f"{role} {name}")
        met.add(here["stop"])
        page.keyboard.press("Tab")
    faults += [f"never reached: {lab.evaluate(f'() => window.stops[{i}].outerHTML.slice(0, 90)')}" for i in set(range(count)) - met]
    assert faults == [], "\n".join(faults)
    assert len(met) > 40


def spoken(devtools: CDPSession) -> tuple[str, str]:
    """Role and name of what has the focus, as a screen reader is told."""
    found = devtools.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
    asked = {"objectId": found["objectId"], "fetchRelatives": False}
    (node,) = devtools.send("Accessibility.getPartialAXTree", asked)["nodes"]
    return node["role"]["value"], node.get("name", {}).get("value", "").strip()


def ring(page: Page, place: list[float]) -> float:
    """How much of a ring of two pixels around this place is seen, as far as the window shows the place: 1 is all of it."""
    size = page.viewport_size
    assert size
    x, y, width, height = place
    left, top = max(x - AROUND, 0), max(y - AROUND, 0)
    right, bottom = min(x + width + AROUND, size["width"]), min(y + height + AROUND, size["height"])
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    shown = [pixels(page, clip, bare) for bare in (False, True)]
    seen = int((np.abs(shown[0] - shown[1]).max(axis=2) > STRONG).sum())
    return seen / (2 * 2 * (min(width, right - left) + min(height, bottom - top)))


def pixels(page: Page, clip: Any, bare: bool) -> np.ndarray:
    page.evaluate("(bare) => { document.getElementById('bare').disabled = !bare; }", bare)
    image = Image.open(io.BytesIO(page.screenshot(clip=clip, animations="disabled")))
    page.evaluate("() => { document.getElementById('bare').disabled = true; }")
    return np.asarray(image.convert("RGB")).astype(int)
