// The network from left to right: examples, stages, features, then the head and, by the method, what pulls beside it.
import { fieldPicture, fieldsOf, insideOf, outputPicture } from "./inside.js";
import { t } from "./language.js";
import { pointsOf } from "./map.js";
import { element } from "./points/elements.js";
import { icon } from "./points/marks.js";
import { closePicture, openPicture, thumbnail } from "./points/thumbnail.js";
/** @import { Answers, Branch, Channel, ControlsValues, Drawn, Flow, Hear, MapValues, NetworkAbout, NetworkValues, Pictured, Place, Points, Stage } from "./types.js" */
/** @import { Hub } from "./hub.js" */
/**
 * @typedef {{
 *   show: (shown: Pick<NetworkValues, "frozen" | "flow" | "losses" | "weight" | "acts"> & { movable: boolean }) => void,
 *   look: (points: Points | null, picked: number) => void,
 *   fill: (pictures: HTMLElement[], kind: "output" | "field") => void,
 *   answer: (points: Points | null, picked: number, answers: Answers) => void,
 *   end: () => void,
 * }} Strip What fills the strip.
 * @typedef {{
 *   arrows: Arrows, fill: (kind: "output" | "field", picture?: HTMLElement) => void, freeze: (frozen: boolean) => void,
 *   separate: (value?: number | null) => void, reveal: () => void,
 * }} StageBox
 * @typedef {{ row: HTMLElement, box: HTMLElement, say: (text: string) => void, answer: (text: string, right: boolean) => void }} ForkRow
 */

/** @type {Record<string, string>} */
const OWNERS = { separate: "BN s | t", joint: "BN s + t", source: "BN s" };
const EXAMPLES = 3; // pictures a domain; texts and numbers need more room
const SVG = "http://www.w3.org/2000/svg";

/** A number of parameters in few characters: 640, 2.4k, 11.2M. @type {(n: number) => string} */
export function countWords(n) {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(3))}M`;
  return n >= 1000 ? `${Number((n / 1000).toPrecision(3))}k` : String(n);
}

/**
 * How wide an arrow is, 1..7 pixels, for a gradient norm beside the largest one; 0 where nothing flows.
 * @type {(norm: number, largest: number) => number}
 */
export function arrowWidth(norm, largest) {
  return norm > 0 && largest > 0 ? 1 + 6 * Math.sqrt(norm / largest) : 0;
}

/**
 * What the arrows before a box say: whose gradients flow there, and whether they pull against each other.
 * @type {(task: number, pull: number, cosine?: number | null) => string}
 */
export function arrowWords(task, pull, cosine) {
  const who = [task ? t("blue: gradient of the task") : "", pull ? t("orange: gradient of the transfer term") : ""].filter(Boolean);
  if (!who.length) return "";
  const known = typeof cosine === "number" ? cosine : NaN;
  const angle = known < -0.1 ? t("they pull against each other") : known > 0.1 ? t("they pull the same way") : t("they pull across each other");
  return [...who, Number.isNaN(known) ? "" : `${angle} (cos ${known.toFixed(2)})`, t("as wide as the root of its norm, at the last look")].filter(Boolean).join("\n");
}

/** The title of what stands beside the head, and a sentence on what it does. @type {(kind: Branch) => string[]} */
export function branchWords(kind) {
  return {
    none: [t("no second branch"), t("Source only: nothing looks at the target.")],
    labels: [t("target labels"), t("A few labeled target examples train the network.")],
    distance: [t("distance"), t("A spring: the distance between the two domains' features is made small.")],
    discriminator: [t("discriminator"), t("It learns to tell the domains apart. Its gradient is reversed, so that the features learn to fool it.")],
    heads: [t("second head"), t("Two heads disagree on the target; the features learn to make them agree.")],
    predictions: [t("target's own answers"), t("The network's answers on the target are made sure, or used as labels.")],
    teacher: [t("teacher"), t("Another network's outputs are to be matched.")],
    statistics: [t("BatchNorm"), t("The target's own statistics, or their scales, are adapted.")],
    decoder: [t("decoder"), t("Both domains' images are drawn again from the features.")],
  }[kind];
}

/** Whose statistics BatchNorm uses for the target, in words; "" without BatchNorm. @type {(owner: string) => string} */
export function ownerWords(owner) {
  /** @type {Record<string, string>} */
  const words = { separate: t("BatchNorm: each domain's own statistics"), joint: t("BatchNorm: statistics of both domains together"), source: t("BatchNorm: the source's statistics for both") };
  return words[owner] ?? "";
}

/**
 * A node of an SVG picture.
 * @type {<Tag extends keyof SVGElementTagNameMap>(name: Tag, parent: Element, about: object) => SVGElementTagNameMap[Tag]}
 */
function shape(name, parent, about) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(about)) node.setAttribute(key, String(value));
  parent.append(node);
  return node;
}

/** @type {(parent: Element, width: number, height: number, names?: string) => SVGSVGElement} */
function picture(parent, width, height, names = "") {
  const svg = shape("svg", parent, { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  svg.setAttribute("class", names);
  return svg;
}

/** The arrows before a box: data to the right, the task's and the transfer term's gradients to the left. */
class Arrows {
  /** @param {Element} parent */
  constructor(parent) {
    const svg = picture(parent, 24, 46, "tlt-net-arrows");
    this.words = shape("title", svg, {});
    this.data = shape("path", svg, { d: "M1 9H20M16 5 21 9 16 13", class: "tlt-net-data" });
    this.task = shape("path", svg, { d: "M23 23H4", class: "tlt-net-task" });
    this.pull = shape("path", svg, { d: "M23 36H4", class: "tlt-net-pull" });
  }

  /**
   * The widths of the two gradients in pixels, 0 for none; cosine: of the angle between them, where both are.
   * @type {(task: number, pull: number, cosine?: number | null) => void}
   */
  show(task, pull, cosine) {
    for (const { path, width } of [{ path: this.task, width: task }, { path: this.pull, width: pull }]) {
      path.style.strokeWidth = String(width); path.style.display = width ? "" : "none";
    }
    this.words.textContent = arrowWords(task, pull, cosine);
  }
}

/** One domain's examples in a row; a point of the map that is looked at takes their place. */
class Examples {
  /** @param {Element} parent @param {boolean} isTarget */
  constructor(parent, isTarget) {
    this.isTarget = isTarget;
    const row = element("div", "tlt-net-examples", parent);
    row.append(icon(isTarget));
    this.place = element("span", "tlt-net-pictures", row);
  }

  /** @type {(points: Points | null, picked: number) => void} */
  show(points, picked) {
    this.place.replaceChildren();
    if (!points?.n) return;
    this.place.setAttribute("role", "img");
    this.place.setAttribute("aria-label", t("Examples: {domain}", { domain: points.domains[Number(this.isTarget)] ?? "" }));
    /** @type {(i: number) => boolean} */
    const mine = (i) => points.isTarget[i] === Number(this.isTarget);
    const many = points.picture ? EXAMPLES : points.texts ? 1 : 2;
    const rows = picked >= 0 && mine(picked) ? [picked] : Array.from({ length: points.n }, (_, i) => i).filter(mine).slice(0, many);
    for (const i of rows) {
      if (points.picture) this.place.append(thumbnail(/** @type {Pictured} */ (points), i, rows.length === 1 ? 34 : 24));
      else element("span", "tlt-net-value", this.place, points.texts ? `“${points.texts[i]}”` : valueWords(points, i)).title = points.texts?.[i] ?? "";
    }
  }
}

/** @type {(points: Points, i: number) => string} */
function valueWords({ width, vectors }, i) {
  return width ? `(${Array.from(vectors.subarray(i * width, i * width + Math.min(width, 2)), (v) => v.toFixed(1)).join(", ")})` : "•";
}

/**
 * The strip. `model` is the network's channel, `controls` the sliders', `map` the map's; hub tells which point is looked at.
 * @type {(place: Place<NetworkValues> & { controls: Channel<ControlsValues>, map: Channel<MapValues>, hub: Hub }) => Drawn}
 */
export function renderStrip({ model, el, controls, map, hub, recorded }) {
  const root = element("div", "tlt-net", el), key = keyOf(element("div", "tlt-net-key", el));
  root.setAttribute("role", "group");
  /** @type {Strip | null} */
  let drawn = null;
  /** @type {Points | null} */
  let points = null;
  let picked = -1;
  const canFreeze = () => !recorded && "freeze_depth" in controls.get("values"); // a lesson may hide it
  /** @type {(depth: number) => void} */
  const freeze = (depth) => {
    model.take({ frozen: depth });
    controls.take({ values: { ...controls.get("values"), freeze_depth: depth } });
    controls.sendLast({ kind: "move", name: "freeze_depth", value: depth }, "freeze_depth");
  };
  const build = () => {
    root.replaceChildren();
    root.setAttribute("aria-label", t("The network"));
    drawn?.end();
    drawn = draw(root, model, freeze);
    gather();
    show();
    fields();
  };
  const gather = () => {
    closePicture(points);
    points = openPicture(pointsOf(map));
    look(-1);
  };
  const show = () => {
    key(drawn ? model.get("flow").stages ?? [] : [], Boolean(drawn) && canFreeze());
    drawn?.show({
      frozen: model.get("frozen"), flow: model.get("flow"), losses: model.get("losses"), weight: model.get("weight"), acts: model.get("acts"), movable: canFreeze(),
    });
  };
  const answer = () => drawn?.answer(points, picked, hub.answers?.() ?? { predictions: [] });
  const fields = () => drawn?.fill(fieldsOf(model, model.get("stages").length).map((field) => fieldPicture(field, model.get("about").classes, root)), "field");
  /** @type {(row: number) => void} */
  const look = (row) => {
    picked = row;
    drawn?.look(points, picked);
    if (picked < 0) drawn?.fill([], "output");
    answer();
  };
  /** @type {Hear} */
  const inside = (content, buffers) => {
    if (content.kind === "inside" && content.row === picked) drawn?.fill(insideOf(content, buffers[0]).map(outputPicture), "output");
  };
  /** @type {[part: Channel, event: string, act: Hear][]} */
  const watched = [[model, "change:stages", build], [model, "change:about", build], [map, "change:version", gather], [map, "change:sequence", answer], [map, "change:values", answer],
    ...["frozen", "losses", "weight", "acts", "flow"].map((name) => /** @type {[Channel, string, Hear]} */ ([model, `change:${name}`, show])), [controls, "change:rows", show],
    [model, "change:fields", fields], [model, "msg:custom", inside]];
  for (const [part, event, act] of watched) part.on(event, act);
  const deaf = hub.onPick(look);
  build();
  return {
    retell: build,
    end: () => {
      for (const [part, event, act] of watched) part.off(event, act);
      deaf();
      drawn?.end();
      closePicture(points);
    },
  };
}

/**
 * The line under the strip that says what its colors and its handle mean, as far as they are there.
 * @type {(line: HTMLElement) => (stages: Flow[], movable: boolean) => void}
 */
function keyOf(line) {
  return (stages, movable) => {
    /** @type {(known: (stage: Flow) => boolean) => boolean} */
    const some = (known) => stages.some(known);
    line.replaceChildren();
    for (const [kind, words, there] of /** @type {[string, string, boolean][]} */ ([
      ["task", t("pull of the task"), some(({ task }) => Boolean(task))], ["pull", t("pull of the transfer term"), some(({ transfer }) => Boolean(transfer))],
      ["apart", t("how far a line tells the domains apart"), some(({ apart }) => typeof apart === "number")], ["handle", t("drag: freeze stages"), movable],
    ])) if (there) element("span", "", line, words).dataset.kind = kind;
  };
}

/**
 * The boxes and arrows; returns what fills them.
 * @type {(root: Element, model: Channel<NetworkValues>, freeze: (depth: number) => void) => Strip | null}
 */
function draw(root, model, freeze) {
  const stages = model.get("stages"), about = model.get("about");
  if (!stages.length) return null;
  const inputs = element("div", "tlt-net-inputs", root), rows = [new Examples(inputs, false), new Examples(inputs, true)];
  const view = element("div", "tlt-net-view", root), scroller = element("div", "tlt-net-scroller", view), track = element("div", "tlt-net-track", scroller), line = element("div", "tlt-net-stages", track);
  scroller.setAttribute("role", "group"); // where the stages are too many, it scrolls, and the keyboard may reach it
  scroller.setAttribute("aria-label", t("Stages"));
  const boxes = stages.map((stage) => stageBox(line, stage, about.owner)), beyond = new Beyond(view, scroller, line);
  const end = element("div", "tlt-net-end", root), into = new Arrows(end), column = element("div", "tlt-net-column", end), features = element("div", "tlt-net-box", column);
  element("b", "", features, t("features"));
  element("span", "", features, String(about.features));
  const handle = freezeHandle(track, element("span", "tlt-net-freeze-words", column), stages, (depth) => {
    boxes[Math.min(depth, boxes.length - 1)].reveal(); // the handle may have left the part that is seen
    freeze(depth);
  });
  const fork = element("div", "tlt-net-fork", end), head = forkRow(fork, t("head"), ""), side = branchRow(fork, about);
  return {
    end: () => beyond.end(),
    show: ({ frozen, flow, losses, weight, acts, movable }) => {
      handle.show(frozen, movable);
      showFlow(boxes, into, { frozen, flow });
      boxes.forEach((box, i) => box.freeze(i < frozen));
      head.say(lossWords(losses.task));
      side.say(about.branch === "none" ? "" : sideWords(about, losses, weight));
      side.acts(about.branch === "none" || acts);
    },
    look: (points, picked) => { for (const row of rows) row.show(points, picked); },
    /** A picture a stage, "output" of the point that is looked at, or its "field"; none take them away. */
    fill: (pictures, kind) => boxes.forEach((box, i) => box.fill(kind, pictures[i])),
    answer: (points, picked, { predictions, opinion }) => {
      const k = picked >= 0 ? predictions[picked] : undefined, label = picked >= 0 ? points?.labels[picked] ?? -1 : -1;
      head.answer(k === undefined ? "" : points?.classes[k] ?? String(k), label < 0 || k === label);
      if (about.branch === "discriminator") side.answer(picked >= 0 && opinion ? t("target: {share} %", { share: Math.round(100 * opinion[picked]) }) : "", picked < 0 || Number(opinion?.[picked]) >= 0.5 === Boolean(points?.isTarget[picked]));
    },
  };
}

/** Where there is no room for all stages: a button at each edge says how many lie beyond it, and leads there. */
class Beyond {
  /** @param {Element} view @param {HTMLElement} scroller @param {HTMLElement} line of the stages */
  constructor(view, scroller, line) {
    this.scroller = scroller; this.line = line;
    this.edges = [-1, 1].map((side) => {
      const button = element("button", "tlt-net-beyond", view);
      button.type = "button"; button.hidden = true; button.dataset.side = String(side);
      button.addEventListener("click", () => { scroller.scrollBy({ left: 0.8 * side * scroller.clientWidth }); });
      return { side, button };
    });
    this.see = () => this.count();
    scroller.addEventListener("scroll", this.see);
    this.watch = globalThis.ResizeObserver ? new ResizeObserver(this.see) : null; // no browser: nothing has a size
    this.watch?.observe(scroller);
    this.watch?.observe(line);
  }

  count() {
    const { left, right } = this.scroller.getBoundingClientRect(), places = [...this.line.children].map((stage) => stage.getBoundingClientRect());
    for (const { side, button } of this.edges) {
      const n = places.filter((place) => (side < 0 ? place.left + place.width / 2 < left : place.left + place.width / 2 > right)).length;
      if (!n && document.activeElement === button) this.scroller.focus({ preventScroll: true }); // who pressed it until the end
      button.hidden = !n;
      button.textContent = side < 0 ? `‹ ${n}` : `${n} ›`;
      button.title = side < 0 ? t("{n} more stages to the left", { n }) : t("{n} more stages to the right", { n });
      button.setAttribute("aria-label", button.title);
    }
  }

  end() { this.scroller.removeEventListener("scroll", this.see); this.watch?.disconnect(); }
}

/** @type {(value: unknown) => string} */
const lossWords = (value) => (typeof value === "number" ? value.toFixed(2) : "");

/** @type {(about: NetworkAbout, losses: Record<string, number>, weight: number) => string} */
function sideWords({ term }, losses, weight) {
  return [`λ ${Number(weight.toPrecision(2))}`, term && typeof losses[term] === "number" ? `${t(term)} ${losses[term].toFixed(2)}` : ""].filter(Boolean).join("\n");
}

/** @type {(parent: Element, stage: Stage, owner: string) => StageBox} */
function stageBox(parent, { name, shape: size, parameters, batchnorm }, owner) {
  const place = element("div", "tlt-net-stage", parent), arrows = new Arrows(place), box = element("div", "tlt-net-box", place);
  element("b", "", box, name);
  element("span", "tlt-net-size", box, size.join("×"));
  const count = element("span", "tlt-net-count", box), words = t("{count} parameters", { count: countWords(parameters) });
  count.textContent = countWords(parameters); count.title = words;
  box.title = [name, size.join(" × "), words, batchnorm ? ownerWords(owner) : ""].filter(Boolean).join("\n");
  const view = element("span", "tlt-net-inside", box);
  /** @type {{ output?: HTMLElement, field?: HTMLElement }} */
  const pictures = {};
  if (batchnorm) element("span", "tlt-net-owner", box, OWNERS[owner] ?? "BN");
  const lock = element("i", "tlt-net-lock", box), apart = element("span", "tlt-net-apart", box), fill = element("i", "", apart);
  lock.title = t("frozen: it does not train");
  apart.hidden = true;
  return {
    arrows,
    /** A picture in the place of the sizes, its output before its field; the one that is left, or none. */
    fill: (kind, picture) => {
      pictures[kind] = picture;
      const shown = pictures.output ?? pictures.field;
      view.replaceChildren(...(shown ? [shown] : []));
      box.dataset.inside = String(Boolean(shown));
    },
    reveal: () => place.scrollIntoView?.({ block: "nearest", inline: "nearest" }),
    freeze: (frozen) => { place.dataset.frozen = String(frozen); lock.hidden = !frozen; },
    separate: (value) => {
      apart.hidden = typeof value !== "number";
      if (typeof value !== "number") return;
      fill.style.width = `${100 * Math.min(Math.max(2 * (value - 0.5), 0), 1)}%`;
      apart.title = t("How well a line tells the domains apart here: {value}; 0.5 is guessing", { value: value.toFixed(2) });
    },
  };
}

/**
 * The handle that freezes stages from the left: a slider under them, moved by mouse, finger or arrow keys.
 * @type {(parent: Element, words: Element, stages: Stage[], freeze: (depth: number) => void) => { show: (depth: number, movable: boolean) => void }}
 */
function freezeHandle(parent, words, stages, freeze) {
  const range = element("input", "tlt-net-freeze", parent);
  Object.assign(range, { type: "range", min: 0, max: stages.length, step: 1 });
  range.title = t("Drag to freeze the stages on the left: they do not train");
  range.setAttribute("aria-label", t("Freeze depth on the network"));
  range.addEventListener("input", () => { say(Number(range.value)); freeze(Number(range.value)); });
  /** @type {(depth: number) => void} */
  const say = (depth) => {
    words.textContent = depth ? t("{frozen} of {all} frozen", { frozen: depth, all: stages.length }) : t("all stages train");
    range.setAttribute("aria-valuetext", words.textContent);
    range.style.setProperty("--tlt-share", `${(100 * depth) / stages.length}%`);
  };
  return { show: (depth, movable) => { range.value = String(depth); range.disabled = !movable; say(depth); } };
}

/** @type {(parent: Element, title: string, names: string) => ForkRow} */
function forkRow(parent, title, names) {
  const row = element("div", `tlt-net-row ${names}`, parent), arrow = picture(row, 22, 14, "tlt-net-arrow");
  shape("path", arrow, { d: "M1 7H17M13 3 18 7 13 11", class: "tlt-net-data" });
  const box = element("div", "tlt-net-box", row), said = element("span", "", row);
  element("b", "", box, title);
  const loss = element("span", "tlt-net-loss", row);
  said.className = "tlt-net-answer";
  return {
    row, box,
    say: (text) => { loss.textContent = text; },
    answer: (text, right) => { said.textContent = text && `${text} ${right ? "✓" : "✗"}`; said.dataset.right = String(right); },
  };
}

/** @type {(parent: Element, about: NetworkAbout) => ForkRow & { acts: (acts: boolean) => void }} */
function branchRow(parent, { branch }) {
  const [title, sentence] = branchWords(branch), row = forkRow(parent, title, "tlt-net-branch");
  row.row.dataset.branch = branch;
  /** @type {(can: boolean) => void} */
  const acts = (can) => {
    row.row.dataset.acts = String(can);
    row.row.title = can ? sentence : `${sentence}\n${t("Nothing before the features trains: λ changes nothing now.")}`;
  };
  acts(true);
  const glyph = picture(row.box, 34, 12, "tlt-net-glyph");
  if (branch === "distance") shape("path", glyph, { d: "M1 6H5L8 1 12 11 16 1 20 11 24 1 27 6H33" });
  if (branch === "discriminator") shape("path", glyph, { d: "M33 6H4M9 1 3 6 9 11" });
  return { ...row, acts };
}

/**
 * Arrows and bars by what the last look measured: {stages: {name: {task, transfer, apart}}}, kept in the stages' order.
 * @type {(boxes: StageBox[], into: Arrows, shown: { frozen: number, flow: NetworkValues["flow"] }) => void}
 */
function showFlow(boxes, into, { frozen, flow }) {
  const rows = flow.stages ?? [], largest = Math.max(0, ...rows.flatMap(({ task, transfer }) => [task ?? 0, transfer ?? 0]));
  boxes.forEach((box, i) => {
    const { task, transfer, cosine, apart } = rows[i] ?? {};
    box.arrows.show(i < frozen ? 0 : arrowWidth(task ?? 0, largest), i < frozen ? 0 : arrowWidth(transfer ?? 0, largest), cosine);
    box.separate(apart);
  });
  const last = rows.at(-1) ?? {};
  into.show(arrowWidth(last.task ?? 0, largest), arrowWidth(last.transfer ?? 0, largest));
}
