"""Truth under the pointer in a real JupyterLab: neighbors, colors, what is found, what happened, points in Python, a shared file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebooks import Notebooks
from playwright.sync_api import Locator, Page, expect

CELLS = [
    """
import tltutor as tl
options = dict(steps=100_000, batch_size=16, snapshot_size=80, device="cpu", network_options={"channels": (4, 8)})
lab = tl.Lab("digits->shifted-digits", "dann", projection="pca", **options)
lab
""",
    "chosen = lab.select(lab.points.where(domain='target', label='3'), 'threes')\nchosen",
    "lab.selection",
]
INK = """(canvas) => { const { width, height } = canvas, seen = new Set();
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 100) seen.add(data.slice(i, i + 3).join(" "));
  return [...seen]; }"""


@pytest.fixture(scope="module")
def opened(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    with notebooks.ran(CELLS[:1]) as found:
        page, _ = found
        lab = page.locator(".tlt-board")
        lab.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function(
            "() => Number(document.querySelector('.tlt-status').dataset.step) >= 40"
        )
        lab.get_by_role("button", name="Pause", exact=True).click()
        expect(lab.locator(".tlt-status")).to_have_attribute("data-state", "paused")
        yield found


@pytest.fixture
def page(opened: tuple[Page, list[str]]) -> Page:
    return opened[0]


@pytest.fixture
def lab(page: Page) -> Locator:
    found = page.locator(".tlt-board")
    found.evaluate("node => node.scrollIntoView({ block: 'start' })")
    return found


def canvas(lab: Locator) -> Locator:
    return lab.locator(".tlt-stage canvas")


def drawn(lab: Locator, color: str) -> bool:
    """Whether something on the map has this color (#rrggbb), as far as the paper does not shine through."""
    wanted = bytes.fromhex(color.removeprefix("#"))
    seen = [[int(part) for part in ink.split()] for ink in canvas(lab).evaluate(INK)]
    return any(all(abs(a - b) < 36 for a, b in zip(ink, wanted, strict=True)) for ink in seen)


def until_drawn(lab: Locator, color: str, *, there: bool = True) -> None:
    """Wait until something on the map has this color, or nothing any more."""
    end = time.monotonic() + 20
    while drawn(lab, color) is not there:
        assert time.monotonic() < end, f"{color} {'is not drawn' if there else 'is still drawn'}"
        lab.page.wait_for_timeout(50)


def test_a_point_that_is_looked_at_shows_its_nearest_source_points(lab: Locator) -> None:
    canvas(lab).focus()
    canvas(lab).press("End")
    near = lab.locator(".tlt-map .tlt-near")
    expect(near).to_contain_text("nearest source points by features")
    expect(near.locator("figure")).to_have_count(5)
    expect(near.locator("figure canvas")).to_have_count(5)
    expect(lab.locator(".tlt-tip").first).to_contain_text("discriminator")
    expect(lab.locator(".tlt-map [aria-live]")).to_contain_text("nearest source points: ")
    guess = lab.locator(".tlt-net-branch .tlt-net-answer")
    expect(guess).to_contain_text("target: ")
    canvas(lab).press("Escape")
    expect(near).to_be_hidden()
    expect(guess).to_have_text("")


def test_the_mouse_finds_them_too(page: Page, lab: Locator) -> None:
    canvas(lab).press("Home")
    tip = lab.locator(".tlt-map .tlt-tip")
    expect(tip).to_be_visible()
    canvas(lab).press("Escape")
    place = canvas(lab).bounding_box()
    assert place
    rows = (0.5, 0.4, 0.6, 0.3, 0.7)  # a row of the map may well be empty
    path = ((across / 100, down) for down in rows for across in range(4, 97, 2))
    for across, down in path:
        page.mouse.move(place["x"] + place["width"] * across, place["y"] + place["height"] * down)
        page.evaluate("() => new Promise(requestAnimationFrame)")
        if tip.is_visible():
            return
    pytest.fail("no point answers the mouse")


def test_points_are_colored_by_what_is_known_of_them(lab: Locator) -> None:
    tints = lab.get_by_label("Color by")
    offered = tints.locator("option").evaluate_all("(all) => all.map((one) => one.value)")
    assert offered == [
        "class",
        "domain",
        "prediction",
        "confidence",
        "loss",
        "opinion",
        "changed",
        "distance",
    ]
    until_drawn(lab, "#009e73")  # a class's own
    lab.get_by_role("button", name="Mark wrong").click()  # its rings have the classes' colors
    tints.select_option("domain")
    expect(lab.locator(".tlt-legend .tlt-swatch")).to_have_count(0)
    until_drawn(lab, "#009e73", there=False)
    until_drawn(lab, "#0072b2")
    until_drawn(lab, "#d55e00")
    tints.select_option("loss")
    expect(lab.locator(".tlt-ramp")).to_have_text(".0110 nats")
    tints.select_option("class")
    lab.get_by_role("button", name="Mark wrong").click()
    expect(lab.locator(".tlt-ramp")).to_have_count(0)


def test_a_class_is_found_and_a_cell_of_its_confusion_taken(lab: Locator) -> None:
    canvas(lab).focus()
    canvas(lab).press("/")
    field = lab.get_by_label("Find points by class or text")
    expect(field).to_be_focused()
    field.fill("8")
    panel = lab.locator(".tlt-panel")
    expect(panel).to_contain_text("Found: 8")
    cell = panel.locator(".tlt-confusion button").first
    count = cell.inner_text()
    cell.press("Enter")
    expect(panel.locator("header b")).to_have_text(
        f"8 taken for {cell_guess(panel)}: {count} point{'s' * (count != '1')}"
        if panel.locator(".tlt-wrong-cell button").count()
        else f"8, taken for what it is: {count} points"
    )
    field.fill("nothing")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Escape")
    expect(panel).to_be_hidden()
    expect(field).to_have_attribute("aria-invalid", "false")


def test_a_confusion_is_shown_before_after_and_as_what_changed(lab: Locator) -> None:
    canvas(lab).focus()
    canvas(lab).press("/")
    lab.get_by_label("Find points by class or text").fill("8")
    panel = lab.locator(".tlt-panel")
    tables = panel.get_by_role("group", name="When the answers were given")
    after = panel.locator(".tlt-confusion tbody").inner_text()
    tables.get_by_role("button", name="before").click()
    expect(tables.get_by_role("button", name="before")).to_have_attribute("aria-pressed", "true")
    assert panel.locator(".tlt-confusion tbody").inner_text() != after
    tables.get_by_role("button", name="difference").click()
    cells = panel.locator(".tlt-confusion tbody td").all_inner_texts()
    numbers = [int(cell.replace("−", "-")) for cell in cells if cell]
    assert sum(numbers) == 0, "whoever came to a cell left another one"
    assert max(numbers) > 0
    cell = panel.locator(".tlt-confusion button").filter(has_text="+").first
    cell.click()
    expect(panel.locator("header b")).to_contain_text("came or left: 8")
    lab.get_by_role("button", name="Close the selection").click()


def cell_guess(panel: Locator) -> str:
    """The class that the only cell's points are taken for."""
    names = panel.locator(".tlt-confusion thead th").all_inner_texts()
    at = panel.locator(".tlt-confusion tbody td").evaluate_all(
        "(all) => all.findIndex((one) => one.querySelector('button'))"
    )
    return names[at % len(names)]


def test_what_happened_leads_to_its_points(lab: Locator) -> None:
    chip = lab.get_by_role("button", name="What happened")
    chip.press("Enter")
    line = lab.locator('.tlt-happening[data-kind="right"]')
    expect(line.first).to_contain_text("of the target points became right")
    line.first.press("Enter")
    expect(lab.locator(".tlt-panel header b")).to_contain_text("became right, step 0 to")
    chip.press("Escape")
    expect(line.first).to_be_hidden()
    lab.get_by_role("button", name="Close the selection").click()


def test_an_accuracy_selects_what_is_wrong(lab: Locator) -> None:
    lab.locator(".tlt-numbers button").first.press("Enter")
    expect(lab.locator(".tlt-panel header b")).to_contain_text("wrong target points at step")
    assert lab.locator(".tlt-thing:not(.tlt-is-wrong)").count() == 0
    lab.get_by_role("button", name="Close the selection").click()


def test_the_judges_leave_the_curves_their_room(lab: Locator) -> None:
    judges = lab.get_by_role("button", name="Judges without target labels")
    judges.click()
    expect(judges).to_have_attribute("aria-expanded", "true")
    expect(lab.get_by_text("IWCV")).to_be_visible()
    lab.page.wait_for_function(
        """(board) => {
          const [curves, time] = [".tlt-curves", ".tlt-timeline"].map((part) => board.querySelector(part).getBoundingClientRect());
          return curves.height > 200 && curves.bottom <= time.top; }""",
        arg=lab.element_handle(),
    )
    judges.click()
    expect(lab.get_by_text("IWCV")).to_be_hidden()


def test_the_run_is_shared_as_a_file(page: Page, lab: Locator, tmp_path: Path) -> None:
    lab.get_by_role("button", name="Share").press("Enter")
    with page.expect_download(timeout=60_000) as found:
        lab.get_by_role("button", name="Picture (PNG)").click()
    path = tmp_path / "shared.png"
    found.value.save_as(path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert found.value.suggested_filename.startswith("lab-step-")


def test_points_go_to_python_and_back(notebooks: Notebooks, page: Page, lab: Locator) -> None:
    from jupyter_client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=str(notebooks.connection_file()))
    client.load_connection_file()
    client.start_channels()
    try:
        client.execute_interactive(CELLS[1], timeout=30, allow_stdin=False)
        expect(lab.locator(".tlt-panel header b")).to_contain_text("threes")
        field = lab.get_by_label("Find points by class or text")
        field.fill("5")
        expect(lab.locator(".tlt-panel header b")).to_contain_text("Found: 5")
        selected = {"x": "sorted(set(lab.selection.label.tolist()))"}
        until = time.monotonic() + 20
        found = ""
        while found != "['5']" and time.monotonic() < until:  # the page says it on a way of its own
            reply = client.execute("", user_expressions=selected, reply=True, timeout=30)
            found = reply["content"]["user_expressions"]["x"]["data"]["text/plain"]
        assert found == "['5']"
    finally:
        client.stop_channels()
    field.press("Escape")


def test_the_page_had_no_faults(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []
