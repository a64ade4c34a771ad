// A board, or a lesson's cards, in a page: the parts, drawn from a hub's channels; they do not know who is at the other end.
import { arrangeCards } from "./cards.js";
import { renderControls } from "./controls.js";
import { renderCurves } from "./curves.js";
import { renderFoot } from "./foot.js";
import { renderHappenings } from "./happenings.js";
import { renderHeader } from "./header.js";
import { Hub } from "./hub.js";
import { keepKeys } from "./keyboard.js";
import { t } from "./language.js";
import { renderMap } from "./map.js";
import { element } from "./points/elements.js";
import { PointMap } from "./points/pointmap.js";
import { renderCompared, renderError, renderLanguage, renderNumbers, renderStatus } from "./said.js";
import { renderStrip } from "./strip.js";
import { dress } from "./style.js";
import { renderTimeline } from "./timeline.js";
/** @import { Channel, Drawn, FrameValues, Setting } from "./types.js" */
/**
 * @typedef {(about: any) => Drawn} Render Draws a part from {model, el} and what else it needs.
 * @typedef {Set<string>} Names
 */

export { Hub, PointMap };

/** Draws parts in places, and draws them again in another language; `end()` at the end. */
class Stage {
  /** @type {(() => void)[]} */
  ends = [];

  /** @param {Hub} hub */
  constructor(hub) { this.hub = hub; this.recorded = Boolean(hub.channel("frame")?.get("recorded")); }

  /**
   * A place of its own for a part, drawn by `render({model, el, recorded})`, which returns what ends it or {end, retell}.
   * @type {(names: string, parent: Element, channel: string, render: Render, about?: object) => HTMLElement}
   */
  part(names, parent, channel, render, about = {}) {
    const model = this.hub.channel(channel), el = element("div", names, parent);
    if (!model) return el;
    const draw = () => render({ model, el, recorded: this.recorded, ...about });
    let drawn = draw();
    const end = () => { if (typeof drawn === "function") drawn(); else drawn.end(); };
    this.ends.push(this.hub.onWords(() => {
      if (typeof drawn === "object") { drawn.retell(); return; }
      drawn();
      el.replaceChildren();
      drawn = draw();
    }), end);
    return el;
  }

  end() { for (const act of this.ends) act(); }
}

/** @typedef {(hub: Hub, el: Element) => [place: HTMLElement, end: () => void]} Plan */

/** @type {Record<string, Plan>} */
const PLANS = { board: framed(arrangeBoard), compare: framed(arrangeCompare), cards };

/** Draw what this hub has into `el`, as the plan arranges it; returns what takes it away. @type {(hub: Hub, el: HTMLElement, plan: string) => () => void} */
export function show(hub, el, plan) {
  dress(el);
  const [place, end] = PLANS[plan](hub, el), release = keepKeys(place);
  return () => { release(); end(); place.remove(); };
}

/** @type {Plan} */
function cards(hub, el) {
  const stage = new Stage(hub), place = arrangeCards(stage, el);
  return [place, () => stage.end()];
}

/** A board around what `arrange` puts into it. @type {(arrange: (stage: Stage, board: Element, hidden: Names) => void) => Plan} */
function framed(arrange) {
  return (hub, el) => {
    const frame = /** @type {Channel<FrameValues>} */ (hub.channel("frame"));
    const board = element("div", frame.get("presenter") ? "tlt-board tlt-presenting" : "tlt-board", el);
    board.setAttribute("role", "group");
    const name = () => board.setAttribute("aria-label", t("Live transfer learning"));
    name();
    let stage = new Stage(hub), hidden = "";
    const fill = () => { // anew where a lesson shows more of it
      if (hidden === JSON.stringify(frame.get("hidden"))) return;
      hidden = JSON.stringify(frame.get("hidden"));
      stage.end();
      board.replaceChildren();
      stage = new Stage(hub);
      arrange(stage, board, new Set(frame.get("hidden")));
    };
    fill();
    frame.on("change:hidden", fill);
    const ends = [hub.onWords(name), () => frame.off("change:hidden", fill)];
    return [board, () => { for (const end of ends) end(); stage.end(); }];
  };
}

/** @type {(stage: Stage, board: Element, hidden: Names, about: object) => void} */
function arrangeTop(stage, board, hidden, about) {
  stage.part("tlt-header", board, "header", renderHeader, { hidden, ...about });
  const row = element("div", "tlt-status-row", board);
  stage.part("tlt-status-place", row, "status", renderStatus, { header: stage.hub.channel("header") });
  if (!hidden.has("language")) stage.part("tlt-language-place", row, "language", renderLanguage);
}

/** @type {(stage: Stage, board: Element, hidden: Names) => void} */
function arrangeBoard(stage, board, hidden) {
  arrangeTop(stage, board, hidden, { about: "board" });
  stage.part("tlt-error-place", board, "error", renderError);
  const { hub } = stage, chooses = Boolean(hub.channel("controls")?.get("rows").some((/** @type {Setting} */ row) => row.acts)), about = { hub, controls: hub.channel("controls"), map: hub.channel("map") };
  if (chooses) stage.part("tlt-controls-place tlt-choosing", board, "controls", renderControls);
  if (!hidden.has("network")) stage.part("tlt-network-place", board, "network", renderStrip, about);
  const main = element("div", "tlt-main", board), left = element("div", "tlt-left", main), right = element("div", "tlt-right", main);
  stage.part("tlt-map-widget", left, "map", renderMap);
  if (!hidden.has("numbers")) stage.part("tlt-numbers-place", right, "numbers", renderNumbers, { hidden });
  if (!hidden.has("curves")) stage.part("tlt-curves-widget", right, "curves", renderCurves);
  if (!hidden.has("timeline")) {
    const time = element("div", "tlt-time", board);
    stage.part("tlt-timeline-widget", time, "timeline", renderTimeline);
    stage.part("tlt-happenings-place", time, "happenings", renderHappenings);
  }
  if (!chooses) stage.part("tlt-controls-place", board, "controls", renderControls);
  const folding = element("div", "tlt-folding", board);
  stage.part("tlt-foot-widget", folding, "foot", renderFoot);
  stage.part("tlt-controls-place", folding, "map_controls", renderControls);
}

/** @type {(stage: Stage, board: Element, hidden: Names) => void} */
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
