// A grid of recorded runs at the other end of a board: its sliders choose one of them, and the points glide to where that run has them.
import { t } from "../language.js";
import { paceOf, readRun } from "./data.js";
import { Recorded } from "./recorded.js";
/** @import { GridRun, PackedGrid, Run, Setting, SettingValue } from "../types.js" */

const HIDDEN = ["stop", "link", "map", "seed"]; // what only a kernel can do, and a field that a slider stands for
/** @type {Record<string, string>} */
const LANGUAGES = { en: "English", zh: "中文" };

/** The number of the run at these places of the axes, -1 for none. @type {(runs: GridRun[], at: number[]) => number} */
export const runAt = (runs, at) => runs.findIndex((run) => run.at.every((place, axis) => place === at[axis]));

/** The frame that is as far in a run of `to` frames as frame i is in one of `from`. @type {(i: number, from: number, to: number) => number} */
export const sameShare = (i, from, to) => (from > 1 ? Math.round((i / (from - 1)) * (to - 1)) : to - 1);

export class Grid extends Recorded {
  asked = 0;
  onTold = () => {};

  /**
   * @param {PackedGrid} about
   * @param {Run} run the one that the page opens with
   * @param {(k: number) => Promise<Run>} load gives run k, inflated
   * @param {object} [timing] for the transport
   */
  constructor(about, run, load, timing = {}) {
    super(run, timing);
    this.about = about; this.load = load;
    this.language = about.language;
    this.at = about.runs[about.first].at;
    Object.assign(this.acts, {
      controls: (/** @type {any} */ { name, value }) => { this.choose(name, value); },
      language: () => this.turn(),
    });
  }

  /** @param {string} name */
  get(name) { return name === "state" ? { parts: this.parts, words: this.words, number: 0 } : undefined; }

  get words() { return this.about.words[this.language] ?? {}; }

  /** What the sliders stand at, by name. @returns {Record<string, SettingValue>} */
  get values() { return Object.fromEntries(this.about.axes.map(({ name, values }, axis) => [name, values[this.at[axis]]])); }

  /** The sliders, in the language in use. @returns {Setting[]} */
  get rows() {
    return this.about.rows.map((row) => ({ ...row, title: t(row.title), about: t(row.about), choices: row.choices?.map(([text, value]) => [t(text), value]) }));
  }

  get parts() {
    const parts = super.parts;
    return {
      ...parts, frame: { ...parts.frame, hidden: HIDDEN }, language: this.leadingTo,
      controls: { ...parts.controls, rows: this.rows },
    };
  }

  /** @param {number} i */
  networkAt(i) {
    const { network, controls } = super.networkAt(i);
    return { network, controls: { ...controls, values: this.values } };
  }

  /** Show the run with this value of an axis, at the same moment of its way. @type {(name: string, value: SettingValue) => Promise<void>} */
  async choose(name, value) {
    const axis = this.about.axes.findIndex((known) => known.name === name), place = this.about.axes[axis]?.values.indexOf(value) ?? -1;
    if (place < 0) return;
    this.at = this.at.map((was, i) => (i === axis ? place : was));
    const asked = ++this.asked, run = await this.load(runAt(this.about.runs, this.at));
    if (asked === this.asked) this.enter(run); // else a later wish has overtaken this one
  }

  /** @param {Run} run */
  enter(run) {
    const { transport } = this, points = this.points.version, count = this.frames.count;
    this.opened = readRun(run);
    transport.count = this.frames.count; transport.pace = paceOf(transport.count);
    transport.at = sameShare(transport.at, count, transport.count);
    if (this.points.version !== points) this.tell("map", { ...this.points, ...this.mapAt(transport.at) });
    this.tellRun();
  }

  /** All that another run, or another language, says otherwise. */
  tellRun() {
    const { run, transport } = this;
    this.tell("header", { options: this.options, chosen: this.chosen });
    this.tell("timeline", this.timeline);
    this.tell("happenings", { lines: this.lines });
    this.tell("numbers", { chosen: run.chosen });
    this.tellCurves();
    this.show(transport.at);
    this.onTold();
  }

  // --- the language

  get next() {
    const names = Object.keys(LANGUAGES);
    return names[(names.indexOf(this.language) + 1) % names.length];
  }

  get leadingTo() { return { title: LANGUAGES[this.next], about: `Language · 语言: ${LANGUAGES[this.next]}` }; }

  /** Go to the next language. */
  turn() {
    this.language = this.next;
    this.tellAll({ kind: "words", content: this.words, number: ++this.number });
    this.tell("language", this.leadingTo);
    this.tell("controls", { rows: this.rows });
    this.tellRun();
  }
}
