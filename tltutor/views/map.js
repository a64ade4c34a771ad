// The map as a part of the board: what the kernel sends goes to the picture, and the picture's answers go back.
import { t } from "./language.js";
import { element } from "./points/elements.js";
import { PointMap } from "./points/pointmap.js";
/** @import { Bytes, Channel, Drawn, Frame, Hear, MapValues, MapView, Measured, Place, Points } from "./types.js" */
/** @typedef {Float32ArrayConstructor | Int16ArrayConstructor | Int32ArrayConstructor | Uint8ArrayConstructor} Numbers */

/**
 * A copy of a DataView's bytes, aligned, as the given typed array.
 * @type {<Kind extends Numbers = Float32ArrayConstructor>(view?: Bytes | null, Kind?: Kind) => InstanceType<Kind>}
 */
export function decode(view, Kind = /** @type {any} */ (Float32Array)) {
  if (!view || !view.byteLength) return /** @type {any} */ (new Kind(0));
  const bytes = "buffer" in view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view);
  return /** @type {any} */ (new Kind(bytes.slice().buffer));
}

/** What the kernel sent about the points, decoded. @type {(model: Channel<MapValues>) => Points} */
export function pointsOf(model) {
  const about = model.get("about") ?? {}, names = about.classes ?? [];
  return {
    n: about.n ?? 0, names, classes: names.map((name) => t(name)), domains: about.domains ?? [], tile: about.tile, width: about.width ?? 0, texts: about.texts,
    labels: decode(model.get("labels"), Int16Array), isTarget: decode(model.get("is_target"), Uint8Array),
    vectors: decode(model.get("vectors")), sprites: model.get("sprites"),
  };
}

/** The latest frame, decoded; axes and regions are null where there are none. @type {(model: Channel<MapValues>) => Frame} */
export function frameOf(model) {
  const grid = decode(model.get("regions"), Int16Array), axes = decode(model.get("axes")), lines = decode(model.get("lines"));
  return {
    xy: decode(model.get("xy")), predictions: decode(model.get("predictions"), Int16Array), step: model.get("step"), note: model.get("note"),
    axes: axes.length ? axes : null, lines: lines.length ? lines : null, regions: grid.length ? { grid, extent: model.get("extent") } : null,
  };
}

/** What is known of each point, by name, decoded. @type {(model: Channel<MapValues>) => Measured} */
export function valuesOf(model) {
  const names = model.get("value_names") ?? [], all = decode(model.get("values")), n = names.length ? all.length / names.length : 0;
  return Object.fromEntries(names.map((name, at) => [name, all.subarray(at * n, (at + 1) * n)]));
}

/**
 * What hinders the picture, in words, from the seconds since anything came.
 * @type {(about: { playing: boolean, stalled: boolean, silence: number, answered: boolean }) => string}
 */
export function newsOf({ playing, stalled, silence, answered }) {
  if (!answered && silence > 8) return t("No answer from the kernel: it may be busy in another cell. If this stays, run this cell again.");
  if (!playing) return "";
  if (stalled) return t("The kernel is busy in another cell: controls act when that cell ends.");
  return silence > 3.5 ? t("No news for {seconds} s: is the kernel busy in another cell?", { seconds: Math.round(silence) }) : "";
}

/**
 * Calls act with the latest argument, once no other came for `wait` ms; `end()` does not wait for that.
 * @type {<Argument>(act: (argument: Argument) => void, wait: number) => ((argument: Argument) => void) & { end: () => void }}
 */
export function calmed(act, wait) {
  let timer = 0;
  /** @type {[Parameters<typeof act>[0]] | null} */
  let waiting = null;
  const tell = () => { if (waiting) { const [argument] = waiting; waiting = null; act(argument); } };
  /** @type {typeof act} */
  const call = (argument) => { clearTimeout(timer); waiting = [argument]; timer = setTimeout(tell, wait); };
  return Object.assign(call, { end: () => { clearTimeout(timer); if (waiting) tell(); } });
}

/**
 * Keep how the picture is seen in the kernel, for a page that opens later; returns what ends it.
 * @type {(model: Channel<MapValues>, map: PointMap) => () => void}
 */
function keepView(model, map) {
  const known = model.get("view") ?? {};
  if (Object.keys(known).length) map.view = known;
  const tell = calmed((/** @type {MapView} */ view) => { model.set("view", view); model.save_changes(); }, 200);
  map.onView = tell;
  return () => tell.end();
}

/**
 * Ask for the neighbors of the point that is looked at; where the pointer goes faster than the kernel hears, for the last one.
 * @type {(model: Channel<MapValues>, row: number) => void}
 */
function askNear(model, row) { model.sendLast?.({ kind: "near", row }, "near"); }

/** The picture says what a person does, and the kernel is told. @type {(model: Channel<MapValues>, map: PointMap) => void} */
function answers(model, map) {
  map.onSelect = (rows, title, values) => model.send({ kind: "select", rows: Array.from(rows), title, values });
  map.onDrag = (axis, x, y) => model.send({ kind: "drag", axis, x, y });
  map.onPick = (row) => {
    model.hub?.pick(row, () => ({ predictions: map.predictions, opinion: map.values.opinion }));
    if (row >= 0) askNear(model, row);
  };
}

/**
 * What to do when the kernel changes something, by the name of the event.
 * @type {(model: Channel<MapValues>, map: PointMap, root: HTMLElement) => Record<string, Hear>}
 */
export function reactions(model, map, root) {
  let heardAt = performance.now(), answered = false;
  /** @type {number | null} */
  let version = null;
  const heard = () => { heardAt = performance.now(); };
  const news = () => {
    const silence = (performance.now() - heardAt) / 1000;
    map.setNews(newsOf({ playing: model.get("playing"), stalled: model.get("stalled"), silence, answered }));
  };
  const frame = () => { heard(); map.setFrame(frameOf(model)); root.dataset.sequence = String(model.get("sequence")); news(); };
  const values = () => {
    map.setValues(valuesOf(model));
    if (map.picked >= 0) askNear(model, map.picked); // another look has other neighbors
  };
  const points = () => {
    const news = model.get("version") !== version; // a page that missed a message hears of everything again: the same points stay as they are seen
    version = model.get("version");
    if (news) map.setPoints(pointsOf(model));
    frame(); values();
    if (news) map.onView(map.view);
  };
  /** @type {Hear} */
  const said = (content, buffers) => {
    const { kind, row } = content;
    if (kind === "near") map.setNear({ row, rows: content.rows, all: decode(buffers[0]) });
    if (kind === "words") map.setWords({ row, label: content.label, spans: content.spans, shares: content.shares });
    if (kind === "class-map") map.setClassMap({ row, label: content.label, values: decode(buffers[0], Uint8Array), width: content.shape[1], height: content.shape[0] });
  };
  const beat = () => { answered = true; heard(); news(); };
  const select = () => map.select(decode(model.get("chosen"), Int32Array), model.get("title"), model.get("title_values"));
  return {
    "change:version": points, "change:sequence": frame, "change:values": values, "msg:custom": said, "change:pulse": beat, "change:playing": beat, "change:stalled": news,
    "change:asked": select, "change:laid_out": () => map.setLaidOut(model.get("laid_out")), "change:group": () => map.setGroup(model.get("group")), "change:presenter": () => map.setPresenter(model.get("presenter")),
    tick: news,
  };
}

/** @type {(place: Place<MapValues>) => Drawn} */
export function renderMap({ model, el }) {
  const root = element("div", "", el), map = new PointMap(root, { group: model.get("group"), presenter: model.get("presenter") });
  const { tick, ...events } = reactions(model, map, root);
  answers(model, map);
  for (const [name, act] of Object.entries(events)) model.on(name, act);
  const timer = setInterval(tick, 1000);
  requestAnimationFrame(() => map.theme());
  events["change:version"](null, []);
  events["change:laid_out"](null, []);
  const forget = keepView(model, map);
  if (model.get("chosen")?.byteLength) events["change:asked"](null, []);
  model.send({ kind: "ready" });
  return () => {
    clearInterval(timer);
    forget();
    for (const [name, act] of Object.entries(events)) model.off(name, act);
    map.destroy();
  };
}
