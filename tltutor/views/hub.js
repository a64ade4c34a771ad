// One widget, many parts: each part reads and writes its own values, and hears its own messages, as if it had a widget to itself.
import { speak } from "./language.js";
/** @import { Answers, Bytes, Channel as Part, Hear, Model } from "./types.js" */

const HEARING = 3000; // ms until an answer of the kernel counts as lost

/** A value from the kernel: {buffer: i} stands for one of the message's buffers. @type {(value: any, buffers: Bytes[]) => unknown} */
function unpacked(value, buffers) {
  return value && typeof value === "object" && Number.isInteger(value.buffer) ? buffers[value.buffer] : value;
}

/** @type {(values: object, buffers: Bytes[]) => Record<string, unknown>} */
const unpackedAll = (values, buffers) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unpacked(value, buffers)]));

/** @typedef {{ to: string, kind: string, content: object }} Told What a part tells the kernel. */

/**
 * What a part has of its hub: get, set, save_changes, send, on and off, as a widget's model has them.
 * @implements {Part}
 */
export class Channel {
  /** @type {Map<string, Set<Hear>>} */
  hearers = new Map();
  /** @type {Record<string, unknown>} */
  unsaved = {};

  /** @param {Hub} hub @param {string} name @param {Record<string, any>} [values] */
  constructor(hub, name, values = {}) {
    this.hub = hub; this.name = name; this.values = values;
  }

  /** @type {(name: string) => any} */
  get(name) { return this.values[name]; }

  /** A value that a person chose; `save_changes` tells the kernel. @type {(name: string, value: any) => void} */
  set(name, value) {
    this.unsaved[name] = value;
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.fire(`change:${name}`);
  }

  save_changes() {
    const content = this.unsaved;
    this.unsaved = {};
    this.hub.tellLast(this.name, "set", content);
  }

  /** @type {(content: object) => void} */
  send(content) { this.hub.tell(this.name, "message", content); }

  /**
   * As `send`; where this is said faster than the kernel hears it, only the last of each `what` is sent.
   * @type {(content: object, what?: string) => void}
   */
  sendLast(content, what) { this.hub.tellLast(this.name, "message", content, what); }

  /** @type {(event: string, act: Hear) => void} */
  on(event, act) {
    const hearers = this.hearers.get(event) ?? new Set();
    this.hearers.set(event, hearers.add(act));
  }

  /** @type {(event: string, act: Hear) => void} */
  off(event, act) { this.hearers.get(event)?.delete(act); }

  /** @type {(event: string, content?: any, buffers?: Bytes[]) => void} */
  fire(event, content, buffers = []) { for (const act of [...(this.hearers.get(event) ?? [])]) act(content, buffers); }

  /** Values that the kernel sent: all are there before anyone hears of one. @type {(values: object) => void} */
  take(values) {
    Object.assign(this.values, values);
    for (const name of Object.keys(values)) this.fire(`change:${name}`);
  }
}

/** The parts of one board in this page; `model` is its widget, `early` what came before the program was there. */
export class Hub {
  /** @type {Set<() => void>} */
  retellers = new Set();
  /** @type {Set<(row: number) => void>} */
  lookers = new Set();
  /** @type {(() => Answers) | undefined} */
  answers;
  /** @type {Map<string, Told>} */
  waiting = new Map(); // what is to be told when the kernel has heard what it was told
  busy = false;
  patience = 0;
  gap = false;
  page = Math.random().toString(36).slice(2); // this page's name among those that show the board

  /** @param {Model} model @param {[content: any, buffers: Bytes[]][]} [early] */
  constructor(model, early = []) {
    const { parts = {}, words = {}, number = 0 } = model.get("state") ?? {};
    this.model = model; this.number = number; this.words = words;
    /** @type {Map<string, Channel>} */
    this.channels = new Map(Object.entries(parts).map(([name, values]) => [name, new Channel(this, name, { ...values })]));
    speak(words);
    for (const [content, buffers] of early) this.receive(content, buffers);
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    this.acknowledge();
  }

  /** @type {(name: string) => Channel | undefined} */
  channel(name) { return this.channels.get(name); }

  /** Tell the kernel at once, after what waits. @type {(to: string, kind: string, content: object) => void} */
  tell(to, kind, content) {
    this.flush();
    this.model.send({ to, kind, content, page: this.page });
  }

  /**
   * Tell the kernel when it has heard what was told so before: a busy one gets the last values, not all on the way to them.
   * @type {(to: string, kind: string, content: object, what?: string) => void}
   */
  tellLast(to, kind, content, what = "") {
    const key = [to, kind, what].join(" "), before = this.waiting.get(key)?.content;
    this.waiting.set(key, { to, kind, content: { ...before, ...content } });
    if (!this.busy) this.flush();
  }

  flush() {
    if (!this.waiting.size) return;
    const last = [...this.waiting.values()].at(-1);
    for (const message of this.waiting.values()) this.model.send({ ...message, page: this.page, ...(message === last && { answer: true }) });
    this.waiting.clear();
    this.busy = true;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.heard(), HEARING);
  }

  /** The kernel has heard what it was told, or its answer went lost: what waits can be told. */
  heard() {
    clearTimeout(this.patience);
    this.busy = false;
    this.flush();
  }

  /** @type {(content: any, buffers?: Bytes[]) => void} */
  receive(content, buffers = []) {
    if (content.kind === "heard") { this.heard(); return; }
    if (content.kind === "whole") { this.renew(content, buffers); return; }
    const { to, kind, number } = content, old = number <= this.number;
    if (!old) this.follow(number);
    if (kind === "words") this.retell(content.content);
    else if (kind === "message") this.channel(to)?.fire("msg:custom", content.content, buffers);
    else if (kind === "set" && !old && content.but !== this.page) this.channel(to)?.take(unpackedAll(content.content, buffers));
  }

  /** Note the number of a message; where one was missed, ask for everything. @type {(number: number) => void} */
  follow(number) {
    if (number > this.number + 1 && !this.gap) { this.gap = true; this.model.send({ kind: "open" }); }
    this.number = number;
  }

  /**
   * Everything as it is now.
   * @type {(whole: { parts: Record<string, object>, words: Record<string, string>, number: number }, buffers: Bytes[]) => void}
   */
  renew({ parts, words, number }, buffers) {
    this.gap = false; this.number = Math.max(number, this.number);
    for (const [name, values] of Object.entries(parts)) this.channel(name)?.take(unpackedAll(values, buffers));
    this.retell(words);
  }

  /** @type {(words: Record<string, string>) => void} */
  retell(words) {
    this.words = words;
    speak(words);
    for (const act of this.retellers) act();
  }

  /**
   * A point of a map is looked at, -1 for none; answers(): {predictions, opinion}, what network and discriminator say of each.
   * @type {(row: number, answers: () => Answers) => void}
   */
  pick(row, answers) { this.answers = answers; for (const act of this.lookers) act(row); }

  /** Call act(row) whenever another point is looked at; returns what ends it. @type {(act: (row: number) => void) => () => void} */
  onPick(act) { this.lookers.add(act); return () => this.lookers.delete(act); }

  /** Call act whenever the language changes; returns what ends it. @type {(act: () => void) => () => void} */
  onWords(act) { this.retellers.add(act); return () => this.retellers.delete(act); }

  /** Frames are answered whether or not a map is in sight, so that the kernel sends on. */
  acknowledge() {
    for (const part of this.channels.values()) {
      if (part.get("sequence") === undefined) continue;
      /** @type {(content: object) => void} */
      const answer = (content) => this.model.send({ to: part.name, kind: "message", content }); // not after what waits
      part.on("change:sequence", () => answer({ kind: "ack", sequence: part.get("sequence") }));
      part.on("change:pulse", () => answer({ kind: "pulse" }));
    }
  }
}
