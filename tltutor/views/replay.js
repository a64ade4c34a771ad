// A page that replays a run by itself: the board's map and curves without a kernel, moved by a scrubber.
import { Curves } from "./charts/charts.js";
import { speak } from "./language.js";
import { element } from "./points/elements.js";
import { PointMap } from "./points/pointmap.js";
import { subtitle, tellAbout } from "./replay/about.js";
import { changedSince, frameOfChange, framesIn, paceOf, pointsIn } from "./replay/data.js";
import { numberTable } from "./replay/numbers.js";
import { Scrubber } from "./replay/scrubber.js";
import { Transport } from "./replay/transport.js";

/** What a key does to the transport, unless somebody who has the focus needs the key: {ArrowLeft: …}. */
export function keyAction(event, transport) {
  const { key, target, defaultPrevented } = event, tag = target?.tagName ?? "";
  if (defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT") return null;
  if (key === " ") return tag === "BUTTON" || tag === "SUMMARY" ? null : () => transport.toggle();
  const moves = { ArrowLeft: () => transport.step(-1), ArrowRight: () => transport.step(1), Home: () => transport.step(-Infinity), End: () => transport.step(Infinity) };
  return tag === "INPUT" ? null : moves[key] ?? null;
}

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

function replayRun(root, run) {
  speak(run.words);
  const frames = framesIn(run.frames, run.points.n), { steps, count } = frames;
  root.replaceChildren();
  root.className = "tlt-board tlt-replay";
  pageHead(root, run, count);
  const main = element("div", "tlt-replay-stalls", root), left = element("div", "tlt-left", main), right = element("div", "tlt-right", main);
  const place = element("div", "tlt-replay-map-place", left), map = new PointMap(element("div", "", place));
  const table = numberTable(right), curves = new Curves(element("div", "", element("div", "tlt-replay-curves-place", right)));
  const transport = new Transport({
    count, pace: paceOf(count), told: () => scrubber.told(),
    show: (i) => {
      const frame = frames.at(i);
      map.setFrame({ ...frame, note: changedSince(run.changes, steps, i), alone: !transport.playing });
      table.show(frame.numbers); scrubber.show(i);
      curves.cursor = frame.step; curves.wake();
    },
  });
  const scrubber = new Scrubber(left, transport, { steps, changes: run.changes });
  tellAbout(root, run, (step) => { transport.pause(); transport.go(frameOfChange(steps, step)); });
  document.addEventListener("keydown", (event) => {
    const act = keyAction(event, transport);
    if (act) { event.preventDefault(); act(); }
  });
  followTheme();
  map.setPoints(pointsIn(run.points));
  curves.tell("all", run.series, run.changes);
  transport.go(count - 1);
}

if (globalThis.document?.getElementById("run")) replayRun(document.getElementById("replay"), JSON.parse(document.getElementById("run").textContent));
