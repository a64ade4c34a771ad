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
  const where = { inside: board.contains(at), stop: window.stops.indexOf(at), room: Math.min(width, height), place: [x, y, w, h] };
  return { ...where, alike: at.matches(".tlt-thing"), said: at.outerHTML.slice(0, 90) };
}"""
BARE = ":is(#no#no#no#no, *):focus { outline-color: transparent !important; }"  # over all rules of a board
ADDED = """(css) => {
  const bare = Object.assign(document.createElement("style"), { id: "bare", textContent: css });
  document.head.append(bare);
  bare.disabled = true; }"""
LEAST = 23.5  # 24 pixels, as browsers round them
AROUND = 5  # pixels around a control in which its ring lies
STRONG = 60  # of 255, by which a pixel of a ring differs from what lies under it


@pytest.fixture(scope="module")
def opened(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    with notebooks.ran([LAB]) as (page, errors):
        page.set_viewport_size({"width": 1280, "height": 1000})
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate(ADDED, BARE)
        yield page, errors


@pytest.fixture(scope="module")
def page(opened: tuple[Page, list[str]]) -> Page:
    return opened[0]


@pytest.fixture(scope="module")
def lab(page: Page) -> Locator:
    """The board of a run that is paused after some forty steps."""
    found = page.locator(".tlt-board")
    found.get_by_role("button", name="Play", exact=True).press("Enter")
    page.wait_for_function("() => Number(document.querySelector('.tlt-status').dataset.step) >= 40")
    found.get_by_role("button", name="Pause", exact=True).press("Enter")
    expect(found.locator(".tlt-status")).to_have_attribute("data-state", "paused")
    expect(found.locator(".tlt-net-key")).to_contain_text("pull of the transfer term")
    return found


@pytest.fixture(scope="module")
def told(ask: Callable[[str], Any]) -> Callable[[], dict[str, Any]]:
    """What the kernel's board knows now."""
    return lambda: dict(
        json.loads(ask(f"(globals().update(json=json), exec({SEEN!r}, globals()), facts)[-1]"))
    )


# --- reached, named, ringed, large enough


def nothing(_: Locator) -> None:
    """The board as it opens."""


def rows(lab: Locator) -> None:
    """The map's settings and the judges' rows."""
    lab.get_by_role("button", name="Map settings").press("Enter")
    lab.get_by_role("button", name="Judges").press("Enter")
    expect(lab.get_by_label("perplexity")).to_be_visible()


def view(lab: Locator) -> None:
    """What the map can show."""
    lab.get_by_role("button", name="View").press("Enter")
    expect(lab.locator(".tlt-menu")).to_be_visible()


def happened(lab: Locator) -> None:
    """The list of what happened, which lies over the board."""
    lab.get_by_role("button", name="What happened").press("Enter")
    expect(lab.locator(".tlt-happening").first).to_be_visible()


def share(lab: Locator) -> None:
    """How a run is shared."""
    lab.get_by_role("button", name="Share").press("Enter")
    expect(lab.locator(".tlt-share")).to_be_visible()


def panel(lab: Locator) -> None:
    """Points in the selection's panel, seen from an earlier step: what leads on from there is awake."""
    at = lab.get_by_role("slider", name="Replay")
    at.press("ArrowLeft")
    expect(lab.get_by_role("button", name="Play from here")).to_be_visible()
    lab.locator(".tlt-numbers button").first.press("Enter")
    expect(lab.locator(".tlt-confusion button").first).to_be_visible()


@pytest.mark.parametrize(
    ("state", "first", "least"),
    [
        (nothing, "Play", 40),
        (rows, "Play", 44),
        (view, "View", 40),
        (happened, "What happened", 10),
        (share, "Share", 6),
        (panel, "Play", 60),
    ],
)
def test_every_stop_of_the_tab_key_has_a_name_a_ring_and_room(
    page: Page, lab: Locator, state: Callable[[Locator], None], first: str, least: int
) -> None:
    """From the first one on: a list that lies over the board folds where one goes on above it."""
    state(lab)
    page.wait_for_timeout(1500)  # the map comes to rest
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    count = lab.evaluate(MARKED)
    lab.get_by_role("button", name=first, exact=first == "Play").focus()
    begun = lab.evaluate(HERE)["stop"]
    met, names, faults = set[int](), list[str](), list[str]()
    while (here := lab.evaluate(HERE))["inside"] and here["stop"] not in met - {-1}:
        role, name = spoken(devtools)
        faults += [f"no name: {here['said']}"] if not re.search(r"\w", name) else []
        faults += (
            [f"two of this name: {role} {name}"]
            if f"{role} {name}" in names and not here["alike"]
            else []
        )
        faults += (
            [f"{here['room']} px: {name}"] if here["stop"] >= 0 and here["room"] < LEAST else []
        )
        seen = ring(page, here["place"])
        faults += [f"{seen:.2f} of a ring: {name}"] if seen < 0.5 else []
        names.append(f"{role} {name}")
        met.add(here["stop"])
        page.keyboard.press("Tab")
    faults += [
        f"never reached: {lab.evaluate(f'() => window.stops[{i}].outerHTML.slice(0, 90)')}"
        for i in set(range(begun, count)) - met
    ]
    assert faults == [], "\n".join(faults)
    assert len(met) >= least
    page.keyboard.press("Escape")


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


# --- does what it says


def press(lab: Locator, name: str, key: str = "Enter") -> Locator:
    """Press a key on the button of this name."""
    button = lab.get_by_role("button", name=name, exact=True)
    button.press(key)
    return button


def moved(slider: Locator, key: str = "ArrowRight") -> float:
    """Move a slider by a key; returns where it was."""
    before = float(slider.input_value())
    slider.press(key)
    assert float(slider.input_value()) != before
    return before


def flips(button: Locator, attribute: str) -> None:
    """Space and Enter switch what the button shows to be on, and back."""
    before = button.get_attribute(attribute)
    assert before in ("true", "false")
    for key, now in (("Space", "false" if before == "true" else "true"), ("Enter", before)):
        button.press(key)
        expect(button).to_have_attribute(attribute, now)


def until(
    told: Callable[[], dict[str, Any]], page: Page, holds: Callable[[dict[str, Any]], bool]
) -> None:
    """Wait until the kernel's board says so."""
    for _ in range(60):
        if holds(told()):
            return
        page.wait_for_timeout(250)
    pytest.fail(f"the kernel did not hear it: {told()}")


def test_sliders_move_the_runs_settings(page: Page, lab: Locator, told: Callable[[], Any]) -> None:
    live = lab.get_by_role("button", name="Live", exact=True)
    live.press("Enter")
    for at, name in enumerate(("weight", "gamma", "discriminator_rate", "freeze_depth", "lr")):
        slider = lab.locator(".tlt-row input[type=range]").nth(at)
        before, was = told()["values"], slider.input_value()
        slider.press("ArrowLeft" if name == "weight" else "ArrowRight")
        step(lab)
        until(told, page, lambda now, n=name, b=before: now["values"][n] != b[n])
        slider.press("ArrowRight" if name == "weight" else "ArrowLeft")
        expect(slider).to_have_value(was)
        step(lab)
        until(told, page, lambda now, n=name, b=before: now["values"][n] == pytest.approx(b[n]))


def step(lab: Locator) -> None:
    """Train one step by the button, and wait for it."""
    line = lab.locator(".tlt-status")
    before = int(line.get_attribute("data-step") or 0)
    press(lab, "Step", "Space")
    expect(line).to_have_attribute("data-step", str(before + 1))
    expect(line).to_have_attribute("data-state", "paused")


def test_the_strips_handle_freezes(page: Page, lab: Locator, told: Callable[[], Any]) -> None:
    handle = lab.get_by_label("Freeze depth on the network")
    moved(handle)
    step(lab)
    until(told, page, lambda now: now["frozen"] == 1)
    expect(lab.locator(".tlt-net-stage").first).to_have_attribute("data-frozen", "true")
    moved(handle, "ArrowLeft")
    step(lab)
    until(told, page, lambda now: now["frozen"] == 0)


def test_switches_of_map_curves_and_legend(lab: Locator) -> None:
    for name in ("Lasso", "Mark wrong"):
        flips(lab.get_by_role("button", name=name, exact=True), "aria-pressed")
    for chip in lab.locator(".tlt-legend .tlt-chip").all():
        flips(chip, "aria-pressed")
    flips(lab.get_by_role("button", name="log", exact=True), "aria-pressed")
    judges = lab.get_by_role("button", name="Judges without target labels")
    flips(judges, "aria-expanded")
    press(lab, "View")
    layers = lab.locator(".tlt-menu .tlt-chip")
    assert layers.count() >= 7
    for layer in layers.all():
        if layer.is_visible():
            flips(layer, "aria-pressed")
    layers.first.press("Escape")
    expect(lab.locator(".tlt-menu")).to_be_hidden()
    expect(lab.get_by_role("button", name="View")).to_be_focused()
    tints = lab.get_by_label("Color by")
    tints.press("ArrowDown")
    expect(tints).to_have_value("domain")
    tints.press("ArrowUp")
    expect(tints).to_have_value("class")


def test_pictures_answer_the_arrow_keys(lab: Locator) -> None:
    for canvas, tip in (
        (".tlt-stage canvas", ".tlt-map .tlt-tip"),
        (".tlt-chart canvas", ".tlt-curves .tlt-tip"),
    ):
        for each in lab.locator(canvas).all():
            each.press("ArrowLeft")
            expect(lab.locator(tip).first).to_be_visible()
            each.press("Escape")
            expect(lab.locator(tip).first).to_be_hidden()


def test_numbers_and_letters_select_points_and_escape_drops_them(lab: Locator) -> None:
    box = lab.locator(".tlt-panel")
    for button in lab.locator(".tlt-numbers .tlt-value button").all():
        button.press("Space")
        expect(box).to_contain_text("wrong")
        press(lab, "Close the selection")
        expect(box).to_be_hidden()
    field = lab.get_by_label("Find points by class or text")
    field.press_sequentially("3")
    expect(box).to_contain_text("Found: 3")
    for when in box.locator(".tlt-times .tlt-chip").all():
        when.press("Enter")
        expect(when).to_have_attribute("aria-pressed", "true")
    thing = box.locator(".tlt-thing").first
    thing.press("Enter")
    expect(lab.locator(".tlt-map .tlt-tip")).to_be_visible()
    cell = box.locator(".tlt-confusion button").first
    said = re.findall(r"\d+", cell.get_attribute("aria-label") or "")
    cell.press("Enter")
    expect(box.locator("header b")).to_contain_text(said[0])
    box.locator(".tlt-thing").first.press("Escape")
    expect(box).to_be_hidden()
    field.press("Escape")
    expect(field).to_have_value("")


def test_time_is_walked(lab: Locator) -> None:
    at, caption = lab.get_by_role("slider", name="Replay"), lab.locator(".tlt-map .tlt-caption")
    share = "(slider) => slider.getBoundingClientRect().width / slider.closest('.tlt-board').getBoundingClientRect().width"
    assert at.evaluate(share) > 0.25
    at.press("Home")
    expect(caption).to_have_text("step 0")
    expect(lab.get_by_role("button", name="Play from here")).to_be_visible()
    assert at.evaluate(share) > 0.25, "what wakes beside it leaves it room"
    for key in ("ArrowRight", "End", "PageDown"):
        moved(at, key)
    press(lab, "What changed?")  # the points, or that there are none
    told = lab.locator(".tlt-panel:visible header, .tlt-status-row")
    expect(told.filter(has_text="changed class")).to_have_count(1)
    if lab.locator(".tlt-panel").is_visible():
        press(lab, "Close the selection")
    press(lab, "Live", "Space")
    expect(lab.locator(".tlt-timeline .tlt-words")).to_contain_text("live")
    chip = lab.get_by_role("button", name="What happened")
    chip.press("Enter")
    expect(lab.locator(".tlt-happening").first).to_be_visible()  # a key goes past what is hidden
    lab.locator(".tlt-happening").first.press("Enter")
    expect(lab.locator(".tlt-panel")).to_be_visible()
    expect(lab.locator(".tlt-panel")).to_contain_text("step")
    chip.press("Enter")
    expect(chip).to_have_attribute("aria-expanded", "false")
    press(lab, "Close the selection")


def test_the_maps_settings_and_what_is_shared(
    page: Page, lab: Locator, told: Callable[[], Any]
) -> None:
    fold = lab.get_by_role("button", name="Map settings")
    if fold.get_attribute("aria-expanded") != "true":
        fold.press("Enter")
    for name in ("perplexity", "steps", "budget"):
        before = told()["map"]
        moved(lab.locator(".tlt-folding").get_by_label(name, exact=True))
        until(told, page, lambda now, n=name, b=before: now["map"][n] != b[n])
    fold.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "false")
    for name, start in (
        ("Drawing (SVG)", b"<?xml"),
        ("Picture (PNG)", b"\x89PNG"),
        ("Animation (GIF)", b"GIF8"),
        ("Page (HTML)", b"<!DOCTYPE html>"),
    ):
        press(lab, "Share")
        with page.expect_download(timeout=120_000) as found:
            press(lab, name)
        assert found.value.path().read_bytes().startswith(start)
        expect(lab.locator(".tlt-making")).to_have_text("")
    press(lab, "Share")
    press(lab, "Copy link")
    expect(lab.get_by_role("button", name="Copied")).to_be_visible()
    lab.get_by_role("button", name="Copied").press("Escape")
    expect(lab.locator(".tlt-share")).to_be_hidden()


def test_remarks_beside_the_numbers_take_one_line(lab: Locator) -> None:
    lines = """(cells) => cells.filter((cell) => cell.textContent).map((cell) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return Math.round(text.getBoundingClientRect().height);
    })"""
    found = lab.locator(".tlt-numbers tbody:first-child .tlt-aside:visible").evaluate_all(lines)
    assert len(found) >= 4
    assert max(found) < 20


def test_the_language_turns_and_comes_back(lab: Locator) -> None:
    press(lab, "中文")
    expect(lab.get_by_role("button", name="播放", exact=True)).to_be_visible()
    press(lab, "English", "Space")
    expect(lab.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_first_row_chooses_and_drives_the_run(
    page: Page, lab: Locator, told: Callable[[], Any]
) -> None:
    line = lab.locator(".tlt-status")
    press(lab, "Play", "Space")
    expect(line).to_have_attribute("data-state", "playing")
    press(lab, "Pause", "Space")
    expect(line).to_have_attribute("data-state", "paused")
    lab.get_by_role("slider", name="Replay").press("Home")
    press(lab, "Play from here")
    expect(lab.locator('.tlt-tick[data-kind="branch"]')).to_have_count(1)
    press(lab, "Pause")
    press(lab, "Reset")
    until(told, page, lambda now: now["step"] == 0)
    for field, name in (
        ("Speed", ""),
        ("Map", "projection"),
        ("Objective", "objective"),
        ("Domains", "pair"),
    ):
        before, choice = told(), lab.get_by_label(field, exact=True)
        was = choice.input_value()
        choice.press("ArrowDown" if field != "Domains" else "ArrowUp")
        assert choice.input_value() != was
        if name:
            until(told, page, lambda now, n=name, b=before: now[n] != b[n])
    seed = lab.get_by_label("Seed", exact=True)
    seed.press("ArrowUp")
    seed.press("Enter")
    until(told, page, lambda now: now["seed"] == 1)
    press(lab, "Play")
    expect(line).to_have_attribute("data-state", "playing")
    press(lab, "Stop")
    expect(line).to_have_attribute("data-state", "stopped")


def test_the_page_had_no_faults(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []
