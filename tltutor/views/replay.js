// A page that replays a run by itself: the board, with a recording at the other end.
import { Hub, show } from "./board.js";
import { speak, t } from "./language.js";
import { element } from "./points/elements.js";
import { subtitle, tellAbout } from "./replay/about.js";
import { frameOfChange, inflated } from "./replay/data.js";
import { Recorded } from "./replay/recorded.js";
import { Grid } from "./replay/grid.js";
/** @import { Transport } from "./replay/transport.js" */
/** @import { PackedGrid, PackedPoints, Run } from "./types.js" */

const PLAYING = "#replay"; // an address that ends so plays at once, unless its reader wants less motion

/** What a key does to the transport, unless somebody who has the focus needs the key. @type {(event: any, transport: Transport) => (() => void) | null} */
export function keyAction(event, transport) {
  const { key, target, defaultPrevented } = event, tag = target?.tagName ?? "";
  if (defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT") return null;
  if (key === " ") return tag === "BUTTON" || tag === "SUMMARY" ? null : () => transport.toggle();
  /** @type {Record<string, () => void>} */
  const moves = { ArrowLeft: () => transport.step(-1), ArrowRight: () => transport.step(1), Home: () => transport.step(-Infinity), End: () => transport.step(Infinity) };
  return tag === "INPUT" ? null : moves[key] ?? null;
}

/** @type {(root: Element, run: Run, count: number) => void} */
function pageHead(root, run, count) {
  const top = element("header", "tlt-replay-head", root);
  element("h1", "", top, run.title);
  element("p", "", top, subtitle(run, count));
}

/** Follow the system's light or dark; the map and the curves look at the body for it. */
function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const tell = () => { document.body.dataset.jpThemeLight = String(!dark.matches); };
  dark.addEventListener("change", tell);
  tell();
}

/**
 * Draw the page around a recording, `keys` in its last line; what it returns tells head and foot again.
 * @type {(root: HTMLElement, recorded: Recorded, keys: () => string) => () => void}
 */
function replayRun(root, recorded, keys) {
  followTheme();
  root.replaceChildren();
  root.className = "tlt-replay";
  const head = element("div", "", root), board = element("div", "tlt-replay-board", root), foot = element("div", "", root);
  show(new Hub(recorded), board, "board");
  const tell = () => {
    const { run, frames } = recorded;
    head.replaceChildren(); foot.replaceChildren();
    pageHead(head, run, frames.count);
    tellAbout(foot, run, (step) => recorded.go(frameOfChange(frames.steps, step)));
    element("p", "tlt-replay-keys", foot, keys());
  };
  tell();
  document.addEventListener("keydown", (event) => {
    const act = keyAction(event, recorded.transport);
    if (act) { event.preventDefault(); act(); }
  });
  if (location.hash === PLAYING && !matchMedia("(prefers-reduced-motion: reduce)").matches) recorded.transport.play();
  return tell;
}

/** Show the run that this element of the page carries as text. @type {(carried: HTMLElement) => Promise<void>} */
export async function replay(carried) {
  const run = await inflated(JSON.parse(carried.textContent ?? "")), root = document.getElementById("replay");
  if (!root) return;
  speak(run.words);
  replayRun(root, new Recorded(run), () => t("Space plays and pauses; the arrow keys step, Home and End jump. The sliders show what was set."));
}

/**
 * What gives run k of a grid, each inflated once and when it is asked for; textOf(k) is the run as the page carries it.
 * @type {(grid: PackedGrid, textOf: (k: number) => string) => (k: number) => Promise<Run>}
 */
export function loaderOf(grid, textOf) {
  /** @type {Map<number, Promise<Run>>} */
  const runs = new Map();
  /** @type {Map<number, Promise<PackedPoints>>} */
  const points = new Map();
  /** @type {<Value>(known: Map<number, Promise<Value>>, k: number, make: () => Promise<Value>) => Promise<Value>} */
  const once = (known, k, make) => { const found = known.get(k) ?? make(); known.set(k, found); return found; };
  /** @type {(k: number) => Promise<PackedPoints>} */
  const pointsOf = (k) => once(points, k, async () => ({ ...await inflated(grid.points[k]), version: k + 1 }));
  return (k) => once(runs, k, async () => ({ ...await inflated(JSON.parse(textOf(k))), points: await pointsOf(grid.runs[k].points) }));
}

/** Show the grid of runs that this element of the page tells of; each run is in an element of its own. @type {(carried: HTMLElement) => Promise<void>} */
export async function replayGrid(carried) {
  /** @type {PackedGrid} */
  const about = JSON.parse(carried.textContent ?? "");
  const root = document.getElementById("replay"), load = loaderOf(about, (k) => document.getElementById(`tltutor-run-${k}`)?.textContent ?? "");
  const run = await load(about.first);
  if (!root) return;
  speak(about.words[about.language]);
  const grid = new Grid(about, run, load);
  const tell = replayRun(root, grid, () => t("Space plays and pauses; the arrow keys step, Home and End jump. Each slider goes to another recorded run."));
  grid.onTold = () => { document.documentElement.lang = grid.language; tell(); };
}
