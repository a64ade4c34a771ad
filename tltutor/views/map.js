// The map as a part of the board: what the kernel sends goes to the picture, and the picture's answers go back.
import { t } from "./language.js";
import { element } from "./points/elements.js";
import { PointMap } from "./points/pointmap.js";

/** A copy of a DataView's bytes, aligned, as the given typed array. */
export function decode(view, Kind = Float32Array) {
  if (!view || !view.byteLength) return new Kind(0);
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  return new Kind(bytes.slice().buffer);
}

/** What the kernel sent about the points, decoded. */
export function pointsOf(model) {
  const about = model.get("about") ?? {};
  return {
    n: about.n ?? 0, classes: about.classes ?? [], domains: about.domains ?? [], tile: about.tile, width: about.width ?? 0, texts: about.texts,
    labels: decode(model.get("labels"), Int16Array), isTarget: decode(model.get("is_target"), Uint8Array),
    vectors: decode(model.get("vectors")), sprites: model.get("sprites"),
  };
}

/** The latest frame, decoded; axes and regions are null where there are none. */
export function frameOf(model) {
  const grid = decode(model.get("regions"), Int16Array), axes = decode(model.get("axes"));
  return {
    xy: decode(model.get("xy")), predictions: decode(model.get("predictions"), Int16Array), step: model.get("step"), note: model.get("note"),
    axes: axes.length ? axes : null, regions: grid.length ? { grid, extent: model.get("extent") } : null,
  };
}

/** What hinders the picture, in words, from the seconds since anything came. */
export function newsOf({ playing, stalled, silence, answered }) {
  if (!answered && silence > 8) return t("No answer from the kernel: it may be busy in another cell. If this stays, run this cell again.");
  if (!playing) return "";
  if (stalled) return t("The kernel is busy in another cell: controls act when that cell ends.");
  return silence > 3.5 ? t("No news for {seconds} s: is the kernel busy in another cell?", { seconds: Math.round(silence) }) : "";
}

/** Calls act with the latest argument, once no other came for `wait` ms; `end()` does not wait for that. */
export function calmed(act, wait) {
  let timer = 0, waiting = null;
  const tell = () => { const [argument] = waiting; waiting = null; act(argument); };
  const call = (argument) => { clearTimeout(timer); waiting = [argument]; timer = setTimeout(tell, wait); };
  call.end = () => { clearTimeout(timer); if (waiting) tell(); };
  return call;
}

/** Keep how the picture is seen in the kernel, for a page that opens later; returns what ends it. */
function keepView(model, map) {
  const known = model.get("view") ?? {};
  if (Object.keys(known).length) map.view = known;
  map.onView = calmed((view) => { model.set("view", view); model.save_changes(); }, 200);
  return () => map.onView.end();
}

/** The picture says what a person does, and the kernel is told. */
function answers(model, map) {
  map.onSelect = (rows, title) => model.send({ kind: "select", rows: Array.from(rows), title });
  map.onDrag = (axis, x, y) => model.send({ kind: "drag", axis, x, y });
  map.onPick = (row) => model.hub?.pick(row, () => map.predictions);
}

/** What to do when the kernel changes something, by the name of the event. */
function reactions(model, map, root) {
  let heardAt = performance.now(), answered = false;
  const heard = () => { heardAt = performance.now(); };
  const news = () => {
    const silence = (performance.now() - heardAt) / 1000;
    map.setNews(newsOf({ playing: model.get("playing"), stalled: model.get("stalled"), silence, answered }));
  };
  const frame = () => { heard(); map.setFrame(frameOf(model)); root.dataset.sequence = model.get("sequence"); news(); };
  const points = () => { map.setPoints(pointsOf(model)); frame(); map.onView(map.view); };
  const beat = () => { answered = true; heard(); news(); };
  const select = () => map.select(decode(model.get("chosen"), Int32Array), model.get("title"));
  return {
    "change:version": points, "change:sequence": frame, "change:pulse": beat, "change:playing": beat, "change:stalled": news,
    "change:asked": select, "change:group": () => map.setGroup(model.get("group")), "change:presenter": () => map.setPresenter(model.get("presenter")),
    tick: news,
  };
}

export function renderMap({ model, el }) {
  const root = element("div", "", el), map = new PointMap(root, { group: model.get("group"), presenter: model.get("presenter") });
  const { tick, ...events } = reactions(model, map, root);
  answers(model, map);
  for (const [name, act] of Object.entries(events)) model.on(name, act);
  const timer = setInterval(tick, 1000);
  requestAnimationFrame(() => map.theme());
  events["change:version"]();
  const forget = keepView(model, map);
  if (model.get("chosen")?.byteLength) events["change:asked"]();
  model.send({ kind: "ready" });
  return () => {
    clearInterval(timer);
    forget();
    for (const [name, act] of Object.entries(events)) model.off(name, act);
    map.destroy();
  };
}
