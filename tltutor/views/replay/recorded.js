// A recording at the other end of a board: it answers what a kernel would, and moves through its frames.
import { mark, t } from "../language.js";
import { byName, changedRows, changedSince, frameUntil, paceOf, readRun, settingsAt, ticksOf, wrongRows } from "./data.js";
import { Transport } from "./transport.js";
/** @import { Bytes, ControlsValues, Hear, MapValues, NetworkValues, Option, Run, SettingValue, Status } from "../types.js" */

/** @type {[text: string, rate: number][]} */
export const RATES = [[mark("normal speed"), 1], [mark("¼ speed"), 0.25], [mark("½ speed"), 0.5], [mark("2 × speed"), 2], [mark("4 × speed"), 4]];
const HIDDEN = ["stop", "link", "language", "map"]; // what only a kernel can do

/** @type {(step: number) => string} */
const listed = (step) => step.toLocaleString("en");

/** What a hub takes as a widget's model: get("state"), on and send; `run` is what the page carries, inflated. */
export class Recorded {
  number = 0;
  note = "";
  /** @type {Set<Hear>} */
  hearers = new Set();

  /**
   * @param {Run} run
   * @param {object} timing for the transport
   */
  constructor(run, timing = {}) {
    this.opened = readRun(run);
    this.transport = new Transport({ count: this.frames.count, pace: paceOf(this.frames.count), show: (i) => this.show(i), told: () => this.tellPlaying(), ...timing });
  }

  get run() { return this.opened.run; }
  get frames() { return this.opened.frames; }
  get look() { return this.opened.look; }
  get regions() { return this.opened.regions; }
  get points() { return this.opened.points; }
  get truth() { return this.opened.truth; }
  get near() { return this.opened.near; }

  /** @param {string} name */
  get(name) { return name === "state" ? { parts: this.parts, words: this.run.words, number: 0 } : undefined; }

  /** @type {(event: string, hear: Hear) => void} */
  on(event, hear) { if (event === "msg:custom") this.hearers.add(hear); }

  /** @type {(event: string, hear: Hear) => void} */
  off(event, hear) { if (event === "msg:custom") this.hearers.delete(hear); }

  /** What the page says, to a part of the board. @param {any} message */
  send({ to, kind, content, answer }) {
    const act = this.acts[to];
    if (act) act(content, kind);
    if (answer) queueMicrotask(() => this.tellAll({ kind: "heard" })); // never while the page still speaks
  }

  /** @type {(content: object, buffers?: Bytes[]) => void} */
  tellAll(content, buffers = []) { for (const hear of [...this.hearers]) hear(content, buffers); }

  /** @type {(to: string, values: object) => void} */
  tell(to, values) { this.tellAll({ to, kind: "set", content: values, number: ++this.number }); }

  /** @type {(to: string, message: object, buffers?: Bytes[]) => void} */
  say(to, message, buffers = []) { this.tellAll({ to, kind: "message", content: message, number: ++this.number }, buffers); }

  /** All parts as they are at the frame that is shown; a run opens at its last one. @returns {Record<string, any>} */
  get parts() {
    const { run, frames } = this, { at } = this.transport, { network, controls } = this.networkAt(at);
    return {
      frame: { hidden: [...HIDDEN, ...(run.board ? [] : ["network"])], presenter: false, recorded: true },
      header: { options: this.options, chosen: this.chosen, playing: false, reason: "" },
      status: { shown: this.statusAt(at) },
      error: { heading: "", details: "" },
      network: { stages: run.board?.stages ?? [], about: run.board?.around ?? {}, ...network },
      map: { ...this.points, group: "", presenter: false, view: {}, playing: false, stalled: false, pulse: 1, laid_out: run.about.laid_out ?? 0, chosen: null, title: "", title_values: {}, asked: 0, ...this.mapAt(at), sequence: 0 },
      timeline: { ...this.timeline, position: at },
      happenings: { lines: this.lines, unfolded: false },
      numbers: { numbers: this.look(frames.looks[at]).numbers, judging: Object.keys(run.chosen).length > 0, chosen: run.chosen },
      curves: { scale: "auto", cursor: frames.steps[at] },
      controls: { rows: run.board?.rows ?? [], ...controls },
    };
  }

  get timeline() {
    const { run, frames } = this;
    const ticks = ticksOf(run.changes, frames.steps, (step, text) => t("step {step}: {text}", { step: listed(step), text }));
    return { steps: Int32Array.from(frames.steps), reached: frames.steps[frames.count - 1], ticks, chosen: run.chosen, settled: "" };
  }

  /** What happened, as its part lists it. @returns {[kind: string, first: number, last: number, count: number][]} */
  get lines() { return this.run.happenings.map(([kind, first, end, , rows]) => [kind, first, end, rows.length]); }

  /** @returns {Record<string, Option[]>} */
  get options() {
    const { about } = this.run;
    /** @type {(value?: string) => Option[]} */
    const name = (value = "–") => [[value, value]];
    return { pair: name(about.pair), objective: name(about.objective), projection: name(about.projection), speed: RATES.map(([text, rate]) => [t(text), rate]) };
  }

  get chosen() {
    const { pair = "–", objective = "–", projection = "–", seed = 0 } = this.run.about;
    return { pair, objective, projection, seed, speed: this.transport.rate };
  }

  // --- what is shown at a frame

  /** @type {(i: number) => Status} */
  statusAt(i) {
    const { frames, run } = this, ended = run.failed ? "failed" : "finished", state = this.transport.playing ? "playing" : i === frames.count - 1 ? ended : "paused";
    return { state, step: frames.steps[i], steps: run.about.steps ?? frames.steps[frames.count - 1], device: t("recorded"), rate: null, note: this.note || (state === "failed" ? run.failed ?? "" : "") };
  }

  /** @type {(i: number) => Partial<MapValues>} */
  mapAt(i) {
    const { frames, run } = this, { predictions, values, lines } = this.look(frames.looks[i]), names = Object.keys(values);
    const place = t("{number} of {all} frames", { number: i + 1, all: frames.count });
    const changed = changedSince(run.changes, frames.steps, i), note = changed || (this.transport.playing ? "" : place); // a note means: this frame was asked for by itself
    return {
      xy: bytesOf(frames.xy(i)), predictions: bytesOf(predictions), step: frames.steps[i], note,
      value_names: names, values: bytesOf(oneRow(names.map((name) => values[name]))), lines: bytesOf(lines), ...this.regions(i), sequence: this.number + 1,
    };
  }

  /** @type {(i: number) => { network: Partial<NetworkValues>, controls: Partial<ControlsValues> }} */
  networkAt(i) {
    const { run, frames } = this, { board, steps } = run, acting = byName(steps.acting, steps.values[i]);
    const values = board ? settingsAt(board, frames.steps[i]) : {}, frozen = Number(acting.freeze_depth ?? values.freeze_depth ?? 0);
    const acts = frozen < (board?.stages.length ?? 1), { flow } = this.look(frames.looks[i]), fields = this.isLast(i) && run.fields || NOTHING;
    return {
      network: { frozen, acts, fields, flow: flow.length ? { stages: flow } : {}, losses: byName(steps.terms, steps.losses[i]), weight: Number(acting.weight ?? values.weight ?? 0) },
      controls: { values, notes: notesOf(values, acting) },
    };
  }

  /** Whether frame i shows the last look, of which more is known. @param {number} i */
  isLast(i) { return this.frames.looks[i] === this.frames.looks.at(-1); }

  /** Show frame i: every part hears what it was then. @param {number} i */
  show(i) {
    const { frames } = this, { network, controls } = this.networkAt(i);
    this.note = "";
    this.tell("map", this.mapAt(i));
    this.tell("network", network);
    this.tell("controls", controls);
    this.tell("numbers", { numbers: this.look(frames.looks[i]).numbers });
    this.tell("curves", { cursor: frames.steps[i] });
    this.tell("timeline", { position: i });
    this.tell("status", { shown: this.statusAt(i) });
  }

  tellPlaying() {
    this.tell("header", { playing: this.transport.playing });
    this.tell("status", { shown: this.statusAt(this.transport.at) });
  }

  /** Go to a frame by hand. @param {number} i */
  go(i) { this.transport.pause(); this.transport.go(i); }

  /** @type {(rows: number[], title: string) => void} */
  select(rows, title) {
    this.tell("map", { chosen: bytesOf(Int32Array.from(rows)), title, asked: this.number + 1 });
    this.note = rows.length ? "" : title;
    this.tell("status", { shown: this.statusAt(this.transport.at) });
  }

  // --- what the page asks for, by part

  /** @type {Record<string, (content: any, kind: string) => void>} */
  acts = {
    header: (/** @type {any} */ content) => {
      if (content.kind === "choose" && content.name === "speed") this.transport.rate = content.value;
      if (content.button === "play") this.transport.toggle();
      else if (content.button) this.go(content.button === "step" ? this.transport.at + 1 : 0);
    },
    timeline: (/** @type {any} */ content, /** @type {string} */ kind) => {
      if (kind === "set") this.go(content.position < 0 ? this.frames.count - 1 : content.position);
      else if (content.kind === "changed") this.selectChanged(content.start);
    },
    happenings: (/** @type {any} */ content) => {
      if (content.kind === "unfold") { this.tell("happenings", { unfolded: content.unfolded }); return; }
      const [, , end, title, rows] = this.run.happenings[content.number] ?? [];
      if (rows) { this.go(frameUntil(this.frames.steps, end)); this.select(rows, t(title)); }
    },
    numbers: (/** @type {any} */ { kind, name, on }) => (kind === "judging" ? this.tell("numbers", { judging: on }) : this.selectWrong(name)),
    curves: (/** @type {any} */ { kind, name, step }) => {
      if (kind === "ready") { this.tellCurves(); return; }
      this.go(frameUntil(this.frames.steps, step));
      this.selectWrong(name);
    },
    map: (/** @type {any} */ { kind, row }) => { if (kind === "near") this.tellNear(row); },
  };

  tellCurves() {
    const { series, changes } = this.run, names = Object.entries(series).map(([name, points]) => [name, points.length]);
    const numbers = Object.values(series).flatMap((points) => points.flatMap(([step, value]) => [step, value ?? NaN]));
    this.say("curves", { kind: "all", number: 1, series: names, changes }, [bytesOf(Float32Array.from(numbers))]);
  }

  /** @param {number} row */
  tellNear(row) {
    const { near } = this, n = this.truth.labels.length;
    if (!near || !this.isLast(this.transport.at)) return;
    const k = near.length / n;
    this.say("map", { kind: "near", row, rows: Array.from(near.subarray(k * row, k * (row + 1))) }, [new Uint8Array(0)]);
  }

  /** The points that a domain's accuracy counts as wrong. @param {string} name */
  selectWrong(name) {
    const { frames, transport } = this, target = name === "target_accuracy";
    if (!target && name !== "source_accuracy") return;
    const step = listed(frames.steps[transport.at]), { predictions } = this.look(frames.looks[transport.at]);
    this.select(wrongRows(this.truth, predictions, target), target ? t("wrong target points at step {step}", { step }) : t("wrong source points at step {step}", { step }));
  }

  /** The target points whose class is another one than at the look before, or at the first. @param {boolean} start */
  selectChanged(start) {
    const { frames, transport } = this, here = frames.looks[transport.at], from = start ? 0 : Math.max(here - 1, 0);
    const rows = changedRows(this.truth, this.look(from).predictions, this.look(here).predictions);
    const between = { n: rows.length, before: listed(frames.steps[frames.looks.indexOf(from)]), here: listed(frames.steps[transport.at]) };
    this.select(rows, rows.length ? t("{n} target points changed class from step {before} to {here}", between) : t("no target point changed class from step {before} to {here}", between));
  }
}

const NOTHING = new Uint8Array(0);

/** The bytes of an array. @type {(array: Float32Array | Int16Array | Int32Array) => Uint8Array} */
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Rows of numbers one after the other. @type {(rows: Float32Array[]) => Float32Array} */
function oneRow(rows) {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  rows.reduce((at, row) => { all.set(row, at); return at + row.length; }, 0);
  return all;
}

/**
 * What stands beside each slider: what it acts as, where that is another value.
 * @type {(values: Record<string, SettingValue>, acting: Record<string, SettingValue>) => Record<string, string>}
 */
export function notesOf(values, acting) {
  /** @type {Record<string, string>} */
  const notes = {};
  for (const [name, value] of Object.entries(values)) {
    const now = acting[name];
    if (typeof value !== "number" || typeof now !== "number" || Math.abs(now - value) <= 5e-3 * Math.abs(value)) continue;
    notes[name] = t("acts as {value}", { value: String(Number(now.toPrecision(3))) });
  }
  return notes;
}
