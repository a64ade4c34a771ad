// One widget, many parts: each part reads and writes its own values, and hears its own messages, as if it had a widget to itself.
import { speak } from "./language.js";

const HEARING = 3000; // ms until an answer of the kernel counts as lost

/** A value from the kernel: {buffer: i} stands for one of the message's buffers. */
function unpacked(value, buffers) {
  return value && typeof value === "object" && Number.isInteger(value.buffer) ? buffers[value.buffer] : value;
}

const unpackedAll = (values, buffers) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unpacked(value, buffers)]));

/** What a part has of its hub: get, set, save_changes, send, on and off, as a widget's model has them. */
export class Channel {
  constructor(hub, name, values = {}) {
    Object.assign(this, { hub, name, values });
    this.hearers = new Map(); this.unsaved = {};
  }

  get(name) { return this.values[name]; }

  /** A value that a person chose; `save_changes` tells the kernel. */
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

  send(content) { this.hub.tell(this.name, "message", content); }

  /** As `send`; where this is said faster than the kernel hears it, only the last of each `what` is sent. */
  sendLast(content, what) { this.hub.tellLast(this.name, "message", content, what); }

  on(event, act) {
    if (!this.hearers.has(event)) this.hearers.set(event, new Set());
    this.hearers.get(event).add(act);
  }

  off(event, act) { this.hearers.get(event)?.delete(act); }

  fire(event, ...about) { for (const act of [...(this.hearers.get(event) ?? [])]) act(...about); }

  /** Values that the kernel sent: all are there before anyone hears of one. */
  take(values) {
    Object.assign(this.values, values);
    for (const name of Object.keys(values)) this.fire(`change:${name}`);
  }
}

/** The parts of one board in this page; `model` is its widget, `early` what came before the program was there. */
export class Hub {
  constructor(model, early = []) {
    const { parts = {}, words = {}, number = 0 } = model.get("state") ?? {};
    this.model = model; this.number = number; this.words = words; this.retellers = new Set(); this.lookers = new Set(); this.gap = false;
    this.waiting = new Map(); this.busy = false; // what is to be told when the kernel has heard what it was told
    this.channels = new Map(Object.entries(parts).map(([name, values]) => [name, new Channel(this, name, { ...values })]));
    speak(words);
    for (const [content, buffers] of early) this.receive(content, buffers);
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    this.acknowledge();
  }

  channel(name) { return this.channels.get(name); }

  /** Tell the kernel at once, after what waits. */
  tell(to, kind, content) {
    this.flush();
    this.model.send({ to, kind, content });
  }

  /** Tell the kernel when it has heard what was told so before: a busy one gets the last values, not all on the way to them. */
  tellLast(to, kind, content, what = "") {
    const key = [to, kind, what].join(" "), before = this.waiting.get(key)?.content;
    this.waiting.set(key, { to, kind, content: { ...before, ...content } });
    if (!this.busy) this.flush();
  }

  flush() {
    if (!this.waiting.size) return;
    const last = [...this.waiting.values()].at(-1);
    for (const message of this.waiting.values()) this.model.send(message === last ? { ...message, answer: true } : message);
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

  receive(content, buffers = []) {
    if (content.kind === "heard") { this.heard(); return; }
    if (content.kind === "whole") { this.renew(content, buffers); return; }
    const { to, kind, number } = content, old = number <= this.number;
    if (!old) this.follow(number);
    if (kind === "words") this.retell(content.content);
    else if (kind === "message") this.channel(to)?.fire("msg:custom", content.content, buffers);
    else if (kind === "set" && !old) this.channel(to)?.take(unpackedAll(content.content, buffers));
  }

  /** Note the number of a message; where one was missed, ask for everything. */
  follow(number) {
    if (number > this.number + 1 && !this.gap) { this.gap = true; this.model.send({ kind: "open" }); }
    this.number = number;
  }

  /** Everything as it is now. */
  renew({ parts, words, number }, buffers) {
    this.gap = false; this.number = Math.max(number, this.number);
    for (const [name, values] of Object.entries(parts)) this.channel(name)?.take(unpackedAll(values, buffers));
    this.retell(words);
  }

  retell(words) {
    this.words = words;
    speak(words);
    for (const act of this.retellers) act();
  }

  /** A point of a map is looked at, -1 for none; predictions(): what the network says of each. */
  pick(row, predictions) { this.predictions = predictions; for (const act of this.lookers) act(row); }

  /** Call act(row) whenever another point is looked at; returns what ends it. */
  onPick(act) { this.lookers.add(act); return () => this.lookers.delete(act); }

  /** Call act whenever the language changes; returns what ends it. */
  onWords(act) { this.retellers.add(act); return () => this.retellers.delete(act); }

  /** Frames are answered whether or not a map is in sight, so that the kernel sends on. */
  acknowledge() {
    for (const part of this.channels.values()) {
      if (part.get("sequence") === undefined) continue;
      const answer = (content) => this.model.send({ to: part.name, kind: "message", content }); // not after what waits
      part.on("change:sequence", () => answer({ kind: "ack", sequence: part.get("sequence") }));
      part.on("change:pulse", () => answer({ kind: "pulse" }));
    }
  }
}
