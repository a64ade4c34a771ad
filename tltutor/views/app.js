// The board in a page: its parts, drawn from a hub's channels; it does not know who is at the other end.
import { renderControls } from "./controls.js";
import { renderCurves } from "./curves.js";
import { renderFoot } from "./foot.js";
import { renderHeader } from "./header.js";
import { Hub } from "./hub.js";
import { keepKeys } from "./keyboard.js";
import { t } from "./language.js";
import { renderMap } from "./map.js";
import { element } from "./points/elements.js";
import { renderCompared, renderError, renderLanguage, renderNumbers, renderStatus } from "./said.js";
import { renderStrip } from "./strip.js";
import { renderTimeline } from "./timeline.js";

export { Hub };

const STYLE = `STYLE`;

/** Bring the style sheet into this document or shadow root, once; another version's may be there, too. */
function dress(el) {
  const root = el.getRootNode(), home = root instanceof ShadowRoot ? root : document.head;
  if ([...home.querySelectorAll("style[data-tltutor]")].some((style) => style.textContent === STYLE)) return;
  const style = document.createElement("style");
  style.dataset.tltutor = "";
  style.textContent = STYLE;
  home.append(style);
}

/** Draws parts in places, and draws them again in another language; `end()` at the end. */
class Stage {
  constructor(hub) { this.hub = hub; this.ends = []; }

  /** A place of its own for a part, drawn by `render({model, el})`, which returns what ends it or {end, retell}. */
  part(names, parent, channel, render, about = {}) {
    const model = this.hub.channel(channel), el = element("div", names, parent);
    if (!model) return el;
    let drawn = render({ model, el, ...about });
    this.ends.push(this.hub.onWords(() => {
      if (drawn?.retell) { drawn.retell(); return; }
      drawn?.();
      el.replaceChildren();
      drawn = render({ model, el, ...about });
    }), () => (drawn?.end ?? drawn)?.());
    return el;
  }

  end() { for (const act of this.ends) act(); }
}

const PLANS = { board: arrangeBoard, compare: arrangeCompare };

/** Draw the board of this hub into `el`; returns what takes it away. */
export function show(hub, el, plan) {
  dress(el);
  const stage = new Stage(hub), frame = hub.channel("frame");
  const board = element("div", frame.get("presenter") ? "tlt-board tlt-presenting" : "tlt-board", el);
  board.setAttribute("role", "group");
  const name = () => board.setAttribute("aria-label", t("Live transfer learning"));
  name();
  stage.ends.push(hub.onWords(name));
  PLANS[plan](stage, board, new Set(frame.get("hidden")));
  stage.ends.push(keepKeys(board));
  return () => { stage.end(); board.remove(); };
}

function arrangeTop(stage, board, hidden, about) {
  stage.part("tlt-header", board, "header", renderHeader, { hidden, ...about });
  const row = element("div", "tlt-status-row", board);
  stage.part("tlt-status-place", row, "status", renderStatus, { header: stage.hub.channel("header") });
  if (!hidden.has("language")) stage.part("tlt-language-place", row, "language", renderLanguage);
}

function arrangeBoard(stage, board, hidden) {
  arrangeTop(stage, board, hidden, { about: "board" });
  stage.part("tlt-error-place", board, "error", renderError);
  const { hub } = stage, about = { hub, controls: hub.channel("controls"), map: hub.channel("map") };
  if (!hidden.has("network")) stage.part("tlt-network-place", board, "network", renderStrip, about);
  const main = element("div", "tlt-main", board), left = element("div", "tlt-left", main), right = element("div", "tlt-right", main);
  stage.part("tlt-map-widget", left, "map", renderMap);
  if (!hidden.has("numbers")) stage.part("tlt-numbers-place", right, "numbers", renderNumbers);
  if (!hidden.has("curves")) stage.part("tlt-curves-widget", right, "curves", renderCurves);
  if (!hidden.has("timeline")) stage.part("tlt-timeline-widget", board, "timeline", renderTimeline);
  stage.part("tlt-controls-place", board, "controls", renderControls);
  const folding = element("div", "tlt-folding", board);
  stage.part("tlt-foot-widget", folding, "foot", renderFoot);
  stage.part("tlt-controls-place", folding, "map_controls", renderControls);
}

function arrangeCompare(stage, board, hidden) {
  arrangeTop(stage, board, hidden, { about: "compare" });
  const duel = element("div", "tlt-duel", board);
  for (const side of ["0", "1"]) {
    const column = element("div", "tlt-column", duel), head = element("div", "tlt-side", column);
    stage.part("tlt-lent", head, `header${side}`, renderHeader, { about: "side", hidden });
    stage.part("tlt-compared-place", head, `compared${side}`, renderCompared);
    stage.part("tlt-error-place", column, `error${side}`, renderError);
    stage.part("tlt-map-widget", column, `map${side}`, renderMap);
    stage.part("tlt-controls-place", column, `controls${side}`, renderControls);
  }
  if (!hidden.has("timeline")) stage.part("tlt-timeline-widget", board, "timeline", renderTimeline);
}
