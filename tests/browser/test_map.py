"""The map alone in a real browser, on a page of its own: what a mouse and a keyboard do to it, and what it tells."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import tltutor
from tltutor.views.modules import bundled

VIEWS = Path(tltutor.__file__).parent / "views"
PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>{css} .place {{ width: min(600px, 96vw); height: 440px; }}</style>
<body style="height: 3000px"><div id="one" class="place"></div><div id="two" class="place"></div>
<script type="module">import {{ PointMap }} from "data:text/javascript;base64,{program}";
window.PointMap = PointMap;</script>"""
PROGRAM = b64encode(bundled(VIEWS / "app.js").encode()).decode()
# Four points on the corners of a square of side 2, a class at the left and one at the right, the upper ones target.
MAP = """([name, options, extra]) => {
  const map = new PointMap(document.getElementById(name), options);
  window[name] = map; window.told = [];
  const isThere = (part) => typeof part === "string" || Object.keys(part).length > 0;
  map.onSelect = (rows, ...title) => told.push(["select", Array.from(rows), ...title.filter(isThere)]);
  map.onDrag = (axis, x, y) => told.push(["drag", axis, x, y]);
  map.setPoints({ n: 4, names: ["left", "right"], classes: ["left", "right"], domains: ["photos", "art"], labels: Int16Array.of(0, 1, 0, 1),
    isTarget: Uint8Array.of(0, 0, 1, 1), vectors: new Float32Array(0), width: 0, ...extra });
}"""
FRAME = """([name, step, xy, axes, predictions]) => window[name].setFrame({ step, xy: Float32Array.from(xy), note: "",
  predictions: Int16Array.from(predictions), axes: axes && Float32Array.from(axes), regions: null })"""
SQUARE = (-1, -1, 1, -1, -1, 1, 1, 1)
WHERE = """([name, x, y]) => { const b = window[name].canvas.getBoundingClientRect(), [px, py] = window[name].viewport.place(x, y);
  return [b.x + px, b.y + py]; }"""
RESTS = "(name) => window[name].viewport.view === window[name].viewport.goal && window[name].drawings > 2"


class Map:
    """A map on the page, spoken of in map units."""

    def __init__(
        self, page: Page, name: str = "one", options: dict[str, Any] | None = None, **extra: Any
    ) -> None:
        self.page, self.name, self.box = page, name, page.locator(f"#{name}")
        page.evaluate(MAP, [name, options or {}, extra])
        self.frame(1)
        page.wait_for_function(RESTS, arg=name)

    def frame(
        self, step: int, xy: Any = SQUARE, *, axes: Any = None, predictions: Any = (0, 1, 1, 1)
    ) -> None:
        self.page.evaluate(FRAME, [self.name, step, list(xy), axes, list(predictions)])

    def at(self, x: float, y: float) -> tuple[float, float]:
        px, py = self.page.evaluate(WHERE, [self.name, x, y])
        return px, py

    def hover(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.at(x, y))

    def drag(self, *places: tuple[float, float]) -> None:
        pixels = [self.at(*place) for place in places]
        self.page.mouse.move(*pixels[0])
        self.page.mouse.down()
        for pixel in pixels[1:]:
            self.page.mouse.move(*pixel, steps=5)
        self.page.mouse.up()

    def get(self, what: str) -> Any:
        return self.page.evaluate(f"() => {self.name}.{what}")

    @property
    def told(self) -> list[Any]:
        return self.page.evaluate("told")

    @property
    def tip(self) -> Any:
        return self.box.locator(".tlt-tip")

    def press(self, *keys: str) -> None:
        self.box.locator("canvas").first.focus()
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with mapped(browser) as made:
        yield made


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """As `page`, for fingers: a narrow screen that knows no mouse."""
    with mapped(browser, width=390, has_touch=True, is_mobile=True) as made:
        yield made


@contextmanager
def mapped(browser: Browser, *, width: int = 700, **context: Any) -> Iterator[Page]:
    """A page with the map's script and style, without a kernel."""
    made, faults = browser.new_page(viewport={"width": width, "height": 600}, **context), []
    made.on("pageerror", lambda fault: faults.append(str(fault)))
    css = (VIEWS / "views.css").read_text("utf-8")
    made.set_content(PAGE.format(css=css, program=PROGRAM))
    made.wait_for_function("() => Boolean(window.PointMap)")
    yield made
    made.close()
    assert faults == []


@pytest.fixture
def one(page: Page) -> Map:
    return Map(page)


# ---------------------------------------------------------------- pointing


def test_hovering_shows_what_is_known(one: Map) -> None:
    one.hover(-1, 1)
    expect(one.tip).to_be_visible()
    expect(one.tip).to_contain_text("right ✗")
    expect(one.tip).to_contain_text("target: art")
    one.hover(0, 0)
    expect(one.tip).to_be_hidden()


def test_the_tooltip_follows_new_predictions(one: Map) -> None:
    one.hover(-1, 1)
    one.frame(2, predictions=(0, 1, 0, 1))
    expect(one.tip).to_contain_text("left ✓")


def test_a_sentence_is_shown_as_text(page: Page) -> None:
    one = Map(page, texts=["a <b>dull</b> film", "x", "y", "z"])
    one.hover(-1, -1)
    expect(one.tip).to_contain_text("a <b>dull</b> film")


def test_a_tap_opens_a_tip_that_stays_until_a_tap_elsewhere(phone: Page) -> None:
    one = Map(phone)
    phone.touchscreen.tap(*one.at(-1, 1))
    expect(one.tip).to_be_visible()
    expect(one.tip).to_contain_text("right ✗")
    phone.wait_for_timeout(300)
    expect(one.tip).to_be_visible()
    phone.touchscreen.tap(*one.at(1, -1))
    expect(one.tip).to_contain_text("source")
    phone.touchscreen.tap(*one.at(0, 0))
    expect(one.tip).to_be_hidden()


# ---------------------------------------------------------------- zoom and pan


def test_the_wheel_scrolls_the_page_and_zooms_with_control_about_the_pointer(one: Map) -> None:
    one.hover(-0.5, 0.5)
    place, scale = one.at(-0.5, 0.5), one.get("viewport.view.k")
    one.page.mouse.wheel(0, 50)
    one.page.wait_for_function("() => scrollY > 0")
    assert one.get("viewport.view.k") == scale
    expect(one.box.locator(".tlt-hint")).to_contain_text("Ctrl")
    one.page.evaluate("scrollTo(0, 0)")
    one.page.keyboard.down("Control")
    one.page.mouse.wheel(0, -200)
    one.page.keyboard.up("Control")
    one.page.wait_for_function(f"() => one.viewport.view.k < {scale}")
    assert one.at(-0.5, 0.5) == pytest.approx(place, abs=1)
    expect(one.box.get_by_role("button", name="Fit", exact=True)).to_be_visible()


def test_a_drag_pans_and_a_double_click_fits_again(one: Map) -> None:
    before = one.get("viewport.view")
    one.drag((0, 0), (0.4, -0.2))
    after = one.get("viewport.view")
    assert (after["x"], after["y"]) == pytest.approx(
        (before["x"] - 0.4, before["y"] + 0.2), abs=1e-6
    )
    one.frame(2, [10 * v for v in SQUARE])
    one.page.wait_for_timeout(300)
    assert one.get("viewport.view") == after, "a view held by hand stays"
    one.page.mouse.dblclick(*one.at(0.2, 0))
    one.page.wait_for_function(RESTS, arg="one")
    assert one.get("viewport.view.k") > 5 * after["k"]
    expect(one.box.get_by_role("button", name="Fit", exact=True)).to_be_hidden()


def test_zoom_and_fit_by_keys(one: Map) -> None:
    scale = one.get("viewport.view.k")
    one.press("+", "+", "-")
    one.page.wait_for_function(RESTS, arg="one")
    assert one.get("viewport.view.k") == pytest.approx(scale / 1.4)
    one.press("0")
    one.page.wait_for_function(RESTS, arg="one")
    assert one.get("viewport.view.k") == pytest.approx(scale)


# ---------------------------------------------------------------- selecting


def test_a_box_a_lasso_and_their_panel(one: Map) -> None:
    one.page.keyboard.down("Shift")
    one.drag((-1.3, -0.5), (1.3, -1.15))
    one.page.keyboard.up("Shift")
    assert one.told == [["select", [0, 1], "Box"]]
    panel = one.box.get_by_role("region", name="Selection")
    expect(panel).to_contain_text("Box: 2 points")
    expect(panel).to_contain_text("2\u00a0source · 0\u00a0target · 0\u00a0wrong")
    one.box.get_by_role("button", name="Lasso", exact=True).click()
    one.drag((-1.15, -1.15), (-0.5, -1.15), (-0.5, 1.2), (-1.15, 1.2))
    assert one.told[1] == ["select", [0, 2], "Lasso"]
    expect(panel).to_contain_text("1\u00a0wrong")
    cells = panel.get_by_role("cell").all_text_contents()
    assert cells == ["", "1", "1"], cells  # left taken for left, and for right
    panel.get_by_role("button", name="Close the selection").click()
    expect(panel).to_be_hidden()
    assert one.told[2] == ["select", [], ""]


def test_alt_draws_a_lasso_at_any_time_and_a_mere_click_selects_nothing(one: Map) -> None:
    one.page.keyboard.down("Alt")
    one.drag((0.5, -1.15), (1.15, -1.15), (1.15, 1.15), (0.5, 1.15))
    one.page.mouse.click(*one.at(0, 0))
    one.page.keyboard.up("Alt")
    assert one.told == [["select", [1, 3], "Lasso"]]


def test_a_box_by_keyboard_is_taken_or_dropped(one: Map) -> None:
    one.press("Home", "b", *["ArrowRight"] * 2, "Escape", "Escape", "Escape")
    assert one.told == []
    one.press("Home", "b", *["Shift+ArrowRight"] * 9, "ArrowUp", "Enter")
    assert one.told == [["select", [0, 1], "Box"]]
    one.press("Escape")
    assert one.told[1] == ["select", [], ""]


def test_a_class_is_taken_by_key_and_its_points_are_picked_from_the_list(one: Map) -> None:
    one.press("End", "c")
    assert one.told == [["select", [1, 3], "class {name}", {"name": "right"}]]
    things = one.box.locator(".tlt-thing")
    expect(things).to_have_count(2)
    things.nth(1).click()
    expect(one.tip).to_contain_text("target: art")
    assert one.get("picked") == 3


def test_selected_points_stay_strong_and_others_fade(one: Map) -> None:
    one.page.evaluate("one.select([2], 'changed')")
    one.page.wait_for_function("() => one.alphas[0] > 0 && one.alphas[0] < 0.2")
    assert one.get("alphas[2]") > 0.8
    assert one.told == [], "what the kernel selects is not told back"


# ---------------------------------------------------------------- axes


def test_the_tip_of_an_axis_follows_the_hand_and_is_told(one: Map) -> None:
    one.frame(2, axes=[0.8, 0, 0, 0.8])
    one.page.wait_for_function(RESTS, arg="one")
    one.drag((0.8, 0), (0.5, 0.5))
    last = one.told[-1]
    assert last[:2] == ["drag", 0]
    assert last[2:] == pytest.approx([0.5, 0.5], abs=0.02)
    assert list(one.get("frame.axes")) == pytest.approx([*last[2:], 0, 0.8], abs=1e-6)


def test_an_axis_that_is_held_is_not_pulled_away_by_a_frame(one: Map) -> None:
    one.frame(2, axes=[0.8, 0, 0, 0.8])
    one.press("a", "ArrowUp")
    one.frame(3, axes=[9, 9, 0, 0.5])
    tips = list(one.get("frame.axes"))
    assert tips[0] == pytest.approx(0.8)
    assert tips[1] > 0
    assert tips[3] == pytest.approx(0.5)
    one.press("Escape")
    one.frame(4, axes=[9, 9, 0, 0.5])
    assert list(one.get("frame.axes"))[:2] == [9, 9]


# ---------------------------------------------------------------- what is drawn

GRID = """([name, grid, extent]) => { const m = window[name], f = m.frame;
  m.setFrame({ xy: f.motion.to, step: f.step, predictions: f.predictions, regions: { grid: Int16Array.from(grid), extent } }); }"""
PIXEL = """([name, x, y]) => { const m = window[name], [px, py] = m.viewport.place(x, y), k = m.canvas.width / m.viewport.width;
  m.draw(performance.now() + 1e6, 1);
  return [...m.canvas.getContext("2d").getImageData(Math.round(px * k), Math.round(py * k), 1, 1).data]; }"""


def pixel(one: Map, x: float, y: float) -> list[int]:
    """Red, green, blue and opacity of the canvas at a place, with nothing moving."""
    return list(one.page.evaluate(PIXEL, [one.name, x, y]))


def switch(one: Map, name: str) -> None:
    one.box.get_by_role("button", name="View").click()
    one.box.get_by_role("button", name=name).click()
    one.page.keyboard.press("Escape")


def test_decision_regions_lie_behind_in_the_classes_colors(one: Map) -> None:
    assert pixel(one, -0.5, 0)[3] == 0
    one.page.evaluate(GRID, [one.name, [0, 1, 0, -1], [-1.1, -1.1, 1.1, 1.1]])
    left, right, none = pixel(one, -0.6, -0.6), pixel(one, 0.6, -0.6), pixel(one, 0.6, 0.6)
    assert left[2] > left[0], "class 0 is blue"
    assert right[0] > right[2], "class 1 is vermilion"
    assert (left[3] > 30, left[3] < 90, none[3]) == (True, True, 0)
    switch(one, "Decision regions")
    assert pixel(one, -0.6, -0.6)[3] == 0


def test_trails_lead_from_where_the_target_was_and_source_points_leave_none(one: Map) -> None:
    switch(one, "Trails")
    for step, y in ((2, 0.5), (3, 0.2)):
        one.frame(step, (-1, -y, 1, -1, -1, y, 1, 1))
    assert pixel(one, -1, 0.6)[3] > 0
    assert pixel(one, -1, -0.6)[3] == 0
    one.page.evaluate("one.select([0])")
    assert pixel(one, -1, -0.6)[3] > 0
    assert pixel(one, -1, 0.6)[3] == 0


def test_centroids_are_joined_by_a_line_in_the_classs_color(one: Map) -> None:
    assert pixel(one, -1, 0.5)[3] == 0
    switch(one, "Centroids")
    red, _, blue, opacity = pixel(one, -1, 0.5)
    assert (blue > red, opacity) == (True, 255)
    one.box.get_by_role("button", name="target: art").click()
    assert pixel(one, -1, 0.5)[3] == 0


def test_thousands_of_points_and_many_classes_are_drawn_and_found(page: Page) -> None:
    page.evaluate("""() => {
      const n = 5000, map = window.big = new PointMap(document.getElementById("two")), rows = Array.from({ length: n }, (_, i) => i);
      map.setPoints({ n, names: rows.slice(0, 62).map((i) => `c${i}`), classes: rows.slice(0, 62).map((i) => `c${i}`),
        domains: ["a", "b"], labels: Int16Array.from(rows, (i) => i % 62),
        isTarget: Uint8Array.from(rows, (i) => Number(i < 20)), vectors: new Float32Array(0), width: 0 });
      const xy = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 ? Math.floor(i / 200) : (i / 2) % 100));
      map.setFrame({ xy, predictions: new Int16Array(0), step: 1 });
      map.select(rows, "all");
    }""")
    two = page.locator("#two")
    expect(two.locator(".tlt-thing")).to_have_count(40)
    expect(two.locator(".tlt-more")).to_have_text("and 4960 more")
    expect(two.locator(".tlt-panel")).to_contain_text("4980\u00a0source · 20\u00a0target")
    assert two.locator(".tlt-legend").evaluate(
        "(box) => [box.clientHeight < 60, box.scrollHeight > 60]"
    ) == [True, True]
    assert two.locator(".tlt-confusion").count() == 0, "nothing is predicted"


MANY = """() => {
  const n = 4000, rows = Array.from({ length: n }, (_, i) => i), xy = Float32Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i));
  window.many = (id, view) => {
    const map = new PointMap(document.getElementById(id));
    map.setPoints({ n, names: ["x", "y"], classes: ["x", "y"], domains: ["a", "b"], labels: Int16Array.from(rows, (i) => i % 2),
      isTarget: Uint8Array.from(rows, (i) => Number(i % 3 === 0)), vectors: new Float32Array(0), width: 0 });
    map.setFrame({ xy, predictions: new Int16Array(0), step: 1 });
    if (view) map.view = view;
    return map;
  };
  window.big = many("two");
  window.paints = 0;
  const paint = big.paint.bind(big);
  big.paint = (...how) => { paints += 1; paint(...how); };
}"""


def test_many_points_are_shown_again_while_a_hand_moves_and_painted_when_it_rests(
    page: Page,
) -> None:
    page.clock.install()  # a slow machine lets no time pass
    page.clock.pause_at("2100-01-01")
    page.evaluate(MANY)
    page.clock.run_for(500)
    canvas = page.locator("#two .tlt-stage canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 1, y + 1)
    page.evaluate("paints = 0")
    page.mouse.move(x, y)
    page.clock.run_for(100)
    assert page.evaluate("paints") == 0, "what is pointed at lies above"
    page.mouse.down()
    for step in range(1, 16):
        page.mouse.move(x + 4 * step, y + 2 * step)
        page.clock.run_for(16)
    moved = page.evaluate("[paints, big.viewport.byHand]")
    page.mouse.up()
    page.mouse.move(box["x"] - 5, box["y"] - 5)
    page.clock.run_for(600)
    assert moved == [0, True]
    assert page.evaluate("[paints, big.kept.view.x === big.viewport.view.x]") == [1, True]
    code = """() => {
      const canvas = (id) => document.querySelector(`#${id} .tlt-stage canvas`);
      const pixels = (id) => canvas(id).getContext("2d").getImageData(0, 0, canvas(id).width, canvas(id).height).data;
      const [a, b] = ["two", "one"].map(pixels);
      return a.length === b.length && a.every((value, i) => value === b[i]);
    }"""
    page.evaluate(
        "() => { document.getElementById('one').replaceChildren(); window.again = many('one', big.view); }"
    )
    page.clock.run_for(600)
    assert page.evaluate(code), "as a map that is painted in this view at once"


# ---------------------------------------------------------------- linked maps, legend, words


def test_linked_maps_point_and_select_together(page: Page) -> None:
    one, two = Map(page, "one", {"group": "g"}), Map(page, "two", {"group": "g"})
    one.hover(1, 1)
    expect(two.tip).to_be_visible()
    assert two.get("picked") == 3
    one.hover(0, 0)
    expect(two.tip).to_be_hidden()
    page.evaluate("one.choose([0, 2], 'Box')")
    assert two.get("rows") == [0, 2]
    expect(two.box.get_by_role("region", name="Selection")).to_be_hidden()
    page.evaluate("two.setGroup('other')")
    one.hover(1, 1)
    assert two.get("picked") == -1


def test_the_legend_marks_the_class_whose_domains_lie_widest_apart(one: Map) -> None:
    one.frame(2, (-1, -1, 1, 0.9, -1, 1, 1, 1))
    left, right = (
        one.box.get_by_role("button", name=name, exact=True) for name in ("left", "right")
    )
    assert "Widest apart" in (left.get_attribute("aria-description") or "")
    assert "not in feature space" in (left.get_attribute("title") or "")
    assert "Widest" not in (right.get_attribute("aria-description") or "")
    bars = [
        float(chip.evaluate("(chip) => getComputedStyle(chip, '::after').width").removesuffix("px"))
        for chip in (left, right)
    ]
    assert bars[0] > 5 * bars[1]


def test_what_is_hidden_is_neither_pointed_at_nor_selected(one: Map) -> None:
    one.box.get_by_role("button", name="left", exact=True).click()
    one.hover(-1, -1)
    expect(one.tip).to_be_hidden()
    one.page.keyboard.down("Shift")
    one.drag((-1.15, -1.15), (1.15, 1.15))
    one.page.keyboard.up("Shift")
    assert one.told == [["select", [1, 3], "Box"]]


def test_the_canvas_says_what_the_map_shows(one: Map) -> None:
    name = one.box.locator("canvas").first.get_attribute("aria-label") or ""
    assert "Map of 4 points after step 1" in name
    assert "100 % of the source points, 50 % of the target points" in name
    assert "Widest apart" in name


def test_the_view_list_opens_switches_and_closes(one: Map) -> None:
    view, switch = (one.box.get_by_role("button", name=name) for name in ("View", "Centroids"))
    view.click()
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(one.box.get_by_role("button", name="Decision regions")).to_be_hidden()
    one.page.keyboard.press("Escape")
    expect(switch).to_be_hidden()
    expect(view).to_be_focused()


def test_a_view_is_told_as_it_changes_and_brought_back_on_another_map(page: Page, one: Map) -> None:
    page.evaluate("one.onView = (view) => told.push(['view', view])")
    one.box.get_by_role("button", name="left", exact=True).click()
    one.press("+")
    page.wait_for_function(RESTS, arg="one")
    one.box.get_by_role("button", name="View").click()
    one.box.get_by_role("button", name="Trails").click()
    what, view = one.told[-1]
    assert what == "view"
    assert view["layers"]["trails"] is True
    assert view["hidden"] == {"classes": ["left"], "domains": []}
    two = Map(page, "two")
    page.evaluate("(view) => { two.view = view; }", view)
    assert two.get("view") == view
    page.wait_for_function(RESTS, arg="two")
    assert two.get("viewport.view") == one.get("viewport.view")
    expect(two.box.get_by_role("button", name="left", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    expect(two.box.get_by_role("button", name="Fit", exact=True)).to_be_visible()


def test_points_that_all_lie_in_one_place_are_no_map_and_it_says_so(one: Map) -> None:
    one.frame(2, (3, 3) * 4)
    expect(one.box.locator(".tlt-empty")).to_contain_text("All points have the same features")
    inked = "() => one.canvas.getContext('2d').getImageData(0, 0, one.canvas.width, one.canvas.height).data.some(Boolean)"
    one.page.wait_for_function(f"() => !({inked})()")
    one.frame(3)
    expect(one.box.locator(".tlt-empty")).to_be_hidden()
    one.page.wait_for_function(inked)


def test_a_presenters_map_is_larger(page: Page) -> None:
    one = Map(page)
    small = one.box.locator(".tlt-caption").evaluate(
        "(node) => parseFloat(getComputedStyle(node).fontSize)"
    )
    page.evaluate("one.setPresenter(true)")
    assert (
        one.box.locator(".tlt-caption").evaluate(
            "(node) => parseFloat(getComputedStyle(node).fontSize)"
        )
        >= 1.4 * small
    )


def test_those_who_want_no_motion_see_none(browser: Browser) -> None:
    still = browser.new_page(reduced_motion="reduce")
    still.set_content(PAGE.format(css="", program=PROGRAM))
    still.wait_for_function("() => Boolean(window.PointMap)")
    one = Map(still)
    one.frame(2, [2 * v for v in SQUARE])
    assert one.get("frame.motion.length") == 0
    still.close()


@pytest.fixture
def ended(one: Map) -> Callable[[], None]:
    def end() -> None:
        one.page.evaluate("one.destroy()")

    return end


def test_a_map_that_is_destroyed_leaves_the_page_and_hears_nothing(
    one: Map, ended: Callable[[], None]
) -> None:
    ended()
    expect(one.box.locator("canvas")).to_have_count(0)
    one.page.evaluate(
        "document.dispatchEvent(new CustomEvent('tlt-point', { detail: { group: '', row: 1, from: {} } }))"
    )
    one.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    drawn = one.get("drawings")
    one.page.wait_for_timeout(120)
    assert one.get("drawings") == drawn
