// Made by "make bundle" from app.js and what it imports: edit those. esbuild 0.28.2, sources sha256 5f8f663c4281aa64b6851ebea72811ea8270fc28e9c8cd60d13c1787b2e780d2
// points/elements.js
function element(tag, className, parent, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== void 0) node.textContent = text;
  parent?.append(node);
  return node;
}
function toggle(parent, text, title, onClick) {
  const button = element("button", "tlt-chip", parent, text);
  button.type = "button";
  button.title = title;
  button.addEventListener("click", (event) => onClick(button, event));
  return button;
}
function brushOf(canvas) {
  return (
    /** @type {CanvasRenderingContext2D} */
    canvas.getContext("2d")
  );
}
function nameBy(label, input) {
  label.htmlFor = input.id = `tlt-${Math.random().toString(36).slice(2)}`;
}
function chooser(row, choose) {
  const buttons = /* @__PURE__ */ new Map();
  return (options, chosen) => {
    for (const [text, key] of options) {
      const button = buttons.get(key) ?? element("button", "", row);
      if (!buttons.has(key)) button.addEventListener("click", () => choose(key));
      buttons.set(key, button);
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-pressed", String(key === chosen));
    }
  };
}
function noteIn(place2) {
  return ({ mood = "plain", lead = "", text = "" }) => {
    place2.replaceChildren();
    if (!lead && !text) return;
    const note = element("p", `tlt-note tlt-note-${mood}`, place2);
    if (lead) {
      element("b", "", note, lead);
      note.append(" ");
    }
    note.append(text);
  };
}

// sketch.js
var WIDTH = 460;
var HEIGHT = 220;
var LEFT = 46;
var RIGHT = 14;
var TOP = 12;
var BOTTOM = 40;
var SVG = "http://www.w3.org/2000/svg";
function scales(xs, [low, high]) {
  const [first, last] = [xs[0], xs[xs.length - 1]];
  return {
    x: (x) => LEFT + (x - first) / (last - first || 1) * (WIDTH - LEFT - RIGHT),
    y: (y) => HEIGHT - BOTTOM - (y - low) / (high - low || 1) * (HEIGHT - TOP - BOTTOM),
    back: (py) => Math.min(high, Math.max(low, low + (HEIGHT - BOTTOM - py) / (HEIGHT - TOP - BOTTOM) * (high - low)))
  };
}
function nearest(xs, scale, px) {
  const far = xs.map((x) => Math.abs(scale.x(x) - px));
  return far.indexOf(Math.min(...far));
}
function stroke(values, [i, vi], [j, vj]) {
  const next = [...values], steps = Math.abs(j - i), to = Math.sign(j - i);
  next[i] = vi;
  for (let s = 1; s <= steps; s += 1) next[i + s * to] = vi + (vj - vi) * s / steps;
  return next;
}
function keyed(value, key, [low, high]) {
  const step = (high - low) / 20, now = value ?? (low + high) / 2;
  const moved2 = { ArrowUp: now + step, ArrowDown: now - step, PageUp: now + 4 * step, PageDown: now - 4 * step, Home: low, End: high, Enter: now, " ": now };
  return key in moved2 ? Math.min(high, Math.max(low, moved2[key])) : null;
}
function make(name, attributes = {}, parent = null) {
  const element2 = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element2.setAttribute(key, String(value));
  parent?.append(element2);
  return element2;
}
var path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
function frame(svg, xs, [low, high], scale) {
  for (const y of [low, (low + high) / 2, high]) {
    make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: scale.y(y), y2: scale.y(y), class: "tlt-grid" }, svg);
    make("text", { x: LEFT - 14, y: scale.y(y) + 4, "text-anchor": "end" }, svg).textContent = String(Number(y.toPrecision(3)));
  }
  for (const x of [xs[0], xs[xs.length - 1]])
    make("text", { x: scale.x(x), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, svg).textContent = String(Number(x.toPrecision(3)));
  return make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 7, "text-anchor": "middle" }, svg);
}
function sketchField(place2, { choose }) {
  const title = element("div", "tlt-sketch-name", place2), svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "tlt-sketch" }, place2);
  const says = element("div", "tlt-sketch-help", place2);
  let pad = null;
  return ({ xs = [], bounds: bounds2 = [0, 1], words: words2 = {} }, draft, closed, truth) => {
    pad ??= padIn(svg, xs, bounds2, choose);
    title.textContent = words2.y ?? "";
    says.textContent = (truth.length ? words2.truth : words2.help) ?? "";
    pad(draft ?? xs.map(() => null), words2, closed, truth);
  };
}
function padIn(svg, xs, bounds2, choose) {
  const [low, high] = bounds2, scale = scales(xs, bounds2), below = frame(svg, xs, bounds2, scale);
  const run = make("path", { class: "tlt-truth" }, svg), curve = make("path", { class: "tlt-drawn" }, svg);
  const handles = xs.map((x) => make("circle", { r: 8, cx: scale.x(x), tabindex: 0, role: "slider" }, svg));
  let values = [];
  let locked = false;
  handles.forEach((handle, i) => handle.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const side = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const value = keyed(values[i], event.key, bounds2);
    if (!side && (value === null || locked)) return;
    event.preventDefault();
    if (side) handles[i + side]?.focus();
    else choose(values.map((v, j) => j === i ? value : v));
  }));
  let last = null;
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const px = (event.clientX - box.left) / box.width * WIDTH, py = (event.clientY - box.top) / box.height * HEIGHT;
    return [nearest(xs, scale, px), scale.back(py)];
  };
  const drag = (event) => {
    if (locked || !last) return;
    const now = at(event);
    choose(stroke(values, last, now));
    last = now;
  };
  svg.addEventListener("pointerdown", (event) => {
    last = at(event);
    svg.setPointerCapture(event.pointerId);
    drag(event);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", drag);
  svg.addEventListener("pointerup", () => {
    last = null;
  });
  svg.addEventListener("pointercancel", () => {
    last = null;
  });
  return (drawn, words2, closed, truth) => {
    values = drawn;
    locked = closed;
    below.textContent = words2.x ?? "";
    const known2 = xs.flatMap((x, i) => {
      const v = values[i];
      return v === null ? [] : [
        /** @type {Pair} */
        [scale.x(x), scale.y(v)]
      ];
    });
    curve.setAttribute("d", path(known2));
    run.setAttribute("d", path(truth.map(([x, y]) => [scale.x(x), scale.y(Math.min(high, Math.max(low, y)))])));
    handles.forEach((handle, i) => {
      const value = values[i] ?? (low + high) / 2;
      handle.setAttribute("cy", String(scale.y(value)));
      handle.setAttribute("class", values[i] === null ? "tlt-empty" : "tlt-set");
      handle.setAttribute("aria-label", `${words2.y}, ${words2.x} ${Number(xs[i].toPrecision(3))}`);
      handle.setAttribute("aria-valuemin", String(low));
      handle.setAttribute("aria-valuemax", String(high));
      handle.setAttribute("aria-valuenow", String(Number(value.toPrecision(3))));
      handle.setAttribute("aria-disabled", String(closed));
    });
  };
}

// fields.js
var NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
function numberOf(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-"), digits = plain.replace(/[%\s]+$/, "");
  return NUMBER.test(digits) ? Number(digits) / (plain.endsWith("%") ? 100 : 1) : null;
}
function answerOf(field, draft) {
  if (field.kind === "options") return field.options?.some(([, key]) => key === draft) ? draft : null;
  if (field.kind === "sketch") return draft?.length === field.xs?.length && draft.every(Number.isFinite) ? draft : null;
  const number = numberOf(String(draft ?? "")), { low = -Infinity, high = Infinity } = field;
  return number !== null && number >= low && number <= high ? number : null;
}
function optionsField(place2, { name, choose }) {
  const group = element("div", "tlt-options", place2);
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-labelledby", name);
  const rows = /* @__PURE__ */ new Map();
  const added = (key) => {
    const label = element("label", "", group), input = element("input", "", label), text = element("span", "", label);
    Object.assign(input, { type: "radio", name: `${name}-options` });
    input.addEventListener("change", () => choose(key));
    rows.set(key, { input, text });
    return { input, text };
  };
  return ({ options = [] }, draft, closed) => {
    for (const [words2, key] of options) {
      const { input, text } = rows.get(key) ?? added(key);
      text.textContent = words2;
      input.checked = key === draft;
      input.disabled = closed;
    }
  };
}
function numberField(place2, { name, choose, commit }) {
  const row = element("div", "tlt-number", place2), input = element("input", "", row), about = element("span", "", row);
  about.id = `${name}-about`;
  Object.assign(input, { type: "text", inputMode: "decimal", autocomplete: "off" });
  input.setAttribute("aria-labelledby", name);
  input.setAttribute("aria-describedby", about.id);
  input.addEventListener("input", () => choose(input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) commit();
  });
  return (field, draft, closed) => {
    const text = String(draft ?? "");
    if (input.value !== text) input.value = text;
    input.placeholder = `${field.low} … ${field.high}`;
    input.disabled = closed;
    input.setAttribute("aria-invalid", String(Boolean(text.trim()) && answerOf(field, draft) === null));
    about.textContent = field.about ?? "";
  };
}
var FIELDS = { options: optionsField, number: numberField, sketch: sketchField };
function fieldOf(kind, ...about) {
  return FIELDS[kind](...about);
}

// card_parts.js
function kept(model, shows, act = () => {
}) {
  for (const [name, show2] of shows) model.on(`change:${name}`, show2);
  for (const show2 of new Set(shows.map(([, show3]) => show3))) show2();
  return { retell() {
  }, end: () => {
    act();
    for (const [name, show2] of shows) model.off(`change:${name}`, show2);
  } };
}
function announced(names, parent) {
  const place2 = element("div", names, parent);
  place2.setAttribute("role", "status");
  place2.setAttribute("aria-live", "polite");
  return place2;
}
function headed(el) {
  const kind = element("div", "tlt-kind", el), question = element("div", "tlt-question", el);
  question.id = `tlt-${Math.random().toString(36).slice(2)}`;
  el.setAttribute("role", "group");
  el.setAttribute("aria-labelledby", question.id);
  return { kind, question };
}
function commitButton(parent, press) {
  const button = element("button", "tlt-commit", parent);
  button.type = "button";
  button.addEventListener("click", press);
  return button;
}

// style.js
var STYLE = `STYLE`;
function dress(el) {
  const root = el.getRootNode(), home = root instanceof ShadowRoot ? root : document.head;
  if ([...home.querySelectorAll("style[data-tltutor]")].some((style2) => style2.textContent === STYLE)) return;
  const style = document.createElement("style");
  style.dataset.tltutor = "";
  style.textContent = STYLE;
  home.append(style);
}

// words.js
function wordOf(element2) {
  const link = (
    /** @type {Element | null} */
    element2?.closest?.('a[href*="#word-"]')
  );
  return link ? decodeURIComponent(String(link.getAttribute("href")).split("#word-")[1]) : null;
}
function placed(word, tip, view) {
  const left = Math.max(8, Math.min(word.left, view.width - tip.width - 8));
  const below = word.bottom + 6;
  return { left, top: below + tip.height < view.height ? below : Math.max(8, word.top - tip.height - 6) };
}
function makeTip() {
  const tip = document.createElement("div"), name = document.createElement("b"), text = document.createElement("span");
  tip.className = "tlt-word-tip";
  tip.setAttribute("role", "tooltip");
  tip.id = `tlt-word-tip-${Math.random().toString(36).slice(2)}`;
  tip.hidden = true;
  tip.append(name, " ", text);
  document.body.append(tip);
  dress(tip);
  return { tip, name, text };
}
function explainWords(model, el) {
  let home = null;
  const { tip, name, text } = makeTip();
  const hide = () => {
    tip.hidden = true;
  };
  const near = ({ target }) => {
    if (el.isConnected) home ??= el.closest(".jp-Notebook") ?? document.body;
    return home?.contains(
      /** @type {Node} */
      target
    ) ?? false;
  };
  const show2 = (event) => {
    if (!near(event)) return;
    const told = model.get("words")[wordOf(event.target) ?? ""], link = (
      /** @type {Element} */
      event.target.closest?.("a")
    );
    if (!told || !link) return hide();
    [name.textContent, text.textContent] = told;
    link.setAttribute("aria-describedby", tip.id);
    tip.hidden = false;
    const { left, top } = placed(link.getBoundingClientRect(), tip.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
    tip.style.left = `${left}px`;
    tip.style.top = `${top}px`;
  };
  const stay = (event) => {
    if (near(event) && wordOf(event.target)) event.preventDefault();
  };
  const escape = (event) => {
    if (event.key === "Escape") hide();
  };
  const heard = [["mouseover", show2], ["focusin", show2], ["mouseout", hide], ["focusout", hide], ["click", stay], ["keydown", escape]];
  for (const [kind, hear] of heard) document.addEventListener(kind, hear);
  return () => {
    for (const [kind, hear] of heard) document.removeEventListener(kind, hear);
    tip.remove();
  };
}

// lesson.js
function renderLesson({ model, el }) {
  const title = element("div", "tlt-question", el), count = element("div", "tlt-kind", el), goals = element("ul", "tlt-goals", el);
  const remark = noteIn(element("div", "", el)), fold = element("details", "", el), heading = element("summary", "", fold), list = element("dl", "", fold);
  const keys = element("p", "tlt-keyboard", el), row = element("div", "tlt-chooser", el);
  title.id = `tlt-${Math.random().toString(36).slice(2)}`;
  for (
    const [place2, role] of
    /** @type {[HTMLElement, string][]} */
    [[el, "group"], [row, "group"]]
  ) {
    place2.setAttribute("role", role);
    place2.setAttribute("aria-labelledby", title.id);
  }
  const choose = chooser(row, (name) => model.send({ kind: "language", name }));
  const show2 = () => {
    const says = model.get("says"), words2 = Object.entries(model.get("words"));
    title.textContent = model.get("title");
    count.textContent = says.count;
    goals.replaceChildren(...model.get("goals").map(([text, done]) => goalOf(text, done, done ? says.reached : says.open)));
    remark({ mood: "plain", lead: "", text: model.get("remark") });
    heading.textContent = says.words;
    fold.hidden = !words2.length;
    list.replaceChildren(...words2.flatMap(([name, [word, sentence2]]) => wordOf2(name, word, sentence2)));
    keys.textContent = says.keys;
  };
  const press = () => choose(Object.entries(model.get("languages")).map(([name, words2]) => [words2, name]), model.get("language"));
  const shown = (
    /** @type {const} */
    ["title", "goals", "words", "remark", "says"]
  );
  for (const name of shown) model.on(`change:${name}`, show2);
  model.on("change:language", press);
  show2();
  press();
  const end = explainWords(model, el);
  return { retell() {
  }, end: () => {
    end();
    model.off("change:language", press);
    for (const name of shown) model.off(`change:${name}`, show2);
  } };
}
function goalOf(text, done, words2) {
  const goal = element("li", done ? "tlt-reached" : ""), tick = element("span", "", goal, done ? "✓" : "○");
  tick.setAttribute("role", "img");
  tick.setAttribute("aria-label", words2);
  goal.append(` ${text}`);
  return goal;
}
function wordOf2(name, word, sentence2) {
  const term = element("dt", "", null, word);
  term.id = `word-${name}`;
  return [term, element("dd", "", null, sentence2)];
}

// vote.js
var SVG2 = "http://www.w3.org/2000/svg";
var EVERY = 1e3;
function renderVote({ model, el }) {
  const { kind, question } = headed(el), body = element("div", "tlt-vote-body", el), left = element("div", "", body), join = element("div", "tlt-vote-join", body);
  const list = element("ol", "tlt-vote-options", left), count = announced("tlt-vote-count", left);
  const fold = element("details", "tlt-votes", el), heading = element("summary", "", fold), table = element("table", "", fold), said2 = element("ul", "", fold);
  const row = element("div", "tlt-vote-buttons", el), note = noteIn(announced("tlt-feedback", el));
  const say = () => {
    kind.textContent = model.get("kind");
    question.textContent = model.get("question");
    count.textContent = model.get("count");
    heading.textContent = model.get("fold");
    list.hidden = model.get("lines").length > 0;
    list.replaceChildren(...model.get("options").map((text) => element("li", "", null, text)));
  };
  const invite = () => {
    const { address = "", size = 0, path: path2 = "" } = model.get("join");
    join.hidden = !address;
    join.replaceChildren(...address ? [codeOf(address, size, path2), linkTo(address)] : []);
  };
  const offer2 = () => {
    row.replaceChildren();
    for (const [action, words2] of model.get("buttons")) commitButton(row, () => model.send({ kind: action })).textContent = words2;
  };
  const draw2 = () => {
    fold.hidden = !model.get("lines").length;
    table.replaceChildren(...model.get("lines").map(([text, cameTrue, rounds]) => rowOf(text, cameTrue, rounds)));
    said2.replaceChildren(...model.get("remarks").map((text) => element("li", "", null, text)));
    said2.hidden = !model.get("remarks").length;
  };
  const unfold = () => {
    fold.open = model.get("unfolded");
  };
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (model.get("live")) timer = setTimeout(() => model.send({ kind: "look" }), EVERY);
  };
  return kept(model, [
    ["kind", say],
    ["question", say],
    ["options", say],
    ["count", say],
    ["fold", say],
    ["lines", say],
    ["join", invite],
    ["buttons", offer2],
    ["lines", draw2],
    ["remarks", draw2],
    ["unfolded", unfold],
    ["live", look],
    ["looked", look],
    ["note", () => note(model.get("note"))]
  ], () => clearTimeout(timer));
}
function codeOf(address, size, path2) {
  const code = document.createElementNS(SVG2, "svg"), ground = document.createElementNS(SVG2, "rect"), dark = document.createElementNS(SVG2, "path");
  const about = { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": address, "shape-rendering": "crispEdges" };
  for (const [name, value] of Object.entries(about)) code.setAttribute(name, value);
  for (const [name, value] of Object.entries({ width: size, height: size, fill: "#fff" })) ground.setAttribute(name, String(value));
  for (const [name, value] of Object.entries({ d: path2, fill: "#000" })) dark.setAttribute(name, value);
  code.append(ground, dark);
  return code;
}
function linkTo(address) {
  const link = element("a", "", null, address);
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}
function rowOf(text, cameTrue, rounds) {
  const row = element("tr", cameTrue ? "tlt-true" : ""), name = element("th", "", row, cameTrue ? `✓ ${text}` : text), bars = element("td", "", row);
  name.scope = "row";
  for (const [words2, share] of rounds) {
    const bar = element("div", "tlt-bar", bars);
    element("div", "", bar).style.width = `${share}%`;
    element("span", "", bars, words2);
  }
  return row;
}

// cards.js
var questions = /* @__PURE__ */ new Map();
function openCards() {
  return [...questions].filter(([el, model]) => el.isConnected && !model.get("closed") && !model.get("reason")).map(([el]) => el);
}
var CARDS = {
  question: ["tlt-card tlt-asks", renderQuestion],
  summary: ["tlt-summary", renderSummary],
  exercise: ["tlt-card tlt-exercise", renderExercise],
  codes: ["tlt-card tlt-code-pair", renderCodes],
  lesson: ["tlt-lesson", renderLesson],
  vote: ["tlt-card tlt-vote", renderVote]
};
function arrangeCards(stage, el) {
  const cards2 = element("div", "tlt-cards", el);
  for (const name of stage.hub.channels.keys()) stage.part(CARDS[name.replace(/\d+$/, "")][0], cards2, name, CARDS[name.replace(/\d+$/, "")][1]);
  return cards2;
}
function renderQuestion({ model, el }) {
  const { kind, question } = headed(el), place2 = element("div", `tlt-asks-${model.get("field").kind}`, el);
  const answer = () => model.get("closed") ? null : answerOf(model.get("field"), model.get("draft"));
  const commit = () => {
    if (answer() !== null) model.send({ kind: "commit", answer: answer() });
  };
  const choose = (draft) => {
    model.take({ note: {} });
    model.set("draft", draft);
    model.save_changes();
  };
  const show2 = fieldOf(model.get("field").kind, place2, { name: question.id, choose, commit });
  const button = commitButton(el, commit), note = noteIn(announced("tlt-feedback", el));
  const say = () => {
    const words2 = model.get("words"), reason = model.get("reason");
    kind.textContent = words2.kind;
    question.textContent = reason || words2.question;
    button.textContent = words2.button;
    el.dataset.asleep = String(Boolean(reason));
    place2.hidden = Boolean(reason);
  };
  const fill = () => {
    show2(model.get("field"), model.get("draft"), model.get("closed"), model.get("truth"));
    button.disabled = answer() === null;
    button.hidden = Boolean(model.get("reason")) || model.get("closed");
  };
  questions.set(el, model);
  const judge = () => {
    note(model.get("note"));
    el.dataset.mood = model.get("note").mood ?? "";
  };
  return kept(model, [
    ["words", say],
    ["reason", say],
    ["reason", fill],
    ["field", fill],
    ["draft", fill],
    ["closed", fill],
    ["truth", fill],
    ["note", judge]
  ], () => questions.delete(el));
}
function renderSummary({ model, el }) {
  const note = noteIn(announced("tlt-feedback", el));
  return kept(model, [["note", () => note(model.get("note"))]]);
}
function renderExercise({ model, el }) {
  const { kind, question } = headed(el), note = noteIn(announced("tlt-feedback", el)), helped = announced("tlt-helped", el);
  const button = commitButton(el, () => model.send({ kind: "more" }));
  const open = () => {
    const opened = model.get("opened");
    while (helped.children.length > opened.length) helped.children[helped.children.length - 1].remove();
    opened.forEach(([title, text, code], i) => {
      const hint = helped.children[i] ?? element("div", "tlt-hint", helped);
      hint.replaceChildren(element("b", "", null, title), " ", element(code ? "pre" : "span", "", null, text));
    });
  };
  const say = () => {
    kind.textContent = model.get("kind");
    question.textContent = model.get("title");
    button.textContent = model.get("button");
    button.hidden = !model.get("button");
    button.classList.toggle("tlt-stands-back", model.get("solved"));
  };
  return kept(model, [["kind", say], ["title", say], ["button", say], ["solved", say], ["opened", open], ["note", () => note(model.get("note"))]]);
}
function renderCodes({ model, el }) {
  const codes = element("div", "tlt-codes", el), { kind, question } = headed(el), row = element("div", "tlt-chooser", el);
  kind.remove();
  row.setAttribute("role", "group");
  row.setAttribute("aria-labelledby", question.id);
  const columns = model.get("codes").map((lines) => {
    const column = element("div", "", codes), title = element("b", "", column), text = element("pre", "", column);
    for (const [line, differs] of lines) {
      element(differs ? "mark" : "span", "", text, line);
      text.append("\n");
    }
    return title;
  });
  const choose = chooser(row, (mistake) => {
    model.set("mistake", mistake);
    model.save_changes();
  });
  const say = () => {
    const [broken, right] = model.get("titles");
    columns.forEach((title, i) => {
      title.textContent = model.get("titles")[i];
    });
    question.textContent = model.get("question");
    choose([[broken, true], [right, false]], model.get("mistake"));
  };
  return kept(model, [["titles", say], ["question", say], ["mistake", say]]);
}

// controls.js
function numberWords(value) {
  return String(Number(value.toPrecision(3)));
}
function nearestStep(steps, value) {
  let best = 0;
  for (let i = 1; i < steps.length; i++) if (Math.abs(steps[i] - value) < Math.abs(steps[best] - value)) best = i;
  return best;
}
var Row = class {
  /** @param {Element} parent @param {Setting} setting @param {(name: string, value: SettingValue) => void} move */
  constructor(parent, setting, move) {
    this.setting = setting;
    const box = element("div", "tlt-row", parent), label = element("label", "tlt-row-name", box, setting.title);
    this.input = /** @type {any} */
    element(setting.scale === "choice" ? "select" : "input", "", box);
    nameBy(label, this.input);
    label.title = this.input.title = setting.about;
    this.readout = element("output", "tlt-readout", box);
    this.readout.htmlFor = this.input.id;
    this.note = element("span", "tlt-acts", box);
    this.note.title = setting.about;
    this.shape();
    this.input.addEventListener(setting.scale === "choice" || setting.scale === "switch" ? "change" : "input", () => {
      this.read();
      move(setting.name, this.value);
    });
  }
  shape() {
    const { scale, low, high, step, steps, choices } = this.setting, { input } = this;
    if (scale === "choice") for (const [text, value] of choices ?? []) element("option", "", input, text).value = value;
    else if (scale === "switch") input.type = "checkbox";
    else Object.assign(input, { type: "range" }, steps ? { min: 0, max: steps.length - 1, step: 1 } : { min: low, max: high, step, disabled: Number(low) >= Number(high) });
  }
  get value() {
    const { scale, steps } = this.setting;
    if (scale === "choice") return this.input.value;
    if (scale === "switch") return this.input.checked;
    return steps ? steps[Number(this.input.value)] : Number(this.input.value);
  }
  /** @type {(value: SettingValue, note: string) => void} */
  show(value, note) {
    const { scale, steps } = this.setting;
    if (scale === "switch") this.input.checked = Boolean(value);
    else this.input.value = String(steps ? nearestStep(steps, Number(value)) : value);
    this.note.textContent = note;
    this.read();
  }
  /** The number that stands beside the slider, said by a screen reader, too. */
  read() {
    if (this.input.type !== "range") return;
    this.readout.textContent = numberWords(Number(this.value));
    this.input.setAttribute("aria-valuetext", this.readout.textContent);
  }
};
function renderControls({ model, el, recorded }) {
  const place2 = element("div", "tlt-controls", el);
  let shown = /* @__PURE__ */ new Map();
  const move = (name, value) => {
    model.take({ values: { ...model.get("values"), [name]: value } });
    model.sendLast({ kind: "move", name, value }, name);
  };
  const show2 = () => {
    for (const [name, row] of shown) row.show(model.get("values")[name], model.get("notes")[name] ?? "");
  };
  const draw2 = () => {
    const focused = [...shown].find(([, row]) => row.input.ownerDocument.activeElement === row.input)?.[0];
    place2.replaceChildren();
    shown = new Map(model.get("rows").map((setting) => [setting.name, new Row(place2, setting, move)]));
    if (recorded) for (const { input, setting } of shown.values()) input.disabled = !setting.acts;
    place2.hidden = !shown.size;
    show2();
    if (focused) shown.get(focused)?.input.focus();
  };
  model.on("change:rows", draw2);
  model.on("change:values", show2);
  model.on("change:notes", show2);
  draw2();
  return { retell() {
  }, end: () => {
    model.off("change:rows", draw2);
    model.off("change:values", show2);
    model.off("change:notes", show2);
  } };
}

// language.js
var known = {};
function speak(translations) {
  known = translations ?? {};
}
function t(text, values = {}) {
  return (known[text] ?? text).replace(/\{(\w+)\}/g, (hole, name) => name in values ? String(values[name]) : hole);
}
function mark(text) {
  return text;
}

// charts/scales.js
function chartOf(name) {
  return /(accuracy|_AP)$/.test(name) ? 0 : 1;
}
function spoken(name) {
  return t(name.replace(/^loss\//, "").replace(/^domain_probe/, "probe").replace(/_accuracy$/, "").replaceAll("_", " "));
}
var LADDER = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
function roundUp(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return unit * (LADDER.find((rung) => rung * unit >= value * (1 - 1e-9)) ?? 10);
}
function ticks(low, high, most = 4) {
  const raw = (high - low) / most, unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 5, 10].find((rung) => rung * unit >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
function decades(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9), every = Math.ceil((last - first + 1) / 5);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => 10 ** (first + i)).filter((_, i) => i % every === 0);
}
function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length ? sorted[Math.round(q * (sorted.length - 1))] : NaN;
}
function lossRange(values, wish = "auto") {
  if (!values.length) return { low: 0, high: 1, log: false };
  const least = Math.min(...values), low = quantile(values, 0.02), high = quantile(values, 0.985);
  const log = least > 0 && (wish === "log" || wish === "auto" && high / low > 60);
  if (log) return { low: 10 ** Math.floor(Math.log10(low)), high: 10 ** Math.ceil(Math.log10(high) + 1e-9), log };
  return { low: least < 0 ? -roundUp(-low > 0 ? -low : 1e-3) : 0, high: roundUp(high > 0 ? high * 1.02 : 1e-3), log };
}
function along(value, { low, high, log }) {
  const share = log ? Math.log(Math.max(value, low / 10) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(Math.max(share, -0.02), 1.04);
}
function smooth(points, span) {
  const keep2 = Math.exp(-1 / Math.max(span, 1e-9));
  let sum = 0, weight = 0;
  return points.map(([step, value]) => {
    sum = keep2 * sum + (1 - keep2) * value;
    weight = keep2 * weight + (1 - keep2);
    return [step, sum / weight];
  });
}
function nearestAt(points, step) {
  let low = 0, high = points.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = low + high >> 1;
    if (points[middle][0] < step) low = middle;
    else high = middle;
  }
  return Math.abs(points[low][0] - step) <= Math.abs(points[high][0] - step) ? low : high;
}
function spread(wanted2, gap, top, bottom) {
  const order = wanted2.map((_, i) => i).sort((a, b) => wanted2[a] - wanted2[b]), at = [];
  let last = -Infinity;
  for (const i of order) {
    at[i] = last = Math.max(wanted2[i], last + gap, top);
  }
  let limit = bottom;
  for (const i of order.reverse()) {
    at[i] = Math.min(at[i], limit);
    limit = at[i] - gap;
  }
  return at;
}
function short(value) {
  const size = Math.abs(value);
  if (size >= 1e4 || size > 0 && size < 1e-3) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toFixed(3);
}
function tickText(value) {
  const size = Math.abs(value);
  if (size >= 1e3) return size >= 1e6 ? `${Number((value / 1e6).toPrecision(3))}M` : `${Number((value / 1e3).toPrecision(3))}k`;
  return size > 0 && size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}
function mixed(color, other, share) {
  const parts = other.map((v, i) => Math.round((1 - share) * Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16) + share * v));
  return `rgb(${parts.join(" ")})`;
}

// charts/charts.js
var COLORS = {
  // Okabe and Ito (2008); blue and the black are lifted on a dark ground
  light: ["#0072B2", "#D55E00", "#009E73", "#B5528B", "#8A6A00", "#3B8FC4", "#444444"],
  dark: ["#56A8E0", "#F07A2E", "#2BBE93", "#DD8DB9", "#E6B93C", "#8CCBF0", "#C8C8C8"]
};
var DASHES = [[], [6, 3], [2, 2.5], [8, 3, 2, 3], [4, 2], [1.5, 3], [10, 3]];
var FIXED = { target_accuracy: [1, 0], source_accuracy: [0, 1], domain_probe_accuracy: [2, 2], target_AP: [1, 3], source_AP: [0, 4], "loss/task": [0, 0] };
var LEFT2 = 40;
var RIGHT2 = 112;
var TOP2 = 25;
var BOTTOM2 = 17;
var lastOf = (curve) => curve[curve.length - 1];
var Curves = class {
  /** @type {Series} */
  series = {};
  /** @type {Change[]} */
  changes = [];
  /** @type {string[]} */
  order = [];
  /** @type {number | null} */
  step = null;
  // that is read
  cursor = -1;
  // the step that the map shows; -1 while live
  /** @type {ScaleWish} */
  wish = "auto";
  isLog = false;
  /** @type {Range} */
  range = { low: 0, high: 1, log: false };
  limit = 20;
  // the step where the axis ends
  zoom = 1;
  ink = "";
  font = "";
  faint = "";
  /** @type {string[]} */
  colors = [];
  /** @type {string[]} */
  lettering = [];
  request = 0;
  /** @type {(wish: ScaleWish) => void} */
  onWish = () => {
  };
  /** @type {(step: number, name: string) => void} */
  onPress = () => {
  };
  /** @type {HTMLButtonElement} */
  logButton;
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("tlt-curves");
    this.charts = [t("accuracy"), t("loss terms")].map((title, c) => this.chart(title, c));
    this.tip = element("div", "tlt-tip", root);
    this.tip.hidden = true;
    this.sizes = new ResizeObserver(() => this.draw());
    this.charts.forEach(({ box }) => this.sizes.observe(box));
    this.themes = new MutationObserver(() => this.wake());
    this.themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  }
  /** @type {(title: string, c: number) => Chart} */
  chart(title, c) {
    const box = element("div", "tlt-chart", this.root), canvas = element("canvas", "", box);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.addEventListener("pointermove", (event) => this.point(event, c));
    canvas.addEventListener("pointerleave", () => this.read(null));
    canvas.addEventListener("click", (event) => this.press(c, event));
    canvas.addEventListener("keydown", (event) => this.key(event, c));
    canvas.addEventListener("blur", () => this.read(null));
    if (c === 1) this.button(box);
    return { box, canvas, title };
  }
  /** @type {(box: Element) => void} */
  button(box) {
    const button = element("button", "tlt-chip tlt-scale", box, t("log"));
    button.type = "button";
    button.title = t("Logarithmic scale for the loss terms, where all are positive");
    button.addEventListener("click", () => {
      this.wish = this.isLog ? "linear" : "log";
      this.onWish(this.wish);
      this.draw();
    });
    this.logButton = button;
  }
  destroy() {
    cancelAnimationFrame(this.request);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.root.replaceChildren();
  }
  /** @type {(kind: "all" | "more", series: Series, changes: Change[]) => void} */
  tell(kind, series, changes) {
    if (kind === "all") {
      this.series = {};
      this.order = [];
    }
    for (const [name, points] of Object.entries(series)) {
      if (!this.series[name]) {
        this.series[name] = [];
        this.order.push(name);
      }
      this.series[name].push(...points);
    }
    this.changes = changes;
    this.wake();
  }
  wake() {
    if (!this.request) this.request = requestAnimationFrame(() => {
      this.request = 0;
      this.draw();
    });
  }
  // -------------------------------------------------------------- what a person does
  get last() {
    return Math.max(1, ...Object.values(this.series).map((points) => points.at(-1)?.[0] ?? 0));
  }
  /** @type {(event: PointerEvent, c: number) => void} */
  point(event, c) {
    const box = this.charts[c].canvas.getBoundingClientRect();
    const share = ((event.clientX - box.left) / this.zoom - LEFT2) / Math.max(box.width / this.zoom - LEFT2 - RIGHT2, 1);
    this.read(share < -0.03 || share > 1.03 ? null : share * this.limit, c);
  }
  /** @type {(event: KeyboardEvent, c: number) => void} */
  key(event, c) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") this.read(null);
    if (event.key === "Enter" && this.step !== null) this.press(c);
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    this.read(Math.min(Math.max((this.step ?? this.last) + way * this.limit / 60, 0), this.last), c);
  }
  /** The value of a curve was pressed: the one under the pointer, by key the first. @type {(c: number, event?: MouseEvent | null) => void} */
  press(c, event = null) {
    const names = this.names(c), { step } = this;
    if (step === null || !names.length) return;
    const { canvas } = this.charts[c], range = c ? this.range : { low: 0, high: 1, log: false };
    const at = event ? (event.clientY - canvas.getBoundingClientRect().top) / this.zoom : 0, height = canvas.clientHeight / this.zoom;
    const away = (name2) => Math.abs(at - (height - BOTTOM2 - along(this.series[name2][nearestAt(this.series[name2], step)][1], range) * (height - TOP2 - BOTTOM2)));
    const name = event ? names.reduce((best, other) => away(other) < away(best) ? other : best) : names[0];
    this.onPress(this.series[name][nearestAt(this.series[name], step)][0], name);
  }
  /** @type {(step: number | null, c?: number) => void} */
  read(step, c = 0) {
    this.step = step === null ? null : Math.min(Math.max(step, 0), this.last);
    this.fillTip(c);
    this.draw();
  }
  /** @type {(c: number) => void} */
  fillTip(c) {
    const { step } = this, names = this.names(c);
    this.tip.hidden = step === null || !names.length;
    if (step === null || !names.length) return;
    this.tip.replaceChildren();
    const list = element("dl", "", this.tip);
    element("dt", "", list, t("step"));
    element("dd", "", list, String(Math.round(step)));
    for (const name of names) {
      const curve = this.series[name];
      element("dt", "", list, spoken(name));
      element("dd", "", list, short(curve[nearestAt(curve, step)][1]));
    }
    const near = this.changes.filter(([at]) => Math.abs(at - step) < this.limit / 60);
    for (const [at, text] of near.slice(-3)) element("p", "", this.tip, t("step {step}: {text}", { step: at, text }));
    this.putTip(c, step);
  }
  /** @type {(c: number, step: number) => void} */
  putTip(c, step) {
    const { box } = this.charts[c], x = (LEFT2 + step / this.limit * (box.clientWidth / this.zoom - LEFT2 - RIGHT2)) * this.zoom;
    const left = x + 12 + this.tip.offsetWidth > box.clientWidth ? x - 12 - this.tip.offsetWidth : x + 12;
    this.tip.style.transform = `translate(${Math.round(Math.max(left, 2))}px, ${Math.round(box.offsetTop + 22)}px)`;
  }
  // -------------------------------------------------------------- the picture itself
  /** @type {(c: number) => string[]} */
  names(c) {
    return this.order.filter((name) => chartOf(name) === c && this.series[name].length);
  }
  /** @type {(name: string, c: number) => { color: string, lettering: string, dash: number[] }} */
  look(name, c) {
    const at = this.order.filter((other) => chartOf(other) === c).indexOf(name), [color, dash] = FIXED[name] ?? [at + (c === 0 ? 2 : 0), at];
    const i = color % this.colors.length;
    return { color: this.colors[i], lettering: this.lettering[i], dash: DASHES[dash % DASHES.length] };
  }
  draw() {
    const style = getComputedStyle(this.root), [r, g, b] = (style.color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
    this.zoom = (parseFloat(style.fontSize) || 12) / 12;
    this.ink = style.color;
    this.font = style.fontFamily;
    this.faint = style.getPropertyValue("--tlt-grid").trim() || "#8884";
    this.colors = COLORS[0.2126 * r + 0.7152 * g + 0.0722 * b > 140 ? "dark" : "light"];
    this.lettering = this.colors.map((color) => mixed(color, [r, g, b], 0.3));
    this.limit = roundUp(Math.max(this.last, 20));
    const losses = this.names(1), values = losses.flatMap((name) => this.series[name].map(([, value]) => value));
    const range = lossRange(values, this.wish);
    this.range = range;
    this.isLog = range.log;
    this.logButton.setAttribute("aria-pressed", String(range.log));
    this.drawChart(0, { low: 0, high: 1, log: false });
    this.drawChart(1, range);
  }
  /** @type {(c: number, range: Range) => void} */
  drawChart(c, range) {
    const { canvas, box, title } = this.charts[c], width = box.clientWidth / this.zoom, height = box.clientHeight / this.zoom;
    const scale = (window.devicePixelRatio || 1) * this.zoom;
    if (!width || !height) return;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    const context = brushOf(canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const x = (step) => LEFT2 + step / this.limit * (width - LEFT2 - RIGHT2);
    const y = (value) => height - BOTTOM2 - along(value, range) * (height - TOP2 - BOTTOM2);
    const plane = { context, width, height, x, y, c };
    this.drawAxes(plane, range, title);
    this.drawMarks(plane);
    for (const name of this.names(c)) this.drawLine(plane, name);
    this.drawLabels(plane);
    canvas.setAttribute("aria-label", this.summary(c, title));
  }
  /** @type {(plane: Plane, range: Range, title: string) => void} */
  drawAxes({ context, width, height, x, y }, range, title) {
    context.font = `12px ${this.font}`;
    context.textBaseline = "middle";
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const tick of range.log ? decades(range.low, range.high) : ticks(range.low, range.high, height < 110 ? 2 : 4)) {
      context.strokeStyle = this.faint;
      context.beginPath();
      context.moveTo(LEFT2, Math.round(y(tick)) + 0.5);
      context.lineTo(width - RIGHT2, Math.round(y(tick)) + 0.5);
      context.stroke();
      context.globalAlpha = 0.72;
      context.fillStyle = this.ink;
      context.fillText(tickText(tick), LEFT2 - 5, y(tick));
      context.globalAlpha = 1;
    }
    context.textAlign = "center";
    context.globalAlpha = 0.72;
    for (const tick of ticks(0, this.limit, 4)) context.fillText(tickText(tick), x(tick), height - BOTTOM2 + 9);
    context.textAlign = "left";
    context.fillText(t("steps"), width - RIGHT2 + 18, height - BOTTOM2 + 9);
    context.globalAlpha = 1;
    context.font = `600 12px ${this.font}`;
    context.fillText(title, 2, 8);
  }
  /** @type {(plane: Plane) => void} */
  drawMarks({ context, height, x }) {
    const line = (at, dash) => {
      context.setLineDash(dash);
      context.beginPath();
      context.moveTo(x(at), TOP2 - 3);
      context.lineTo(x(at), height - BOTTOM2);
      context.stroke();
    };
    context.strokeStyle = this.ink;
    context.fillStyle = this.ink;
    context.lineWidth = 1;
    for (const [step] of this.changes) {
      context.globalAlpha = 0.3;
      line(step, [2, 3]);
      context.globalAlpha = 0.75;
      context.beginPath();
      context.moveTo(x(step) - 3.5, TOP2 - 5);
      context.lineTo(x(step) + 3.5, TOP2 - 5);
      context.lineTo(x(step), TOP2 + 1);
      context.fill();
    }
    context.globalAlpha = 0.55;
    if (this.step !== null) line(this.step, []);
    context.globalAlpha = 0.9;
    if (this.cursor >= 0) line(this.cursor, [4, 2]);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
  /** @type {(plane: Plane, name: string) => void} */
  drawLine({ context, x, y, c }, name) {
    const points = this.series[name], { color, dash } = this.look(name, c), noisy = c === 1 && points.length > 40;
    const path2 = (list) => {
      context.beginPath();
      list.forEach(([step, value], i) => i ? context.lineTo(x(step), y(value)) : context.moveTo(x(step), y(value)));
      context.stroke();
    };
    context.strokeStyle = color;
    context.lineJoin = "round";
    if (noisy) {
      context.globalAlpha = 0.22;
      context.lineWidth = 1;
      path2(points);
      context.globalAlpha = 1;
    }
    context.setLineDash(dash);
    context.lineWidth = 1.8;
    path2(noisy ? smooth(points, Math.min(points.length / 25, 20)) : points);
    context.setLineDash([]);
    if (points.length === 1) {
      context.fillStyle = color;
      context.fillRect(x(points[0][0]) - 2, y(points[0][1]) - 2, 4, 4);
    }
  }
  /** @type {(plane: Plane) => void} */
  drawLabels({ context, width, height, x, y, c }) {
    const names = this.names(c), ends = names.map((name) => lastOf(this.series[name]));
    const settled = names.map((name, i) => c === 1 && this.series[name].length > 40 ? lastOf(smooth(this.series[name], Math.min(this.series[name].length / 25, 20))) : ends[i]);
    const at = spread(settled.map(([, value]) => y(value)), 13, TOP2 - 2, height - BOTTOM2 - 4);
    context.font = `12px ${this.font}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    names.forEach((name, i) => {
      const left = Math.min(x(settled[i][0]) + 6, width - RIGHT2 + 6);
      const number = short(settled[i][1]);
      context.font = `600 12px ${this.font}`;
      context.fillStyle = this.look(name, c).lettering;
      context.fillText(number, left, at[i]);
      const shift = Math.max(...["0.000", number].map((text) => context.measureText(text).width)) + 5;
      context.font = `12px ${this.font}`;
      context.fillText(this.clip(context, spoken(name), width - left - shift - 2), left + shift, at[i]);
    });
  }
  /** @type {(context: CanvasRenderingContext2D, text: string, room: number) => string} */
  clip(context, text, room) {
    let cut = text;
    while (cut.length > 1 && context.measureText(cut).width > room) cut = `${cut.slice(0, -2)}…`;
    return cut;
  }
  /** @type {(c: number, title: string) => string} */
  summary(c, title) {
    const names = this.names(c);
    if (!names.length) return t("Chart of the {title}: nothing yet.", { title });
    const said2 = names.map((name) => `${spoken(name)} ${short(lastOf(this.series[name])[1])}`).join(", ");
    return t("Chart of the {title} up to step {step}: {said}. Left and right arrow keys read values; Enter goes to that step and selects its points.", { title, step: Math.round(this.last), said: said2 });
  }
};

// points/geometry.js
function bounds(xy, keep2 = () => true) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length / 2; i++) {
    if (!keep2(i)) continue;
    box[0] = Math.min(box[0], xy[2 * i]);
    box[2] = Math.max(box[2], xy[2 * i]);
    box[1] = Math.min(box[1], xy[2 * i + 1]);
    box[3] = Math.max(box[3], xy[2 * i + 1]);
  }
  return box[0] <= box[2] ? box : null;
}
function joined(a, b) {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
function nearest2(xy, x, y, radius, visible = () => true) {
  let found2 = -1, least = radius * radius;
  for (let i = 0; i < xy.length / 2; i++) {
    const d = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
    if (d <= least && visible(i)) {
      least = d;
      found2 = i;
    }
  }
  return found2;
}
function toward(xy, i, dx, dy, visible = () => true) {
  let found2 = i, least = Infinity;
  for (let j = 0; j < xy.length / 2; j++) {
    const ex = xy[2 * j] - xy[2 * i], ey = xy[2 * j + 1] - xy[2 * i + 1];
    const ahead = ex * dx + ey * dy, aside = Math.abs(ex * dy - ey * dx);
    if (ahead <= 0 || ahead < aside || !visible(j)) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) {
      least = cost;
      found2 = j;
    }
  }
  return found2;
}
function turned(xy, angle) {
  if (!angle) return xy;
  const cos = Math.cos(angle), sin = Math.sin(angle), out = new Float32Array(xy.length);
  for (let i = 0; i < xy.length; i += 2) {
    out[i] = cos * xy[i] - sin * xy[i + 1];
    out[i + 1] = sin * xy[i] + cos * xy[i + 1];
  }
  return out;
}
var TURNS = 36;
var ENOUGH = 1e3;
function scaleAt(xy, angle, width, height) {
  const box = bounds(turned(xy, angle)) ?? [0, 0, 0, 0];
  return Math.max((box[2] - box[0]) / width, (box[3] - box[1]) / height);
}
function bestTurn(xy, now, width, height, gain = 1.15) {
  const every = Math.max(1, Math.ceil(xy.length / 2 / ENOUGH)), few = every === 1 ? xy : xy.filter((_, i) => Math.floor(i / 2) % every === 0);
  if (few.length < 4 || !width || !height) return now;
  let best = now, least = scaleAt(few, now, width, height) / gain;
  for (let i = 0; i < TURNS; i++) {
    const angle = Math.PI * i / TURNS, scale = scaleAt(few, angle, width, height);
    if (scale < least) {
      least = scale;
      best = angle;
    }
  }
  return best;
}
function median(values) {
  return values.length ? Float64Array.from(values).sort()[values.length - 1 >> 1] : NaN;
}
function isFlat(xy) {
  return xy.length > 2 && xy.every((value, i) => value === xy[i % 2]);
}

// points/names.js
function anchors(xy, labels, isTarget, classes) {
  const rows = Array.from({ length: classes }, () => (
    /** @type {number[]} */
    []
  ));
  for (let i = 0; i < labels.length; i++) if (labels[i] >= 0 && labels[i] < classes && !isTarget[i]) rows[labels[i]].push(i);
  const center = (list) => [median(list.map((i) => xy[2 * i])), median(list.map((i) => xy[2 * i + 1]))];
  const spread2 = (list, [x, y]) => median(list.map((i) => Math.hypot(xy[2 * i] - x, xy[2 * i + 1] - y)));
  const all = rows.flat(), whole = spread2(all, center(all)) || 1;
  return rows.map((list) => {
    const at = center(list), wide = spread2(list, at) || 0;
    return { x: at[0], y: at[1], wide, sure: list.length ? Math.min(Math.max((0.72 - wide / whole) / 0.25, 0), 1) : 0 };
  });
}
function lift(spread2) {
  return (1.5 * spread2 + 11) * Math.min(Math.max((38 - spread2) / 14, 0), 1);
}
function namesBetween(were, names, t2) {
  const between2 = (a, b) => a + t2 * (b - a);
  return names.map((to, c) => {
    const from = were?.[c] ?? to;
    return { x: between2(from.x, to.x), y: between2(from.y, to.y), wide: between2(from.wide, to.wide), sure: between2(from.sure, to.sure) };
  });
}
function namesNow({ names, namesWere, motion }, now = performance.now()) {
  return namesBetween(namesWere, names, motion.share(now));
}
function haloed(context, text, [x, y], { paper, ink }, rim = 4) {
  context.lineJoin = "round";
  context.strokeStyle = paper;
  context.lineWidth = rim;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}
function uncrowded(boxes, few = 12) {
  if (boxes.length <= few) return boxes;
  const touch = (a, b) => Math.abs(a.x - b.x) < (a.w + b.w) / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2;
  const kept3 = [];
  for (const box of boxes) if (!kept3.some((other) => touch(box, other))) kept3.push(box);
  return kept3;
}
function drawNames(context, scene) {
  const { points, look, lit } = scene, size = look.presenter ? 22 : 13;
  if (scene.filter.off.domain.has(0)) return;
  context.font = `600 ${size}px ${look.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const boxes = nameBoxes(scene).map((box) => ({ ...box, w: context.measureText(points.classes[box.c]).width, h: size }));
  for (const { c, x, y, sure } of uncrowded(boxes)) {
    context.globalAlpha = sure * (lit && !(lit.what === "class" && lit.key === c) ? 0.25 : 1);
    haloed(context, points.classes[c], [x, Math.max(y, size * 0.7)], look, look.presenter ? 6 : 4);
  }
  context.globalAlpha = 1;
}
function nameBoxes({ frame: frame2, viewport, filter, layers, centers }) {
  const found2 = namesNow(frame2).map(({ x, y, wide, sure }, c) => {
    const [px, middle] = viewport.place(x, y), up = lift(wide / viewport.view.k);
    return { c, sure, x: px, middle, y: middle - (layers.centroids && centers ? asideOf(centers[c], up) : up) };
  });
  const seen = ({ x, middle }) => x > 0 && x < viewport.width && middle > 0 && middle < viewport.height;
  return found2.filter((box) => box.sure > 0.02 && !filter.off.class.has(box.c) && seen(box));
}
function asideOf({ source, target }, up) {
  return source && target && target.y > source.y ? -20 : Math.max(up, 19);
}

// points/axes.js
function axisAt(tips, viewport, [px, py], reach = 12) {
  let found2 = -1, least = reach;
  for (let axis = 0; axis < tips.length / 2; axis++) {
    const [x, y] = viewport.place(tips[2 * axis], tips[2 * axis + 1]), away = Math.hypot(x - px, y - py);
    if (away < least) {
      least = away;
      found2 = axis;
    }
  }
  return found2;
}
function wanted(xy, axes) {
  return joined(bounds(xy), axes && joined(bounds(axes), [0, 0, 0, 0]));
}
function drawAxes(context, { frame: frame2, viewport, look }, held) {
  const axes = frame2.axes ?? new Float32Array(0), radius = look.presenter ? 8 : 5.5, [ox, oy] = viewport.place(0, 0);
  context.font = `600 ${look.presenter ? 16 : 12}px ${look.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let axis = 0; axis < axes.length / 2; axis++) {
    const [x, y] = viewport.place(axes[2 * axis], axes[2 * axis + 1]), length = Math.hypot(x - ox, y - oy) || 1;
    context.globalAlpha = axis === held ? 1 : 0.6;
    context.strokeStyle = look.ink;
    context.lineWidth = axis === held ? 2.4 : 1.4;
    context.beginPath();
    context.moveTo(ox, oy);
    context.lineTo(x, y);
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(x, y, axis === held ? radius + 2 : radius, 0, 2 * Math.PI);
    context.fillStyle = axis === held ? look.ink : look.paper;
    context.fill();
    context.stroke();
    const away = radius + (look.presenter ? 13 : 9);
    haloed(context, String(axis + 1), [x + away * (x - ox) / length, y + away * (y - oy) / length], look);
  }
}

// points/colors.js
var SHARED = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
var LIGHT = [...SHARED, "#222222", "#7B4247", "#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"];
var DARK = [...SHARED, "#EDEDED", "#F0E442", "#A46BF5", "#994135", "#B4C7B7", "#C23492", "#85F8A1", "#7A7487", "#5CD1FB", "#92B380"];
function palette(count, dark = false) {
  const known2 = dark ? DARK : LIGHT;
  const more = (i) => `hsl(${Math.round(i * 137.508 % 360)} ${[75, 45, 90][i % 3]}% ${(dark ? [62, 78, 50] : [42, 28, 55])[i % 3]}%)`;
  return Array.from({ length: count }, (_, i) => known2[i] ?? more(i));
}
var EDGE = 3;
function channels(color) {
  if (color.startsWith("#")) return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const [a, b, c] = (color.match(/[\d.]+/g) ?? []).map(Number);
  if (!color.startsWith("hsl")) return [a, b, c];
  const light = c / 100, reach = b / 100 * Math.min(light, 1 - light);
  return [0, 8, 4].map((n) => {
    const k = (n + a / 30) % 12;
    return 255 * (light - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  });
}
function luminance(color) {
  const [r, g, b] = channels(color).map((v) => v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
function edgeOf(color, paper, ink) {
  if (!paper || !ink) return null;
  if (contrast(color, paper) >= EDGE) return null;
  const from = channels(color), to = channels(ink);
  for (let share = 0.1; share < 1; share += 0.1) {
    const mix2 = `rgb(${from.map((v, i) => Math.round((1 - share) * v + share * to[i])).join(" ")})`;
    if (contrast(mix2, paper) >= EDGE) return mix2;
  }
  return ink;
}
function isDark(color) {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
}

// points/marks.js
function markerRadius(n, presenter = false) {
  return Math.min(Math.max(5.6 - n / 420, 2.6), 5.4) * (presenter ? 1.5 : 1);
}
function trace(context, target, x, y, r) {
  context.beginPath();
  if (!target) {
    context.arc(x, y, r * 0.86, 0, 2 * Math.PI);
    return;
  }
  context.moveTo(x, y - r * 1.12);
  context.lineTo(x + r * 1.06, y + r * 0.78);
  context.lineTo(x - r * 1.06, y + r * 0.78);
  context.closePath();
}
function sheetOf(half, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * half * scale);
  const context = brushOf(canvas);
  context.scale(scale, scale);
  context.lineJoin = "round";
  return { canvas, context, half };
}
function stamp(color, target, { radius, scale, paper, ink }) {
  const { canvas, context, half } = sheetOf(Math.ceil(radius * 1.2 + 3), scale);
  const edge = edgeOf(color, paper, ink), width = Math.max(1.5, radius * 0.36);
  trace(context, target, half, half, radius);
  if (target) {
    context.strokeStyle = paper;
    context.lineWidth = 1.6;
    context.stroke();
    context.fillStyle = color;
    context.fill();
    if (edge) {
      context.strokeStyle = edge;
      context.lineWidth = 1;
      context.stroke();
    }
  } else {
    if (edge) {
      context.strokeStyle = edge;
      context.lineWidth = width + 1.4;
      context.stroke();
    }
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }
  return { canvas, half };
}
function ringStamp(color, { radius, scale }) {
  const { canvas, context, half } = sheetOf(Math.ceil(radius + 6), scale);
  context.beginPath();
  context.arc(half, half, radius + 3.4, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = 1.7;
  context.stroke();
  return { canvas, half };
}
function icon(target) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const shape2 = document.createElementNS("http://www.w3.org/2000/svg", target ? "path" : "circle");
  const about = target ? { d: "M6 1 11 10H1Z", fill: "currentColor" } : { cx: 6, cy: 6, r: 4, fill: "none", stroke: "currentColor", "stroke-width": 1.8 };
  for (const [key, value] of Object.entries(about)) shape2.setAttribute(key, String(value));
  svg.append(shape2);
  return svg;
}

// points/centroids.js
var APART = 0.15;
function centroids({ labels, isTarget, classes }, xy) {
  const sums = Array.from({ length: 2 * classes.length }, () => ({ x: 0, y: 0, n: 0 }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] < 0 || labels[i] >= classes.length) continue;
    const sum = sums[2 * labels[i] + isTarget[i]];
    sum.x += xy[2 * i];
    sum.y += xy[2 * i + 1];
    sum.n++;
  }
  const centers = sums.map(({ x, y, n }) => n ? { x: x / n, y: y / n, n } : null), scale = spreadOf(xy);
  return classes.map((_, c) => {
    const [source, target] = [centers[2 * c], centers[2 * c + 1]];
    return { source, target, gap: source && target && scale ? Math.hypot(source.x - target.x, source.y - target.y) / scale : null };
  });
}
function spreadOf(xy) {
  const n = xy.length / 2;
  let x = 0, y = 0, square = 0;
  for (let i = 0; i < n; i++) {
    x += xy[2 * i] / n;
    y += xy[2 * i + 1] / n;
  }
  for (let i = 0; i < n; i++) square += ((xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2) / n;
  return Math.sqrt(square);
}
function widest(centers) {
  const gaps = centers.map(({ gap }) => gap ?? 0), most = Math.max(...gaps, 0);
  return most > APART ? gaps.indexOf(most) : -1;
}
function drawCentroids(context, scene) {
  const { points, frame: frame2, colors, filter, lit } = scene, shown = filter.off;
  centroids(points, frame2.motion.now).forEach((center, c) => {
    if (shown.class.has(c)) return;
    context.globalAlpha = lit && !(lit.what === "class" && lit.key === c) ? 0.2 : 1;
    const { source, target } = center;
    if (source && target && !shown.domain.size) drawGap(context, scene, { source, target, gap: center.gap, color: colors[c] });
    if (source && !shown.domain.has(0)) drawCenter(context, scene, source, { color: colors[c], target: false });
    if (target && !shown.domain.has(1)) drawCenter(context, scene, target, { color: colors[c], target: true });
  });
  context.globalAlpha = 1;
}
function drawCenter(context, { points, viewport, look }, { x, y }, { color, target }) {
  const [px, py] = viewport.place(x, y), radius = (points.classes.length > 20 ? 5.5 : 8.5) * (look.presenter ? 1.5 : 1);
  trace(context, target, px, py, radius);
  context.lineJoin = "round";
  context.strokeStyle = look.paper;
  context.lineWidth = target ? 4 : 7;
  context.stroke();
  context.fillStyle = target ? color : look.paper;
  context.fill();
  context.strokeStyle = target ? look.ink : color;
  context.lineWidth = target ? 1.2 : 0.37 * radius;
  context.stroke();
}
function drawGap(context, { viewport, look }, { source, target, gap, color }) {
  const [ax, ay] = viewport.place(source.x, source.y), [bx, by] = viewport.place(target.x, target.y);
  for (const { style, width } of [{ style: look.paper, width: 6 }, { style: color, width: 2.6 }]) {
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.strokeStyle = style;
    context.lineWidth = look.presenter ? 1.5 * width : width;
    context.stroke();
  }
  if (gap === null || Math.hypot(ax - bx, ay - by) < (look.presenter ? 70 : 46)) return;
  context.font = `600 ${look.presenter ? 17 : 12}px ${look.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  haloed(context, gap.toFixed(2), [(ax + bx) / 2, (ay + by) / 2], look);
}

// points/density.js
var CELLS = 56;
var HEIGHTS = [0.15, 0.4, 0.7];
function densityOf(xy, chosen) {
  if (chosen.length < 5) return null;
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length / 2; i++) {
    left = Math.min(left, xy[2 * i]);
    right = Math.max(right, xy[2 * i]);
    bottom = Math.min(bottom, xy[2 * i + 1]);
    top = Math.max(top, xy[2 * i + 1]);
  }
  const cell = 1.2 * Math.max(right - left, top - bottom) / CELLS;
  if (!(cell > 0)) return null;
  const around = 0.1 * Math.max(right - left, top - bottom);
  left -= around;
  bottom -= around;
  const columns = Math.ceil((right - left + around) / cell) + 1, rows = Math.ceil((top - bottom + around) / cell) + 1;
  let grid2 = new Float64Array(columns * rows);
  for (const i of chosen) grid2[Math.round((xy[2 * i + 1] - bottom) / cell) * columns + Math.round((xy[2 * i] - left) / cell)]++;
  const width = Math.max(1, 1.9 * (chosen.length / 300) ** (-1 / 6));
  grid2 = smoothed(grid2, [columns, rows], width);
  return { grid: grid2, columns, rows, left, bottom, cell };
}
function smoothed(grid2, [columns, rows], width) {
  const reach = Math.ceil(3 * width), weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * width ** 2)));
  const pass = (from, step, at, length) => {
    const to = new Float64Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const place2 = at(i);
      for (let k = Math.max(-reach, -place2); k <= Math.min(reach, length - 1 - place2); k++) to[i] += weights[k + reach] * from[i + k * step];
    }
    return to;
  };
  return pass(pass(grid2, 1, (i) => i % columns, columns), columns, (i) => Math.floor(i / columns), rows);
}
function contour({ grid: grid2, columns, rows, left, bottom, cell }, height) {
  const value = (c, r) => grid2[r * columns + c];
  const segments = [];
  for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) {
    const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
    const cuts = [];
    for (let k = 0; k < 4; k++) {
      const [one, other] = [corners[k], corners[(k + 1) % 4]], a = value(...one), b = value(...other);
      if (a >= height === b >= height) continue;
      const share = (height - a) / (b - a);
      cuts.push(left + cell * (one[0] + share * (other[0] - one[0])), bottom + cell * (one[1] + share * (other[1] - one[1])));
    }
    for (let at = 0; at + 3 < cuts.length; at += 4) segments.push(cuts.slice(at, at + 4));
  }
  return segments;
}
function contours(points, xy, shows) {
  return [0, 1].map((domain) => {
    const density = densityOf(xy, Array.from({ length: points.n }, (_, i) => i).filter((i) => points.isTarget[i] === domain && shows(i)));
    if (!density) return [];
    const most = density.grid.reduce((a, b) => Math.max(a, b), 0);
    return HEIGHTS.map((height) => contour(density, height * most));
  });
}
function drawDensity(context, { viewport, look }, both, colors) {
  both.forEach((heights, domain) => {
    context.strokeStyle = colors[domain];
    context.setLineDash(domain ? [] : [5, 3]);
    heights.forEach((segments, at) => {
      context.globalAlpha = 0.45 + 0.2 * at;
      context.lineWidth = look.presenter ? 2.4 : 1.5;
      context.beginPath();
      for (const [x0, y0, x1, y1] of segments) {
        context.moveTo(...viewport.place(x0, y0));
        context.lineTo(...viewport.place(x1, y1));
      }
      context.stroke();
    });
  });
  context.setLineDash([]);
  context.globalAlpha = 1;
}

// points/filter.js
var Filter = class {
  /** @type {Record<Kind, Set<number>>} */
  off = { class: /* @__PURE__ */ new Set(), domain: /* @__PURE__ */ new Set() };
  mask = new Uint8Array(0);
  /** @type {Points | null | undefined} */
  points;
  /** @type {Keep} */
  shows = (i) => this.mask[i] === 1;
  /** New points: everything on, unless their classes and domains are the old ones. @type {(points: Points | null) => void} */
  reset(points) {
    const alike2 = (kind) => String(this.points?.[kind]) === String(points?.[kind]);
    if (!alike2("names") || !alike2("domains")) {
      this.off.class.clear();
      this.off.domain.clear();
    }
    this.points = points;
    this.update();
  }
  /** What is off, to be kept: names of classes, numbers of domains. */
  get hidden() {
    return { classes: Array.from(this.off.class, (c) => this.points?.names[c] ?? ""), domains: Array.from(this.off.domain) };
  }
  /** Switch off what was kept, as far as these points have it. @type {(hidden: Hidden) => void} */
  hide({ classes = [], domains = [] }) {
    const numbers = (names, all) => names.map((name) => all.indexOf(name)).filter((c) => c >= 0);
    this.off.class = new Set(numbers(classes, this.points?.names ?? []));
    this.off.domain = new Set(numbers(domains, [0, 1]));
    this.update();
  }
  /**
   * Switch one key off or on; with `alone`, all others of its kind off, and back on the second time.
   * @type {(kind: Kind, key: number, alone?: boolean) => void}
   */
  press(kind, key, alone = false) {
    const set = this.off[kind], total = this.points?.[kind === "class" ? "classes" : "domains"].length ?? 0;
    if (!alone) {
      if (!set.delete(key)) set.add(key);
    } else {
      const was = set.size === total - 1 && !set.has(key);
      set.clear();
      if (!was) {
        for (let other = 0; other < total; other++) if (other !== key) set.add(other);
      }
    }
    this.update();
  }
  update() {
    const { points } = this, n = points?.n ?? 0;
    this.mask = new Uint8Array(n);
    if (!points) return;
    for (let i = 0; i < n; i++) this.mask[i] = Number(!this.off.class.has(points.labels[i]) && !this.off.domain.has(points.isTarget[i]));
  }
};

// points/finder.js
var LETTER_PAUSE = 250;
function found(points, letters, shows = () => true) {
  const wanted2 = letters.trim().toLowerCase();
  if (!wanted2) return [];
  const name = (i) => (points.classes[points.labels[i]] ?? "").toLowerCase();
  const ways = [(i) => name(i) === wanted2, (i) => name(i).startsWith(wanted2), (i) => (points.texts?.[i] ?? "").toLowerCase().includes(wanted2)];
  const rows = Array.from({ length: points.n }, (_, i) => i).filter(shows);
  return ways.map((way) => rows.filter(way)).find((list) => list.length) ?? [];
}
var Finder = class {
  /** @param {Element} parent @param {(letters: string) => void} act */
  constructor(parent, act) {
    this.field = element("input", "tlt-search", parent);
    this.field.type = "search";
    this.field.placeholder = t("Find");
    this.field.title = t("Select the points of a class, or those whose text holds these letters (key / on the map)");
    this.field.setAttribute("aria-label", t("Find points by class or text"));
    let waiting = 0;
    const tell = () => {
      clearTimeout(waiting);
      act(this.field.value);
    };
    this.field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(tell, LETTER_PAUSE);
    });
    this.field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") tell();
      if (event.key === "Escape") {
        this.field.value = "";
        tell();
      }
    });
  }
  /** @type {(points: Points | null) => void} */
  show(points) {
    this.field.hidden = !points;
  }
  /** Whether it found something. @type {(any: boolean) => void} */
  tell(any) {
    this.field.setAttribute("aria-invalid", String(!any && this.field.value.trim() !== ""));
  }
  focus() {
    this.field.focus();
  }
};

// points/painter.js
var MANY = 2e3;
var FAINT = 0.5;
var TRUSTED = 0.9;
var SMALLEST = 0.45;
var LARGEST = 4;
function sizeOf(weight) {
  return weight === void 0 || Number.isNaN(weight) ? 1 : Math.min(Math.max(Math.sqrt(weight), SMALLEST), LARGEST);
}
function untrusted(trust) {
  return trust.reduce((sum, value) => sum + Number(value < TRUSTED), 0) / trust.length;
}
function strengths(points, { mask, predictions, lit = null, fade = false, chosen = null, quiet = false, trust = null }, out) {
  const { labels, isTarget, n } = points;
  for (let i = 0; i < n; i++) {
    const stands = !lit || (lit.what === "class" ? labels[i] : isTarget[i]) === lit.key;
    if (!mask[i]) out[i] = 0;
    else if (!stands || chosen && !chosen[i]) out[i] = 0.13;
    else if (fade && !isWrong(points, predictions, i)) out[i] = 0.22;
    else if (trust && trust[i] < TRUSTED && !chosen) out[i] = 0.45;
    else out[i] = quiet && !chosen ? 0.3 : isTarget[i] ? 0.88 : 0.95;
  }
  return out;
}
function isWrong({ labels }, predictions, i) {
  return predictions.length > 0 && labels[i] >= 0 && predictions[i] !== labels[i];
}
function drawPoints(context, scene) {
  for (const strong of [false, true]) stampPoints(context, scene, strong);
  context.globalAlpha = 1;
}
function stampPoints(context, { points, frame: frame2, viewport, stamps, alphas, layers, hues: hues2, weights }, strong) {
  const { isTarget, n } = points, { now } = frame2.motion, { x, y, k } = viewport.view, { width, height } = viewport;
  const snap = n > MANY ? devicePixelRatio || 1 : 0;
  let last = -1;
  for (let i = 0; i < n; i++) {
    const alpha = alphas[i];
    if (alpha === 0 || alpha >= FAINT !== strong) continue;
    let px = width / 2 + (now[2 * i] - x) / k, py = height / 2 - (now[2 * i + 1] - y) / k;
    if (px < -20 || py < -20 || px > width + 20 || py > height + 20) continue;
    const { canvas, half } = (stamps.marks[hues2[i]] ?? stamps.marks[0])[isTarget[i]], size = sizeOf(weights?.[i]);
    if (snap) {
      px = Math.round(px * snap) / snap;
      py = Math.round(py * snap) / snap;
    }
    if (alpha !== last) context.globalAlpha = last = alpha;
    if (size === 1) context.drawImage(canvas, px - half, py - half, 2 * half, 2 * half);
    else drawWeighted(context, { x: px, y: py, radius: size * stamps.radius, color: stamps.colors[hues2[i]] ?? stamps.colors[0] });
    if (strong && layers.wrong && frame2.step > 0 && isWrong(points, frame2.predictions, i)) {
      const ring = stamps.rings[frame2.predictions[i] + 1] ?? stamps.rings[0];
      context.drawImage(ring.canvas, px - ring.half, py - ring.half, 2 * ring.half, 2 * ring.half);
    }
  }
}
function drawWeighted(context, { x, y, radius, color }) {
  trace(context, false, x, y, radius);
  context.strokeStyle = color;
  context.lineWidth = Math.min(2.2, Math.max(1, radius * 0.36));
  context.stroke();
}
function drawPicked(context, scene, i) {
  const { points, frame: frame2, viewport, stamps, look, filter, layers, hues: hues2 } = scene;
  if (i < 0 || !filter.shows(i)) return;
  const [x, y] = viewport.place(frame2.motion.now[2 * i], frame2.motion.now[2 * i + 1]), pictured = layers.pictures && points.picture?.complete;
  const { canvas, half } = (stamps.marks[hues2[i]] ?? stamps.marks[0])[points.isTarget[i]], radius = pictured ? 24 : 1.4 * half;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = look.paper;
  context.fill();
  context.strokeStyle = look.ink;
  context.lineWidth = look.presenter ? 2.5 : 1.5;
  context.stroke();
  if (pictured) drawPicture(context, scene, { i, x, y, size: pictureSize(scene) });
  else context.drawImage(canvas, x - radius, y - radius, 2 * radius, 2 * radius);
}
function drawPictures(context, scene) {
  const { points, frame: frame2, viewport, alphas } = scene, { now } = frame2.motion, size = pictureSize(scene);
  for (let i = 0; i < points.n; i++) {
    if (alphas[i] === 0) continue;
    const [x, y] = viewport.place(now[2 * i], now[2 * i + 1]);
    if (x < -size || y < -size || x > viewport.width + size || y > viewport.height + size) continue;
    context.globalAlpha = alphas[i];
    drawPicture(context, scene, { i, x, y, size });
  }
  context.globalAlpha = 1;
}
function pictureSize({ viewport, look }) {
  return Math.min(30, 16 * Math.sqrt(Math.max(viewport.zoomed, 1))) * (look.presenter ? 1.5 : 1);
}
function drawPicture(context, { points, stamps, hues: hues2 }, { i, x, y, size }) {
  const { tile, picture: picture2 } = (
    /** @type {Pictured} */
    points
  ), [columns, width, height] = tile, grow = size / Math.max(width, height), w = width * grow, h = height * grow;
  context.drawImage(picture2, i % columns * width, Math.floor(i / columns) * height, width, height, x - w / 2, y - h / 2, w, h);
  context.setLineDash(points.isTarget[i] ? [] : [2, 2]);
  context.strokeStyle = stamps.colors[hues2[i]] ?? stamps.colors[0];
  context.lineWidth = 1.6;
  context.strokeRect(x - w / 2, y - h / 2, w, h);
  context.setLineDash([]);
}
function drawNearest(context, { frame: frame2, viewport, look, filter }, i, rows) {
  const { now } = frame2.motion, from = viewport.place(now[2 * i], now[2 * i + 1]);
  context.lineCap = "round";
  rows.forEach((row, at) => {
    if (!filter.shows(row)) return;
    const to = viewport.place(now[2 * row], now[2 * row + 1]);
    for (const { style, width } of [{ style: look.paper, width: 4.5 }, { style: look.ink, width: 1.8 }]) {
      context.globalAlpha = style === look.ink ? 0.95 - 0.13 * at : 0.8;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.strokeStyle = style;
      context.lineWidth = look.presenter ? 1.5 * width : width;
      context.stroke();
    }
    context.beginPath();
    context.arc(to[0], to[1], look.presenter ? 12 : 8, 0, 2 * Math.PI);
    context.strokeStyle = look.ink;
    context.lineWidth = 1.4;
    context.stroke();
  });
  context.globalAlpha = 1;
}

// points/selection.js
function rowsInBox(xy, [x0, y0, x1, y1], visible = () => true) {
  const [left, right, bottom, top] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)], rows = [];
  for (let i = 0; i < xy.length / 2; i++) {
    const x = xy[2 * i], y = xy[2 * i + 1];
    if (x >= left && x <= right && y >= bottom && y <= top && visible(i)) rows.push(i);
  }
  return rows;
}
function inside(path2, x, y) {
  let odd = false;
  for (let i = 0, j = path2.length - 2; i < path2.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [path2[i], path2[i + 1], path2[j], path2[j + 1]];
    if (yi > y !== yj > y && x < xi + (y - yi) / (yj - yi) * (xj - xi)) odd = !odd;
  }
  return odd;
}
function rowsInLasso(xy, path2, visible = () => true) {
  const rows = [];
  for (let i = 0; i < xy.length / 2; i++) if (visible(i) && inside(path2, xy[2 * i], xy[2 * i + 1])) rows.push(i);
  return rows;
}
function rowsOfClass(labels, label, visible = () => true) {
  return Array.from(labels.keys()).filter((i) => labels[i] === label && visible(i));
}
function rowsOfCell(points, predictions, rows, [truth, guess]) {
  return rows.filter((i) => points.labels[i] === truth && predictions[i] === guess);
}
function tally(points, predictions, rows) {
  const counts = { source: 0, target: 0, wrong: 0, judged: 0 };
  for (const i of rows) {
    counts[points.isTarget[i] ? "target" : "source"]++;
    if (predictions.length && points.labels[i] >= 0) {
      counts.judged++;
      counts.wrong += Number(isWrong(points, predictions, i));
    }
  }
  return counts;
}
function wrongFirst(points, predictions, rows) {
  const wrong = (i) => isWrong(points, predictions, i);
  return [...rows.filter(wrong), ...rows.filter((i) => !wrong(i))];
}
function confusions(points, answers2, rows, most = 6) {
  const seen = /* @__PURE__ */ new Map(), judged2 = answers2.every((one) => one.length) ? rows.filter((i) => points.labels[i] >= 0) : [];
  for (const one of answers2) for (const i of judged2) for (const c of /* @__PURE__ */ new Set([points.labels[i], one[i]])) seen.set(c, (seen.get(c) ?? 0) + 1);
  const often = [...seen.keys()].sort((a, b) => seen.get(b) - seen.get(a) || a - b);
  const kept3 = often.slice(0, most).sort((a, b) => a - b), classes = often.length > most ? [...kept3, -1] : kept3;
  const at = (c) => kept3.includes(c) ? kept3.indexOf(c) : classes.length - 1;
  const counts = answers2.map((one) => {
    const table = classes.map(() => classes.map(() => 0));
    for (const i of judged2) table[at(points.labels[i])][at(one[i])]++;
    return table;
  });
  return { classes, counts };
}
function rowsThatMoved(points, before, after, rows, cell) {
  const was = new Set(rowsOfCell(points, before, rows, cell)), is = new Set(rowsOfCell(points, after, rows, cell));
  return rows.filter((i) => was.has(i) !== is.has(i));
}

// points/marquee.js
var Marquee = class {
  /** @param {"box" | "lasso"} kind @param {number} x @param {number} y */
  constructor(kind, x, y) {
    this.kind = kind;
    this.path = [x, y, x, y];
  }
  /** The box's other corner, or the lasso's next point. @type {(x: number, y: number) => void} */
  reach(x, y) {
    if (this.kind === "box") this.path.splice(2, 2, x, y);
    else this.path.push(x, y);
  }
  /** @type {(xy: Float32Array, visible?: Keep) => number[]} */
  rows(xy, visible) {
    return (this.kind === "box" ? rowsInBox : rowsInLasso)(xy, this.path, visible);
  }
  /** @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  draw(context, { viewport, look }) {
    const [x0, y0, x1, y1] = this.path, path2 = this.kind === "box" ? [x0, y0, x1, y0, x1, y1, x0, y1] : this.path;
    context.beginPath();
    for (let i = 0; i < path2.length; i += 2) context.lineTo(...viewport.place(path2[i], path2[i + 1]));
    context.closePath();
    context.fillStyle = look.ink;
    context.globalAlpha = 0.07;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([5, 4]);
    context.strokeStyle = look.ink;
    context.lineWidth = look.presenter ? 2.4 : 1.4;
    context.stroke();
    context.setLineDash([]);
  }
};

// points/gestures.js
var STILL = 4;
var ASIDE = 40;
function wheelFactor({ deltaY, deltaMode = 0 }) {
  const pixels = deltaMode === 1 ? 16 * deltaY : deltaMode === 2 ? 200 * deltaY : deltaY;
  return Math.exp(-22e-4 * Math.min(Math.max(pixels, -240), 240));
}
function intentOf({ shiftKey, altKey }, { axis, lasso }) {
  if (axis >= 0) return "axis";
  return shiftKey ? "box" : altKey || lasso ? "lasso" : "pan";
}
function leaves({ pointerType }) {
  return pointerType !== "touch";
}
var Gestures = class {
  /** @type {Drag | null} */
  drag = null;
  /** @param {PointMap} map @param {HTMLCanvasElement} canvas @param {Listen} on */
  constructor(map, canvas, on) {
    this.map = map;
    this.canvas = canvas;
    on(canvas, "pointerdown", (event) => this.down(event));
    on(canvas, "pointermove", (event) => this.move(event));
    on(canvas, "pointerup", (event) => this.up(event));
    on(canvas, "pointercancel", () => this.cancel());
    on(canvas, "pointerleave", (event) => {
      if (leaves(event) && !this.drag && !map.byKey) map.pick(-1);
    });
    on(canvas, "dblclick", () => map.fit());
    on(canvas, "wheel", (event) => this.wheel(event));
  }
  /** The pixel of an event. @type {(event: MouseEvent) => Pair} */
  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
  /** @type {(event: PointerEvent) => void} */
  down(event) {
    const { map } = this;
    if (!map.ready || event.button) return;
    const at = this.pixel(event), { axes } = map.shown, axis = axes ? axisAt(axes, map.viewport, at) : -1;
    const intent = intentOf(event, { axis, lasso: map.lassoing });
    this.drag = { intent, axis, start: at, last: at, moved: false, sentAt: 0 };
    this.canvas.setPointerCapture(event.pointerId);
    if (intent === "box" || intent === "lasso") map.outline(new Marquee(intent, ...map.viewport.data(...at)));
    if (intent === "axis") map.hold(axis);
    if (intent === "pan") map.point(...at);
  }
  /** @type {(event: PointerEvent) => void} */
  move(event) {
    const at = this.pixel(event), { drag, map } = this;
    if (!map.ready) return;
    if (!drag) {
      this.hover(at);
      return;
    }
    drag.moved ||= Math.hypot(at[0] - drag.start[0], at[1] - drag.start[1]) > STILL;
    if (drag.moved) this[drag.intent](at, drag);
  }
  /** @type {(at: Pair) => void} */
  hover(at) {
    const { map } = this, { axes } = map.shown, over = axes ? axisAt(axes, map.viewport, at) : -1;
    map.point(...at);
    this.canvas.style.cursor = over >= 0 ? "grab" : map.lassoing ? "crosshair" : map.picked >= 0 ? "pointer" : "";
  }
  /** @type {(at: Pair, drag: Drag) => void} */
  pan(at, drag) {
    this.map.pick(-1);
    this.canvas.style.cursor = "grabbing";
    this.map.pan(at[0] - drag.last[0], at[1] - drag.last[1]);
    drag.last = at;
  }
  /** @type {(at: Pair) => void} */
  box(at) {
    this.map.stretch(...this.map.viewport.data(...at));
  }
  /** @type {(at: Pair, drag: Drag) => void} */
  lasso(at, drag) {
    if (Math.hypot(at[0] - drag.last[0], at[1] - drag.last[1]) < 2) return;
    this.box(at);
    drag.last = at;
  }
  /** @type {(at: Pair, drag: Drag) => void} */
  axis(at, drag) {
    const now = performance.now(), tell = now - drag.sentAt > ASIDE;
    if (tell) drag.sentAt = now;
    this.map.turn(drag.axis, this.map.viewport.data(...at), tell);
  }
  /** @type {(event: PointerEvent) => void} */
  up(event) {
    const { drag, map } = this;
    this.drag = null;
    if (!drag || !map.ready) return;
    this.canvas.style.cursor = "";
    if (drag.intent === "axis") {
      if (drag.moved) map.turn(drag.axis, map.viewport.data(...this.pixel(event)), true);
      map.hold(-1);
    }
    if (map.marquee) {
      if (drag.moved) map.take();
      else map.outline(null);
    }
  }
  cancel() {
    this.drag = null;
    this.map.outline(null);
    this.map.hold(-1);
  }
  /** @type {(event: WheelEvent) => void} */
  wheel(event) {
    const { map } = this;
    if (!map.ready) return;
    if (!(event.ctrlKey || event.metaKey)) {
      map.voice.hint(t("Hold Ctrl or ⌘ while turning the wheel to zoom"));
      return;
    }
    event.preventDefault();
    map.zoom(wheelFactor(event), ...this.pixel(event));
  }
};

// points/keys.js
var DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
var STRIDE = 16;
var ACTS = {
  "+": (map) => map.zoom(1.4, void 0, void 0, "gliding"),
  "=": (map) => map.zoom(1.4, void 0, void 0, "gliding"),
  "-": (map) => map.zoom(1 / 1.4, void 0, void 0, "gliding"),
  0: (map) => map.fit(),
  b: (map) => beginBox(map),
  c: (map) => map.takeClass(),
  "/": (map) => map.finder.focus(),
  a: (map) => map.nextAxis(),
  Enter: (map) => {
    if (map.marquee) map.take();
    else map.hold(-1);
  },
  Escape: (map) => map.back(),
  Home: (map) => walkTo(map, 0),
  End: (map) => walkTo(map, -1)
};
function staysOnMap({ key, ctrlKey, metaKey, altKey, shiftKey, defaultPrevented }) {
  return !ctrlKey && !metaKey && !altKey && !(shiftKey && key === "Enter") && (key !== "Escape" || Boolean(defaultPrevented));
}
function readyOf({ frame: frame2, viewport }) {
  return { frame: (
    /** @type {ShownFrame} */
    frame2
  ), view: (
    /** @type {View} */
    viewport.view
  ) };
}
function pressKey(map, { key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || !map.ready || shiftKey && key === "Enter") return false;
  const way = DIRECTIONS[key], act = ACTS[key.length === 1 ? key.toLowerCase() : key];
  if (way) arrow(map, way, shiftKey);
  return Boolean(way || act && act(map) !== false);
}
function arrow(map, [dx, dy], far) {
  const step = STRIDE * readyOf(map).view.k * (far ? 4 : 1);
  if (map.marquee) {
    const [, , x, y] = map.marquee.path;
    map.stretch(x + dx * step, y + dy * step);
  } else if (map.held >= 0) {
    const { axes } = readyOf(map).frame;
    if (!axes) return;
    map.turn(map.held, [axes[2 * map.held] + dx * step, axes[2 * map.held + 1] + dy * step], true);
  } else if (far) map.pan(-60 * dx, 60 * dy, "gliding");
  else walk(map, dx, dy);
}
function walk(map, dx, dy) {
  const { frame: frame2, view } = readyOf(map), { now } = frame2.motion, { shows } = map.filter;
  map.pick(map.picked < 0 ? nearest2(now, view.x, view.y, Infinity, shows) : toward(now, map.picked, dx, dy, shows), "key");
}
function walkTo(map, at) {
  const shown = Array.from(map.filter.mask.keys()).filter(map.filter.shows);
  if (shown.length) map.pick(shown[at < 0 ? shown.length + at : at], "key");
}
function beginBox(map) {
  const { frame: frame2, view } = readyOf(map), { now } = frame2.motion;
  const at = map.picked < 0 ? [view.x, view.y] : [now[2 * map.picked], now[2 * map.picked + 1]];
  map.outline(new Marquee("box", ...at));
  map.tell(t("A box begins here: arrow keys stretch it, with Shift faster, Enter takes what it holds, Escape drops it."));
}

// points/tints.js
var LEVELS = 9;
var ORIGINS = 16;
var GRAY = "#8c8c8c";
var UNDECIDED = "#b9b3ac";
var VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
var DOMAINS = { light: ["#0072B2", "#D55E00"], dark: ["#56A8E0", "#F07A2E"] };
var SCALES = {
  confidence: (v, { classes }) => (v - 1 / classes) / (1 - 1 / classes),
  loss: (v) => (Math.log10(Math.max(v, 0.01)) + 2) / 3,
  // .01 to 10 nats
  opinion: (v) => v,
  distance: (v, { far }) => 1 - v / far
  // what is near stands out
};
var TINTS = [
  ["class", mark("class"), mark("The class that a point has; gray where it has none")],
  ["domain", mark("domain"), mark("Source or target")],
  ["origin", mark("origin"), mark("Which of several source domains it comes from; gray for the target")],
  ["prediction", mark("prediction"), mark("The class that the network gives it")],
  ["confidence", mark("confidence"), mark("How sure the network is of its answer")],
  ["loss", mark("loss"), mark("The cross-entropy of its answer, on a logarithmic scale; a target's label only judges")],
  ["opinion", mark("discriminator"), mark("What the discriminator takes it for: the color of the source or of the target")],
  ["changed", mark("changed"), mark("Whether its prediction is another than at the last mark")],
  ["distance", mark("distance"), mark("How far its features are from those of the point under the pointer")]
];
function tintsOf(points, predictions, values = {}) {
  const known2 = {
    class: true,
    domain: true,
    prediction: predictions.length > 0,
    distance: Object.keys(values).length > 0,
    /* a kernel is there to ask */
    ...Object.fromEntries(Object.keys(values).map((name) => [name, true]))
  };
  return TINTS.map(([name]) => name).filter((name) => known2[name] && points);
}
function endsOf(tint) {
  const ends = {
    confidence: [t("guesses"), t("sure")],
    loss: [".01", t("10 nats")],
    opinion: [t("source"), t("target")],
    distance: [t("far"), t("near")],
    changed: [t("same answer"), t("another answer")]
  };
  return ends[tint] ?? [];
}
function mixedHex(one, other, share) {
  const part = (hex, at) => Number.parseInt(hex.slice(at, at + 2), 16);
  return `#${[1, 3, 5].map((at) => Math.round(part(one, at) + share * (part(other, at) - part(one, at))).toString(16).padStart(2, "0")).join("")}`;
}
function between(one, middle, other, share) {
  return share < 0.5 ? mixedHex(one, middle, 2 * share) : mixedHex(middle, other, 2 * share - 1);
}
function tintColors(tint, classes, dark) {
  const [source, target] = DOMAINS[dark ? "dark" : "light"];
  if (tint === "domain") return [GRAY, source, target];
  if (tint === "changed") return [GRAY, dark ? "#F0E442" : "#A83C81"];
  if (tint === "opinion") return [GRAY, ...Array.from({ length: LEVELS }, (_, i) => between(source, UNDECIDED, target, i / (LEVELS - 1)))];
  if (tint in SCALES) return [GRAY, ...dark ? VIRIDIS : VIRIDIS.slice().reverse()];
  return [GRAY, ...palette(tint === "origin" ? ORIGINS : classes, dark)];
}
function hues(tint, { points, predictions, values = {}, distances = null }, out) {
  const { n, labels, isTarget } = points, scale = SCALES[tint];
  if (scale) {
    const known2 = tint === "distance" ? distances : values[tint];
    const about = { classes: Math.max(points.classes.length, 2), far: tint === "distance" && known2 ? known2.reduce((most, v) => Math.max(most, v), 1e-9) : 1 };
    for (let i = 0; i < n; i++) {
      const share = known2 ? scale(known2[i], about) : NaN;
      out[i] = Number.isNaN(share) ? 0 : 1 + Math.round(Math.min(Math.max(share, 0), 1) * (LEVELS - 1));
    }
    return out;
  }
  for (let i = 0; i < n; i++) {
    if (tint === "domain") out[i] = 1 + isTarget[i];
    else if (tint === "changed") out[i] = Number(values.changed?.[i] > 0);
    else if (tint === "origin") out[i] = 1 + (values.origin?.[i] ?? -1);
    else out[i] = 1 + ((tint === "prediction" ? predictions[i] : labels[i]) ?? -1);
  }
  return out;
}

// points/words.js
function describe(points, predictions, i) {
  const label = points.labels[i], guess = predictions.length ? predictions[i] : -1;
  const name = (c) => points.classes[c] ?? String(c);
  const lines = [label < 0 ? [t("class"), t("not known")] : [t("true"), name(label)]];
  if (guess >= 0) lines.push([t("predicted"), name(guess) + (label < 0 ? "" : guess === label ? " ✓" : " ✗")]);
  const d = points.isTarget[i];
  lines.push([t("domain"), domainWords(points.domains[d], d)]);
  if (points.width) {
    const row = points.vectors.subarray(i * points.width, (i + 1) * points.width);
    lines.push(["x", Array.from(row, (v) => v.toFixed(2)).join(", ")]);
  }
  return lines;
}
function measured(values, i) {
  const known2 = (name) => values[name] && !Number.isNaN(values[name][i]);
  const lines = [];
  if (known2("weight")) lines.push([t("weight"), values.weight[i].toFixed(2)]);
  if (known2("confidence")) lines.push([t("confidence"), values.confidence[i].toFixed(2)]);
  if (known2("loss")) lines.push([t("loss"), values.loss[i].toFixed(2)]);
  if (known2("opinion")) lines.push([t("discriminator"), t("target: {share} %", { share: Math.round(100 * values.opinion[i]) })]);
  return lines;
}
function nearestWords(points, near) {
  return near.length ? t("nearest source points: {classes}", { classes: near.map((j) => points.classes[points.labels[j]] ?? "?").join(", ") }) : "";
}
function domainWords(name, d) {
  const [role, part] = d ? ["target", t("target")] : ["source", t("source")];
  return name && name !== role ? t("{part}: {name}", { part, name }) : part;
}
function accuracies(points, predictions, shows = () => true) {
  const right = [0, 0], judged2 = [0, 0];
  for (let i = 0; i < predictions.length; i++) {
    if (points.labels[i] < 0 || !shows(i)) continue;
    judged2[points.isTarget[i]]++;
    right[points.isTarget[i]] += Number(!isWrong(points, predictions, i));
  }
  return right.map((value, d) => judged2[d] ? value / judged2[d] : null);
}
var percent = (share) => `${Math.round(100 * share)} %`;
function judged(now, before = [null, null]) {
  const part = (text, d) => {
    const is = now[d], earlier = before[d];
    if (is === null) return "";
    const was = earlier !== null && percent(earlier) !== percent(is) ? t(" (was {share})", { share: percent(earlier) }) : "";
    return t(text, { share: `${percent(is)}${was}` });
  };
  const parts = [part(mark("{share} of the source points"), 0), part(mark("{share} of the target points"), 1)].filter(Boolean);
  return parts.length ? t(" Rightly predicted: {parts}.", { parts: parts.join(t(", ")) }) : "";
}
function apart(name, gap) {
  return name === void 0 || typeof gap !== "number" ? "" : t(" Widest apart on the map: class {name}, centers {gap} of the spread.", { name, gap: gap.toFixed(2) });
}
function summary(points, frame2, told = {}) {
  if (!points) return t("No points yet.");
  if (!frame2) return t("Map of {points} points: nothing placed yet. Press Play.", { points: points.n });
  const { shown = points.n, now = [null, null], before, worst, gap } = told;
  const number = shown === points.n ? points.n : t("{shown} of {all}", { shown, all: points.n });
  const map = t("Map of {points} points after step {step}{note}.", { points: number, step: frame2.step, note: frame2.note ? `${t(", ")}${frame2.note}` : "" });
  return `${map}${judged(now, before)}${apart(worst, gap)}`;
}
var HOW = mark("Arrow keys walk from point to point, plus and minus zoom, 0 shows all, B draws a box, C takes a class.");
function selectionWords({ source, target, wrong, judged: known2 }) {
  const parts = [t("{n} source", { n: source }), t("{n} target", { n: target })];
  if (known2) parts.push(t("{n} wrong", { n: wrong }));
  return parts.map((part) => part.replaceAll(" ", " ")).join(" · ");
}
function titleWords(text, values) {
  return t(text, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? titleWords(...value) : value])));
}
function chosenWords(title, counts) {
  const said2 = t("{n} points selected, {counts}", { n: counts.source + counts.target, counts: selectionWords(counts) });
  return title ? t("{title}: {count}", { title, count: said2 }) : said2;
}
function axisWords(axis, axes) {
  const place2 = { axis: axis + 1, axes: axes.length / 2, x: axes[2 * axis].toFixed(2), y: axes[2 * axis + 1].toFixed(2) };
  return t("Axis {axis} of {axes}: {x}, {y}. Arrow keys turn it, A takes the next, Escape leaves.", place2);
}

// points/legend.js
var RING = mark("A ring around what is predicted wrongly, in the predicted class's color; from the first step on");
function gapWords(gap, worst) {
  if (gap === null) return "";
  const told = { gap: gap.toFixed(2) };
  return worst ? t("Widest apart: its source and target centers are {gap} of the map's spread apart. Measured on the map, not in feature space.", told) : t("Its source and target centers are {gap} of the map's spread apart. Measured on the map, not in feature space.", told);
}
var Legend = class {
  /** @type {HTMLButtonElement[]} */
  chips = [];
  /**
   * @param {Element} parent @param {HTMLElement} remark
   * @param {{ press: (what: Kind, key: number, alone: boolean) => void, light: (lit: Lit | null) => void }} act
   */
  constructor(parent, remark, act) {
    this.act = act;
    this.remark = remark;
    this.box = element("div", "tlt-legend", parent);
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", t("Legend: press to hide or show"));
  }
  /**
   * Every chip anew; the focus stays where it was. tint: what the points are colored by; scale: its colors, the first for nothing;
   * waits: the colors wait for a point that is looked at; rings: what is predicted wrongly has one.
   * @type {(points: Points | null, filter: Filter, colors: string[], tinted?: { tint?: string, scale?: string[], waits?: boolean, rings?: boolean }) => void}
   */
  fill(points, filter, colors, { tint = "class", scale = [], waits = false, rings = false } = {}) {
    const focused = [...this.box.children].indexOf(
      /** @type {Element} */
      document.activeElement
    );
    this.box.replaceChildren();
    this.chips = [];
    if (!points) return;
    points.domains.forEach((name, d) => {
      const sign = icon(d);
      if (tint === "domain" || tint === "opinion") sign.style.color = d ? scale[scale.length - 1] : scale[1];
      this.chip(filter, "domain", d, { mark: sign, text: domainWords(name, d) });
    });
    if (rings) element("span", "tlt-ring-key", this.box, t("ring: wrong")).title = t(RING);
    element("span", "tlt-gap", this.box);
    const ofClass = tint === "class" || tint === "prediction";
    this.chips = points.classes.map((name, c) => this.chip(filter, "class", c, { mark: ofClass ? swatch(colors[c]) : "", text: name }));
    if (endsOf(tint).length) this.ramp(endsOf(tint), tint === "changed" ? scale : scale.slice(1));
    if (waits) element("span", "tlt-waits", this.box, t("Look at a point, by pointer or arrow keys: until then all are gray."));
    this.box.children[focused]?.focus?.();
  }
  /** The colors of a scale, from its lower end to its upper one. @type {(ends: string[], colors: string[]) => void} */
  ramp([low, high], colors) {
    const ramp = element("span", "tlt-ramp", this.box);
    element("span", "", ramp, low);
    element("i", "", ramp).style.setProperty("--tlt-scale", colors.join(", "));
    element("span", "", ramp, high);
  }
  /** What the faint points mean, where there are some, and how many points are laid out, where not all are. @type {(share: number, laidOut: number) => void} */
  trust(share, laidOut) {
    const untrue = share > 0 ? t("{share} % misplaced", { share: Math.max(1, Math.round(100 * share)) }) : "";
    const part = laidOut ? t("{n} laid out", { n: laidOut.toLocaleString("en") }) : "";
    this.remark.textContent = [part, untrue].filter(Boolean).join(" · ");
    const words2 = laidOut ? t("The map lays out {n} points; each of the others stands by the one of these that is nearest to it in feature space.", { n: laidOut.toLocaleString("en") }) : "";
    this.remark.title = [words2, untrue && this.untrueWords].filter(Boolean).join("\n");
  }
  get untrueWords() {
    return t("So many points have other neighbors on the map than in feature space: do not trust their places. They are faint, where they are fewer than half");
  }
  /** @type {(filter: Filter, what: Kind, key: number, about: { mark: Node | string, text: string }) => HTMLButtonElement} */
  chip(filter, what, key, { mark: mark2, text }) {
    const title = t("{what}: press to hide or show, Shift to show it alone", { what: what === "class" ? t("class {name}", { name: text }) : text });
    const button = toggle(this.box, "", title, (_, event) => this.act.press(what, key, event.shiftKey));
    button.append(mark2, text);
    button.dataset.title = title;
    button.setAttribute("aria-pressed", String(!filter.off[what].has(key)));
    const lights = [["pointerenter", { what, key }], ["focus", { what, key }], ["pointerleave", null], ["blur", null]];
    for (const [name, now] of lights) {
      button.addEventListener(name, () => {
        if (!name.startsWith("f") || button.matches(":focus-visible")) this.act.light(now);
      });
    }
    return button;
  }
  /**
   * A bar a class: full where the centers are as far apart as the map's points are spread; the widest is marked.
   * @type {(centers: Centers[] | null | undefined, worst: number) => void}
   */
  measure(centers, worst) {
    this.chips.forEach((button, c) => {
      const gap = centers?.[c]?.gap ?? null, words2 = gapWords(gap, c === worst);
      button.classList.toggle("tlt-widest", c === worst);
      button.style.setProperty("--tlt-apart", gap === null ? "0" : Math.min(gap, 1).toFixed(3));
      button.title = words2 ? t("{title}. {words}", { title: button.dataset.title, words: words2 }) : button.dataset.title ?? "";
      button.setAttribute("aria-description", words2);
    });
  }
};
function swatch(color) {
  const mark2 = element("i", "tlt-swatch");
  mark2.style.background = color;
  return mark2;
}

// points/link.js
var EVENT = "tlt-point";
var Link = class {
  /** @param {string} group @param {(detail: Told) => void} hear @param {EventTarget} [page] */
  constructor(group, hear, page = document) {
    this.group = group;
    this.page = page;
    this.listen = (event) => {
      const { detail } = (
        /** @type {CustomEvent<Told>} */
        event
      );
      if (detail.group === this.group && detail.from !== this) hear(detail);
    };
    page.addEventListener(EVENT, this.listen);
  }
  /** row: the point that is pointed at, -1 for none; rows: the selection, where it has changed. @type {(row: number, rows?: number[]) => void} */
  tell(row, rows) {
    if (!this.group) return;
    const detail = rows ? { group: this.group, row, from: this, rows } : { group: this.group, row, from: this };
    this.page.dispatchEvent(new CustomEvent(EVENT, { detail }));
  }
  stop() {
    this.page.removeEventListener(EVENT, this.listen);
  }
};

// points/look.js
var Look = class {
  /** @type {Stamps | null} */
  stamps = null;
  paper = "";
  ink = "";
  dark = false;
  font = "";
  /** @param {boolean} presenter */
  constructor(presenter) {
    this.presenter = presenter;
  }
  /** @type {(root: Element) => void} */
  read(root) {
    const style = getComputedStyle(root);
    this.paper = style.backgroundColor;
    this.ink = style.color;
    this.dark = isDark(this.paper);
    this.font = style.fontFamily;
    this.stamps = null;
  }
  /** @type {(points: Points | null) => string[]} */
  colors(points) {
    return palette(points?.classes.length ?? 0, this.dark);
  }
  /**
   * Markers, a row for each color of the tint, and rings, one a class, 0 for none; made again when a marker's size changes by half a pixel.
   * @type {(points: Points, tint: string, zoomed: number, scale: number) => Stamps}
   */
  stampsFor(points, tint, zoomed, scale) {
    const inSight = points.n / Math.max(zoomed, 1) ** 2, radius = Math.round(2 * markerRadius(inSight, this.presenter)) / 2;
    if (this.stamps?.radius === radius && this.stamps.scale === scale && this.stamps.tint === tint) return this.stamps;
    const size = { radius, scale, paper: this.paper, ink: this.ink }, colors = tintColors(tint, points.classes.length, this.dark);
    const marks = colors.map((color) => [stamp(color, false, size), stamp(color, true, size)]);
    this.stamps = { radius, scale, tint, colors, marks, rings: ["#8c8c8c", ...this.colors(points)].map((color) => ringStamp(color, size)) };
    return this.stamps;
  }
};

// points/motion.js
var LONG = 900;
var SILENCE = 3e3;
var MEMORY = 2500;
function mix(from, to, t2, out) {
  for (let i = 0; i < to.length; i++) out[i] = from[i] + t2 * (to[i] - from[i]);
  return out;
}
function progress(elapsed, duration, eases = false) {
  if (duration <= 0 || elapsed >= duration) return 1;
  const t2 = Math.max(elapsed, 0) / duration;
  return eases ? 1 - (1 - t2) ** 3 : t2;
}
var Rhythm = class {
  /** @type {[at: number, gap: number][]} */
  gaps = [];
  at = -Infinity;
  /**
   * A frame comes at `now`, in ms; `alone`: it was asked for, and no stream follows. The glide is {length, eases}.
   * @type {(now: number, alone?: boolean) => Glide}
   */
  next(now, alone = false) {
    const gap = now - this.at;
    this.at = now;
    if (alone || gap > SILENCE) {
      this.gaps = [];
      return { length: Math.min(Math.max(gap, 120), LONG), eases: true };
    }
    this.gaps = [...this.gaps.filter(([at]) => now - at < MEMORY), [now, gap]];
    return { length: Math.max(1.1 * Math.max(...this.gaps.map(([, each]) => each)), 120), eases: false };
  }
};
function farthest(from, to) {
  let most = 0;
  for (let i = 0; i < to.length; i++) most = Math.max(most, Math.abs(to[i] - from[i]));
  return most;
}
var Motion = class {
  /** @type {Float32Array} */
  now;
  /** @param {Float32Array} xy @param {Motion | null | undefined} before @param {number} now @param {Partial<Glide>} [glide] */
  constructor(xy, before, now, { length = 0, eases = false } = {}) {
    this.from = before ? before.now.slice() : xy;
    this.to = xy;
    this.now = this.from.slice();
    this.at = now;
    this.length = length;
    this.eases = eases;
  }
  /** The share of the way at this time, 1 at the end. @type {(now: number) => number} */
  share(now) {
    return progress(now - this.at, this.length, this.eases);
  }
  /** Move the points to where they are at this time; the share of the way. @type {(now: number) => number} */
  advance(now) {
    const t2 = this.share(now);
    mix(this.from, this.to, t2, this.now);
    return t2;
  }
};

// points/viewport.js
function fit(box, width, height, margin = 20) {
  const k = Math.max((box[2] - box[0]) / Math.max(width - 2 * margin, 1), (box[3] - box[1]) / Math.max(height - 2 * margin, 1));
  return { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, k: k || 1 / Math.max(width, height) };
}
var SNUG = 0.85;
function nextGoal(goal, box, width, height) {
  const best = fit(box, width, height);
  const roomy = { ...best, k: best.k * 1.05 };
  if (!goal) return roomy;
  const halfX = goal.k * (width - 12) / 2, halfY = goal.k * (height - 12) / 2;
  const inside2 = box[0] >= goal.x - halfX && box[2] <= goal.x + halfX && box[1] >= goal.y - halfY && box[3] <= goal.y + halfY;
  return inside2 && best.k > SNUG * goal.k ? goal : roomy;
}
function glide(view, goal, seconds, slowness = 0.3) {
  const part = 1 - Math.exp(-seconds / slowness);
  const next = {
    x: view.x + part * (goal.x - view.x),
    y: view.y + part * (goal.y - view.y),
    k: view.k * (goal.k / view.k) ** part
  };
  const left = Math.max(Math.abs(goal.x - next.x), Math.abs(goal.y - next.y)) / goal.k + 400 * Math.abs(Math.log(goal.k / next.k));
  return left < 0.25 ? goal : next;
}
function place(view, width, height, x, y) {
  return [width / 2 + (x - view.x) / view.k, height / 2 - (y - view.y) / view.k];
}
var NEAREST = 1 / 80;
var FARTHEST = 4;
var Viewport = class {
  /** @type {View | null} */
  view = null;
  /** @type {View | null} */
  goal = null;
  /** @type {Box | null} */
  box = null;
  width = 0;
  height = 0;
  byHand = false;
  /** The view, of a map that has one. */
  get seen() {
    return (
      /** @type {View} */
      this.view
    );
  }
  clear() {
    this.view = this.goal = this.box = null;
    this.byHand = false;
  }
  /** Another size of the picture; what a hand has chosen stays in the middle. @type {(width: number, height: number) => void} */
  resize(width, height) {
    this.width = width;
    this.height = height;
    if (!this.byHand) this.goal = null;
    this.aim(this.box, true);
  }
  /** Frame this box, unless a hand holds the view. @type {(box: Box | null, still: boolean) => void} */
  aim(box, still) {
    this.box = box;
    if (!this.width || !box) return;
    if (!this.byHand || !this.goal) this.goal = nextGoal(this.goal, box, this.width, this.height);
    if (!this.view || still) this.view = this.goal;
  }
  /** Glide on for some seconds; whether it still moves. @type {(seconds: number, still: boolean) => boolean} */
  move(seconds, still) {
    if (!this.view || !this.goal) return false;
    this.view = still ? this.goal : glide(this.view, this.goal, seconds, this.byHand ? 0.08 : 0.3);
    return this.view !== this.goal;
  }
  /**
   * Magnify by `factor` about a pixel, which keeps its place; at once, or gliding there.
   * @type {(factor: number, px?: number, py?: number, at?: Pace) => void}
   */
  zoom(factor, px = this.width / 2, py = this.height / 2, at = "once") {
    const from = at === "once" ? this.view : this.goal;
    if (!this.view || !this.box || !from) return;
    const whole = fit(this.box, this.width, this.height).k;
    const k = Math.min(Math.max(from.k / factor, whole * NEAREST), whole * FARTHEST), gain = from.k - k;
    this.hold({ x: from.x + (px - this.width / 2) * gain, y: from.y - (py - this.height / 2) * gain, k }, at);
  }
  /** Shift the picture by pixels. @type {(dx: number, dy: number, at?: Pace) => void} */
  pan(dx, dy, at = "once") {
    const from = at === "once" ? this.view : this.goal;
    if (!this.view || !from) return;
    const { x, y, k } = from;
    this.hold({ x: x - dx * k, y: y + dy * k, k }, at);
  }
  /** Bring (x, y) into sight, where it is not. @type {(x: number, y: number) => void} */
  show(x, y) {
    const [px, py] = this.place(x, y);
    if (px > 8 && px < this.width - 8 && py > 8 && py < this.height - 8) return;
    if (this.goal) this.hold({ ...this.goal, x, y }, "gliding");
  }
  /** @type {(goal: View, at: Pace) => void} */
  hold(goal, at) {
    this.goal = goal;
    this.byHand = true;
    if (at === "once") this.view = goal;
  }
  /** The view that a hand has chosen, to be kept; null where it frames by itself. */
  get held() {
    return this.byHand && this.goal ? { ...this.goal } : null;
  }
  /** Everything again, and framed by itself from now on. */
  fit() {
    this.byHand = false;
    this.goal = null;
    this.aim(this.box, false);
  }
  /** How many times nearer than the whole; 1 where no hand holds the view. */
  get zoomed() {
    return this.byHand && this.view && this.box ? fit(this.box, this.width, this.height).k / this.view.k : 1;
  }
  /** @type {(x: number, y: number) => Pair} */
  place(x, y) {
    return place(this.seen, this.width, this.height, x, y);
  }
  /** Pixels to data. @type {(px: number, py: number) => Pair} */
  data(px, py) {
    const { x, y, k } = this.seen;
    return [x + (px - this.width / 2) * k, y - (py - this.height / 2) * k];
  }
};

// points/kept.js
var MANY2 = 2e3;
var REST = 140;
function worthKeeping(n) {
  return n > MANY2;
}
function moved(was, is, width, height) {
  const grow = was.k / is.k, [x, y] = place(is, width, height, was.x, was.y);
  return [x - grow * width / 2, y - grow * height / 2, grow * width, grow * height];
}
var alike = (one, other) => one?.x === other?.x && one?.y === other?.y && one?.k === other?.k;
var Kept = class {
  /** @type {View | null} */
  view = null;
  // that the picture was painted in
  /** @type {View | null} */
  seen = null;
  // that was shown last
  /** @type {HTMLCanvasElement | null} */
  canvas = null;
  movedAt = -Infinity;
  /**
   * Show the points in this view, painted by `paint` where that is due: something else than the view has changed (`stale`), and
   * no hand is moving the view. Whether a picture is still owed.
   * @type {(context: CanvasRenderingContext2D, about: { view: View, width: number, height: number, scale: number, stale: boolean, byHand: boolean, now: number }, paint: (context: CanvasRenderingContext2D) => void) => boolean}
   */
  show(context, { view, width, height, scale, stale, byHand, now }, paint) {
    if (!alike(this.seen, view)) {
      this.movedAt = now;
      this.seen = { ...view };
    }
    const fits = this.canvas?.width === context.canvas.width && this.canvas.height === context.canvas.height;
    const owed = stale || !alike(this.view, view), handed = byHand && now - this.movedAt < REST;
    const due = !this.canvas || !this.view || !fits || owed && !handed;
    if (due) this.paint(context.canvas, scale, view, paint);
    if (this.canvas && this.view) context.drawImage(this.canvas, ...moved(this.view, view, width, height));
    return owed && !due;
  }
  /** @type {(picture: HTMLCanvasElement, scale: number, view: View, paint: (context: CanvasRenderingContext2D) => void) => void} */
  paint(picture2, scale, view, paint) {
    this.canvas ??= document.createElement("canvas");
    this.canvas.width = picture2.width;
    this.canvas.height = picture2.height;
    const context = brushOf(this.canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paint(context);
    this.view = { ...view };
  }
  /** Other points: nothing is kept of these. */
  clear() {
    this.view = this.seen = null;
  }
};

// points/pace.js
var PERIOD = 31;
var LONGEST = 33;
var CHEAP = 4;
var SPARE = (globalThis.navigator?.hardwareConcurrency ?? 4) > 2;
function periodOf(cost, spare = SPARE) {
  if (spare) return cost < CHEAP ? 0 : PERIOD;
  return Math.min(Math.max(4 * cost, PERIOD), LONGEST);
}
var Pace = class {
  /** @param {(now: number, seconds: number) => boolean} draw */
  constructor(draw2) {
    this.draw = draw2;
    this.request = this.timer = this.drawnAt = this.due = this.cost = 0;
    this.inSight = true;
  }
  get idle() {
    return document.hidden || !this.inSight;
  }
  wake() {
    if (this.request || this.timer || this.idle) return;
    const rest = this.due - performance.now() - 8;
    const ask = () => {
      this.timer = 0;
      this.request = requestAnimationFrame((now) => this.tick(now));
    };
    if (rest > 0) this.timer = setTimeout(ask, rest);
    else ask();
  }
  /** @type {(now: number) => void} */
  tick(now) {
    this.request = 0;
    const seconds = Math.min((now - this.drawnAt) / 1e3, 0.1), period = periodOf(this.cost), begun = performance.now();
    this.drawnAt = now;
    this.due = Math.max(this.due, now - period) + period;
    const moving = this.draw(now, seconds);
    this.cost += 0.2 * (performance.now() - begun - this.cost);
    if (moving) this.wake();
  }
  stop() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
  }
};

// points/thumbnail.js
var DARK2 = 0.75;
function openPicture(points, loaded = () => {
}) {
  if (!points.sprites?.byteLength) return points;
  points.address = URL.createObjectURL(new Blob([
    /** @type {BlobPart} */
    points.sprites
  ], { type: "image/png" }));
  points.picture = new Image();
  points.picture.onload = loaded;
  points.picture.src = points.address;
  return points;
}
function closePicture(points) {
  if (points?.address) URL.revokeObjectURL(points.address);
}
function shade(values) {
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => {
    pixels[4 * i + 3] = Math.round(DARK2 * (255 - value));
  });
  return pixels;
}
function darken(canvas, { values, width, height }) {
  const small = document.createElement("canvas"), context = brushOf(canvas);
  small.width = width;
  small.height = height;
  brushOf(small).putImageData(new ImageData(shade(values), width, height), 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}
function thumbnail(points, i, size, found2 = null) {
  const [columns, width, height] = points.tile, canvas = document.createElement("canvas"), { picture: picture2 } = points;
  const grow = Math.max(1, Math.floor(size / Math.max(width, height)));
  canvas.width = width * grow;
  canvas.height = height * grow;
  const paint = () => {
    const context = brushOf(canvas);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture2, i % columns * width, Math.floor(i / columns) * height, width, height, 0, 0, canvas.width, canvas.height);
    if (found2) darken(canvas, found2);
  };
  if (picture2.complete) paint();
  else picture2.addEventListener("load", paint, { once: true });
  return canvas;
}

// points/panel.js
var SHOWN = 40;
var MOST = 6;
var WHEN = ["before", "after", "change"];
var SelectionPanel = class {
  /** @type {Points} */
  points;
  /** @type {number[]} */
  rows = [];
  /** @type {string[]} */
  colors = [];
  about = "";
  /** The answers of the first frame of the run, with its step. @type {{ step: number, predictions: Predictions } | null} */
  first = null;
  step = -1;
  /** @type {When} */
  when = "after";
  /** @param {Element} parent @param {{ onPick: (row: number, really: boolean) => void, onClose: () => void, onCell?: (truth: number, guess: number, when: When) => void }} act */
  constructor(parent, { onPick, onClose, onCell = () => {
  } }) {
    this.onPick = onPick;
    this.onCell = onCell;
    this.box = element("section", "tlt-panel", parent);
    this.box.hidden = true;
    this.box.setAttribute("aria-label", t("Selection"));
    const head = element("header", "", this.box);
    this.title = element("b", "", head);
    toggle(head, "×", t("Close the selection (Escape on the map)"), onClose).setAttribute("aria-label", t("Close the selection"));
    this.counts = element("p", "tlt-counts", this.box);
    this.things = element("div", "tlt-things", this.box);
    this.table = element("div", "tlt-confusion-place", this.box);
    this.times = element("div", "tlt-times", this.table);
    this.times.setAttribute("role", "group");
    this.buttons = WHEN.map((when) => toggle(this.times, "", "", () => {
      this.when = when;
      this.update(this.predictions);
    }));
    this.matrix = element("div", "", this.table);
    this.predictions = [];
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") onClose();
    });
  }
  /**
   * Show these rows of the points, or nothing.
   * @type {(points: Points | null, frame: ShownFrame | null, rows: number[], title?: string, colors?: string[]) => void}
   */
  show(points, frame2, rows, title, colors) {
    this.box.hidden = !rows.length;
    this.points = /** @type {Points} */
    points;
    this.rows = rows;
    this.colors = colors ?? [];
    this.about = title ?? "";
    if (this.box.hidden) return;
    const count = rows.length === 1 ? t("1 point") : t("{n} points", { n: rows.length });
    const counted = title?.startsWith(`${rows.length} `);
    this.title.textContent = title ? counted ? title : t("{title}: {count}", { title, count }) : count;
    this.title.title = this.title.textContent;
    this.list(frame2?.predictions ?? []);
    this.update(frame2?.predictions ?? []);
  }
  /** Left, top, right and bottom of the picture that has the focus, in the map's body; null where none has it. @type {() => Placed | null} */
  focused() {
    const at = document.activeElement;
    if (!at || !this.things.contains(at)) return null;
    const { left, top, right, bottom } = at.getBoundingClientRect(), body = (
      /** @type {Element} */
      this.box.parentElement.getBoundingClientRect()
    );
    return [left - body.left, top - body.top, right - body.left, bottom - body.top];
  }
  /** A frame came: the first one of a run is what later ones are compared with. @type {(step: number, predictions: Predictions) => void} */
  see(step, predictions) {
    if (!this.first || step <= this.first.step) this.first = { step, predictions };
    this.step = step;
    this.update(predictions);
  }
  /** Other points, or none: nothing was answered before. */
  forget() {
    this.first = null;
    this.when = "after";
  }
  /** Count anew what has other predictions now. @type {(predictions: Predictions) => void} */
  update(predictions) {
    this.predictions = predictions;
    if (this.box.hidden) return;
    this.counts.textContent = selectionWords(tally(this.points, predictions, this.rows));
    this.drawTables(predictions);
    for (
      const button of
      /** @type {Iterable<HTMLElement>} */
      this.things.children
    ) button.classList.toggle("tlt-is-wrong", isWrong(this.points, predictions, Number(button.dataset.row)));
  }
  /** The table of the answers before, after, or of what changed between them. @type {(predictions: Predictions) => void} */
  drawTables(predictions) {
    const first = this.first, both = Boolean(first && first.predictions.length && predictions.length && first.step < this.step);
    const when = both ? this.when : "after";
    const answers2 = both ? [
      /** @type {NonNullable<typeof first>} */
      first.predictions,
      predictions
    ] : [predictions];
    const { classes, counts } = confusions(this.points, answers2, this.rows, MOST), last = counts[counts.length - 1];
    const shown = when === "before" ? counts[0] : when === "change" ? last.map((line, i) => line.map((n, j) => n - counts[0][i][j])) : last;
    const times = [first?.step ?? 0, this.step, 0];
    this.times.hidden = !both || !classes.length;
    this.times.setAttribute("aria-label", t("When the answers were given"));
    WHEN.forEach((name, k) => {
      const button = this.buttons[k], step = times[k].toLocaleString("en");
      button.textContent = name === "change" ? t("difference") : name === "before" ? t("before") : t("after");
      button.title = name === "change" ? t("What came to each cell since the first look (+), and what left it (−)") : t("The answers at step {step}", { step });
      button.setAttribute("aria-pressed", String(name === when));
    });
    this.matrix.replaceChildren();
    if (classes.length) this.matrix.append(confusionTable({ classes, counts: shown, when, met: last.map((line) => line.some(Boolean)) }, this.points.classes, (truth, guess) => this.onCell(truth, guess, when)));
  }
  /** @type {(predictions: Predictions) => void} */
  list(predictions) {
    this.things.replaceChildren();
    this.things.classList.toggle("tlt-lines", Boolean(this.points.texts));
    this.things.classList.toggle("tlt-words", !this.points.texts && !this.points.picture);
    const sorted = wrongFirst(this.points, predictions, this.rows), cut = sorted.slice(0, SHOWN);
    for (const i of cut) this.things.append(this.thing(i, predictions));
    if (sorted.length > cut.length) element("span", "tlt-more", this.things, t("and {n} more", { n: sorted.length - cut.length }));
  }
  /** @type {(i: number, predictions: Predictions) => HTMLButtonElement} */
  thing(i, predictions) {
    const { points } = this, said2 = describe(points, predictions, i).map((line) => line.join(" ")).join(", ");
    const button = element("button", "tlt-thing");
    button.type = "button";
    button.dataset.row = String(i);
    button.setAttribute("aria-label", points.texts ? `${points.texts[i]}, ${said2}` : said2);
    button.style.setProperty("--tlt-class", this.colors[points.labels[i]] ?? "#8c8c8c");
    button.append(points.picture ? thumbnail(
      /** @type {Pictured} */
      points,
      i,
      44
    ) : icon(points.isTarget[i]));
    if (!points.picture) element("span", "", button, points.texts?.[i] ?? judgedWords(points, predictions, i));
    const at = (row, really = false) => () => this.onPick(row, really);
    for (const name of ["pointerenter", "focus"]) button.addEventListener(name, at(i));
    for (const name of ["pointerleave", "blur"]) button.addEventListener(name, at(-1));
    button.addEventListener("click", at(i, true));
    return button;
  }
};
function judgedWords(points, predictions, i) {
  const name = (c) => points.classes[c] ?? "?";
  return isWrong(points, predictions, i) ? `${name(points.labels[i])} → ${name(predictions[i])}` : name(points.labels[i]);
}
function confusionTable({ classes, counts, when, met }, names, onCell) {
  const table = element("table", "tlt-confusion"), change = when === "change";
  const name = (c) => c < 0 ? "…" : names[c] ?? String(c);
  element("caption", "", table, t("true ↓ predicted →"));
  const head = element("tr", "", element("thead", "", table)), body = element("tbody", "", table), most = Math.max(...counts.flat().map(Math.abs), 1);
  element("td", "", head);
  for (const c of classes) element("th", "", head, name(c)).scope = "col";
  counts.forEach((line, truth) => {
    if (!met[truth]) return;
    const row = element("tr", "", body);
    element("th", "", row, name(classes[truth])).scope = "row";
    line.forEach((count, p) => {
      const right = change ? truth === p === count > 0 : truth === p, words2 = change && count > 0 ? `+${count}` : String(count).replace("-", "−");
      const cell = element("td", right ? "tlt-right-cell" : "tlt-wrong-cell", row), pair = [classes[truth], classes[p]];
      if (count && !pair.includes(-1)) {
        const button = element("button", "", cell, words2);
        button.type = "button";
        button.title = t("Select what is {truth} and taken for {guess}", { truth: name(pair[0]), guess: name(pair[1]) });
        button.setAttribute("aria-label", `${button.title}: ${words2}`);
        button.addEventListener("click", () => onCell(...pair));
      } else cell.textContent = count ? words2 : "";
      cell.style.setProperty("--tlt-part", String(count ? 12 + Math.round(38 * Math.abs(count) / most) : 0));
    });
  });
  for (const th of table.querySelectorAll("th")) th.title = th.textContent === "…" ? t("all other classes") : th.textContent ?? "";
  return table;
}

// points/regions.js
function runs(grid2) {
  const g = Math.round(Math.sqrt(grid2.length)), found2 = [];
  for (let row = 0; row < g; row++) {
    for (let from = 0, to = 1; from < g; from = to, to = from + 1) {
      const c = grid2[row * g + from];
      while (to < g && grid2[row * g + to] === c) to++;
      if (c >= 0) found2.push([row, from, to, c]);
    }
  }
  return found2;
}
function borders(grid2) {
  const g = Math.round(Math.sqrt(grid2.length)), found2 = [];
  for (let row = 0; row + 1 < g; row++) {
    for (let column = 0; column + 1 < g; column++) {
      const crossings = crossingsOf(grid2, row * g + column, g).map(([x, y]) => [column + 0.5 + x, row + 0.5 + y]);
      if (crossings.length === 2) found2.push(crossings.flat());
      else for (const [x, y] of crossings) found2.push([x, y, column + 1, row + 1]);
    }
  }
  return found2;
}
function crossingsOf(grid2, at, g) {
  const [a, b, c, d] = [grid2[at], grid2[at + 1], grid2[at + g], grid2[at + g + 1]];
  if (a === b && a === c && a === d) return [];
  return [[a, b, 0.5, 0], [a, c, 0, 0.5], [b, d, 1, 0.5], [c, d, 0.5, 1]].filter(([p, q]) => p !== q).map(([, , x, y]) => [x, y]);
}
function paintedRegions(grid2, colors) {
  const g = Math.round(Math.sqrt(grid2.length)), canvas = document.createElement("canvas");
  canvas.width = canvas.height = g;
  const context = brushOf(canvas);
  for (const [row, from, to, c] of runs(grid2)) {
    context.fillStyle = colors[c] ?? "#8c8c8c";
    context.fillRect(from, g - 1 - row, to - from, 1);
  }
  return { canvas, g, lines: borders(grid2) };
}
var Regions = class {
  /** @type {Grid | undefined} */
  of;
  key = "";
  /** @type {ReturnType<typeof paintedRegions> | undefined} */
  painted;
  /** @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  draw(context, { frame: frame2, viewport, colors, look }) {
    const { regions } = frame2, key = colors.join();
    if (!regions) return;
    if (!this.painted || this.of !== regions || this.key !== key) {
      this.of = regions;
      this.key = key;
      this.painted = paintedRegions(regions.grid, colors);
    }
    const [left, bottom, right, top] = regions.extent, [px, py] = viewport.place(left, top), { canvas, g, lines } = this.painted;
    const cellX = (right - left) / viewport.view.k / g, cellY = (top - bottom) / viewport.view.k / g;
    context.globalAlpha = look.dark ? 0.3 : 0.2;
    context.drawImage(canvas, px, py, g * cellX, g * cellY);
    context.globalAlpha = 0.45;
    context.beginPath();
    for (const [x0, y0, x1, y1] of lines) {
      context.moveTo(px + x0 * cellX, py + (g - y0) * cellY);
      context.lineTo(px + x1 * cellX, py + (g - y1) * cellY);
    }
    context.strokeStyle = look.ink;
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
  }
};

// points/toolbar.js
var SWITCHES = [
  ["names", mark("Class names"), mark("Write each class's name at the middle of its source points, once they gather")],
  ["centroids", mark("Centroids"), mark("Each class's center in source (circle) and target (triangle), joined by a line; its length is a share of the map's spread. Measured on the map, not in feature space")],
  ["trails", mark("Trails"), mark("Where points were in the last eight frames: the selected ones, or else those of the target")],
  ["pictures", mark("Pictures"), mark("The points' own pictures in place of markers; a dashed frame is source")],
  ["density", mark("Density"), mark("Contour lines around where each domain's points are dense: dashed for the source")],
  ["faint", mark("Faint where misplaced"), mark("Fade the points whose neighbors on the map are not their neighbors in feature space")],
  ["fade", mark("Fade what is right"), mark("Fade what is predicted rightly, so that the wrong points stand out")],
  ["regions", mark("Decision regions"), mark("What the network would say at each place")]
];
var KEYS = [
  [mark("Ctrl + wheel, + −"), mark("zoom (the bare wheel scrolls the page)")],
  [mark("drag"), mark("pan")],
  [mark("double-click, 0"), mark("show all")],
  [mark("Shift + drag, B"), mark("select by a box")],
  [mark("Alt + drag"), mark("select by a lasso")],
  ["C", mark("select the point's class")],
  ["/", mark("find a class or a text")],
  [mark("arrows"), mark("walk from point to point")],
  ["A", mark("turn an axis, where there are axes")],
  ["Escape", mark("back")]
];
var Toolbar = class {
  offered = "";
  /** @type {Record<Layer, HTMLButtonElement>} */
  switches;
  /** @type {HTMLElement} */
  list;
  /** @type {HTMLElement} */
  place;
  /** @type {HTMLButtonElement} */
  more;
  /** @param {Element} parent @param {Acts} act */
  constructor(parent, act) {
    const strip = element("div", "tlt-strip", parent);
    this.caption = element("span", "tlt-caption", strip);
    this.remark = element("span", "tlt-remark", strip);
    this.tints = element("select", "tlt-tint", strip);
    this.tints.setAttribute("aria-label", t("Color by"));
    this.tints.addEventListener("change", () => act.tint(this.tints.value));
    this.fit = toggle(strip, t("Fit"), t("Show all points again and keep them framed (double-click, or key 0)"), () => act.fit());
    this.lasso = toggle(strip, t("Lasso"), t("Drag around points to select them; Alt + drag does so at any time, Shift + drag draws a box"), () => act.lasso());
    this.switches = /** @type {Record<Layer, HTMLButtonElement>} */
    {};
    this.switches.wrong = toggle(strip, t("Mark wrong"), t(RING), () => act.flip("wrong"));
    this.switches.wrong.classList.add("tlt-ringed");
    this.fit.hidden = true;
    this.menu(strip, act);
  }
  /** @type {(strip: Element, act: Acts) => void} */
  menu(strip, act) {
    const place2 = element("span", "tlt-view", strip);
    this.more = toggle(place2, t("View"), t("What else the map can show, and its keys"), () => this.open(Boolean(this.list.hidden)));
    this.list = element("div", "tlt-menu", place2);
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", t("View"));
    for (const [layer, text, title] of SWITCHES) this.switches[layer] = toggle(this.list, t(text), t(title), () => act.flip(layer));
    const keys = element("dl", "tlt-keys", this.list);
    for (const [key, what] of KEYS) {
      element("dt", "", keys, t(key));
      element("dd", "", keys, t(what));
    }
    place2.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.open(false);
        this.more.focus();
      }
    });
    place2.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !place2.contains(
        /** @type {Node} */
        event.relatedTarget
      )) this.open(false);
    });
    this.place = place2;
    this.open(false);
  }
  /** @type {(open: boolean) => void} */
  open(open) {
    this.list.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }
  /** A press elsewhere shuts the list. @type {(target: Node | null) => void} */
  pressed(target) {
    if (!this.place.contains(target)) this.open(false);
  }
  /**
   * Which switches are on, and which make sense at all.
   * @type {(layers: Layers, about: { lasso: boolean, byHand: boolean, pictures: unknown, regions: unknown, trust: unknown, tint: string, tints: string[] }) => void}
   */
  show(layers, { lasso, byHand, pictures, regions, trust, tint, tints }) {
    for (
      const [layer, button] of
      /** @type {[Layer, HTMLButtonElement][]} */
      Object.entries(this.switches)
    ) button.setAttribute("aria-pressed", String(layers[layer]));
    this.lasso.setAttribute("aria-pressed", String(lasso));
    this.switches.pictures.hidden = !pictures;
    this.switches.regions.hidden = !regions;
    this.switches.faint.hidden = !trust;
    this.showTints(tint, tints);
    this.fit.hidden = !byHand;
  }
  /** What the points can be colored by. @type {(tint: string, tints: string[]) => void} */
  showTints(tint, tints) {
    const offered = TINTS.filter(([name]) => tints.includes(name)), now = offered.map(([name]) => name).join(" ");
    if (now !== this.offered) {
      this.offered = now;
      this.tints.replaceChildren(...offered.map(([name, text, title]) => Object.assign(element("option"), { value: name, textContent: t("color: {tint}", { tint: t(text) }), title: t(title) })));
    }
    this.tints.value = tint;
    this.tints.hidden = !offered.length;
    this.tints.title = t(TINTS.find(([name]) => name === tint)?.[2] ?? "");
  }
  /** @type {(step: string, note: string) => void} */
  say(step, note) {
    this.caption.textContent = step;
    this.remark.textContent = this.remark.title = note;
  }
};

// points/sentence.js
var MOST2 = 5;
var LEAST = 0.2;
var THICK = 3;
function strongest({ spans, shares }) {
  const all = spans.map(([start, end], i) => ({ start, end, share: shares[i] })).filter((word) => word.share >= LEAST);
  return all.sort((a, b) => b.share - a.share).slice(0, MOST2).sort((a, b) => a.start - b.start);
}
function sentence(parent, text, words2 = null) {
  const place2 = element("p", "tlt-text", parent), letters = Array.from(text);
  let at = 0;
  for (const { start, end, share } of words2 ? strongest(words2) : []) {
    if (start < at || end > letters.length) continue;
    place2.append(letters.slice(at, start).join(""));
    const word = element("u", "tlt-word", place2, letters.slice(start, end).join(""));
    word.style.textDecorationThickness = `${Math.max(1, Math.round(THICK * share))}px`;
    at = end;
  }
  place2.append(letters.slice(at).join(""));
  return place2;
}

// points/tooltip.js
function beside(x, y, [w, h], [width, height, whole = width]) {
  const right = x + 14, left = x - 14 - w;
  const at = right + w <= width ? right : left >= 4 ? left : Math.min(right, whole - w - 4);
  const top = Math.min(Math.max(y - h / 2, 4), height - h - 4);
  return [Math.round(Math.max(at, 4)), Math.round(Math.max(top, 4))];
}
function clearOf([left, top], [w, h], height, [x0, y0, x1, y1]) {
  if (left >= x1 || left + w <= x0 || top >= y1 || top + h <= y0) return [left, top];
  const free = [y1 + 4, y0 - 4 - h].filter((y) => y >= 4 && y + h <= height - 4).sort((a, b) => Math.abs(a - top) - Math.abs(b - top));
  return [left, Math.round(free[0] ?? top)];
}
var Tooltip = class {
  /** @param {Element} parent */
  constructor(parent) {
    this.box = element("div", "tlt-tip", parent);
    this.box.hidden = true;
  }
  /**
   * Show point i, or nothing for -1; what it says, as one line. values: what is known of each point; near: its nearest source rows;
   * found: where its image speaks for a class; words: which of its text do.
   * @type {(points: Points | null, frame: ShownFrame | null, i: number, known?: { values?: Measured, near?: number[], found?: ClassMap | null, words?: Words | null }) => string}
   */
  fill(points, frame2, i, { values = {}, near = [], found: found2 = null, words: words2 = null } = {}) {
    const shown = i >= 0 && points && frame2;
    this.box.hidden = !shown;
    if (!shown) return "";
    this.box.replaceChildren();
    if (points.picture) this.box.append(thumbnail(
      /** @type {Pictured} */
      points,
      i,
      96,
      found2
    ));
    const about = element("div", "tlt-about", this.box), lines = [...describe(points, frame2.predictions, i), ...measured(values, i)];
    if (points.texts) sentence(about, points.texts[i], words2);
    const list = element("dl", "", about);
    for (const [key, value] of lines) {
      element("dt", "", list, key);
      element("dd", value.endsWith(" ✗") ? "tlt-wrong" : "", list, value);
    }
    if (found2) element("p", "tlt-bright", about, t("bright: speaks for {class}", { class: points.classes[found2.label] ?? "?" }));
    if (words2) element("p", "tlt-bright", about, t("underlined: speaks for {class}", { class: points.classes[words2.label] ?? "?" }));
    if (near.length) this.neighbors(about, points, near);
    return [...points.texts ? [points.texts[i]] : [], ...lines.map((line) => line.join(" "))].join(", ");
  }
  /** The nearest source points: their pictures, or marks, and their classes. @type {(parent: Element, points: Points, near: number[]) => void} */
  neighbors(parent, points, near) {
    const box = element("div", "tlt-near", parent);
    element("span", "", box, t("nearest source points by features"));
    const row = element("div", "", box);
    for (const j of near) {
      const one = element("figure", "", row);
      one.append(points.picture ? thumbnail(
        /** @type {Pictured} */
        points,
        j,
        32
      ) : icon(points.isTarget[j]));
      element("figcaption", "", one, points.classes[points.labels[j]] ?? "?");
    }
  }
  /** kept: what it may not lie over. @type {(at: Pair, size: [width: number, height: number, whole?: number], kept?: Placed | null) => void} */
  put([x, y], size, kept3 = null) {
    if (this.box.hidden) return;
    const own = [this.box.offsetWidth, this.box.offsetHeight], place2 = beside(x, y, own, size), [left, top] = kept3 ? clearOf(place2, own, size[1], kept3) : place2;
    this.box.style.transform = `translate(${left}px, ${top}px)`;
  }
};

// points/plan.js
function drawPlan(context, { points, frame: frame2, viewport, filter, colors, look }) {
  const lines = frame2.lines ?? new Float32Array(0), { now } = frame2.motion, { labels } = points;
  let most = 0;
  for (let k = 2; k < lines.length; k += 3) most = Math.max(most, lines[k]);
  for (const across of [false, true]) for (let k = 0; k < lines.length; k += 3) {
    const [i, j, mass] = lines.subarray(k, k + 3);
    if ((labels[j] >= 0 && labels[i] !== labels[j]) !== across || !filter.shows(i) || !filter.shows(j)) continue;
    context.globalAlpha = (across ? 0.75 : 0.4) * Math.sqrt(mass / most);
    context.strokeStyle = colors[labels[i]] ?? look.ink;
    context.lineWidth = (across ? 1.3 : 0.9) * (look.presenter ? 1.5 : 1);
    context.beginPath();
    context.moveTo(...viewport.place(now[2 * i], now[2 * i + 1]));
    context.lineTo(...viewport.place(now[2 * j], now[2 * j + 1]));
    context.stroke();
  }
  context.globalAlpha = 1;
}

// points/trails.js
var MOST3 = 900;
var Trails = class {
  /** @type {Float32Array[]} */
  places = [];
  step = -Infinity;
  constructor(length = 8) {
    this.length = length;
  }
  clear() {
    this.places = [];
    this.step = -Infinity;
  }
  /** A step back in time, or another number of points, begins anew. @type {(xy: Float32Array, step: number) => void} */
  push(xy, step) {
    if (step < this.step || this.places.length && this.places[0].length !== xy.length) this.places = [];
    this.step = step;
    this.places.push(xy);
    if (this.places.length > this.length) this.places.shift();
  }
  /**
   * The stations a line passes, oldest first; the last is where the points are now, on the way to the newest frame.
   * @type {(now: Float32Array) => Float32Array[]}
   */
  stations(now) {
    return [...this.places.slice(0, -1), now];
  }
  /** @type {(context: CanvasRenderingContext2D, scene: Scene, rows: number[]) => void} */
  draw(context, { points, frame: frame2, viewport, colors, look }, rows) {
    const stations = this.stations(frame2.motion.now), groups = byClass(points.labels, thinned(rows, MOST3));
    context.lineWidth = look.presenter ? 2 : 1.2;
    context.lineCap = "round";
    for (let age = 1; age < stations.length; age++) {
      context.globalAlpha = 0.75 * (age / (stations.length - 1)) ** 1.5;
      for (const [label, list] of groups) {
        context.strokeStyle = colors[label] ?? "#8c8c8c";
        strokeSteps(context, viewport, list, [stations[age - 1], stations[age]]);
      }
    }
    context.globalAlpha = 1;
  }
};
function thinned(rows, most) {
  const stride = Math.ceil(rows.length / most);
  return stride > 1 ? rows.filter((_, at) => at % stride === 0) : rows;
}
function byClass(labels, rows) {
  const groups = /* @__PURE__ */ new Map();
  for (const i of rows) if (!groups.get(labels[i])?.push(i)) groups.set(labels[i], [i]);
  return groups;
}
function strokeSteps(context, { view, width, height }, rows, [from, to]) {
  const left = width / 2 - view.x / view.k, top = height / 2 + view.y / view.k;
  context.beginPath();
  for (const i of rows) {
    context.moveTo(left + from[2 * i] / view.k, top - from[2 * i + 1] / view.k);
    context.lineTo(left + to[2 * i] / view.k, top - to[2 * i + 1] / view.k);
  }
  context.stroke();
}

// points/voice.js
var PAUSE = 1e4;
var REMINDERS = 3;
var Voice = class {
  /** @type {ReturnType<typeof accuracies> | undefined} */
  before;
  hiding = 0;
  waiting = 0;
  /** @param {Element} root @param {Element} stage */
  constructor(root, stage) {
    this.empty = element("div", "tlt-empty", stage);
    this.news = element("div", "tlt-news", stage);
    this.reminder = element("div", "tlt-news tlt-hint", stage);
    this.news.hidden = this.reminder.hidden = true;
    this.live = element("div", "tlt-unseen", root);
    this.live.setAttribute("aria-live", "polite");
    this.saidAt = this.hinted = 0;
  }
  /** Say now, to those who listen instead of looking. @type {(text: string) => void} */
  tell(text) {
    this.live.textContent = text;
  }
  /** A line over the picture about what hinders it; "" when nothing does. @type {(text: string) => void} */
  setNews(text) {
    if (this.news.textContent === text) return;
    this.news.textContent = text;
    this.news.hidden = !text;
    if (text) this.tell(text);
  }
  /** A hint over the picture, for a moment, and not for ever. @type {(text: string) => void} */
  hint(text) {
    if (this.reminder.hidden && this.hinted++ >= REMINDERS) return;
    this.reminder.textContent = text;
    this.reminder.hidden = false;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => {
      this.reminder.hidden = true;
    }, 1400);
  }
  /** What stands in the middle while there is nothing to see; "" when there is. @type {(text: string) => void} */
  nothing(text) {
    this.empty.textContent = text;
    this.empty.hidden = !text;
  }
  /** What a map shows, as the name of its canvas; aloud now and then, with what has changed since. @type {(map: PointMap, aloud: boolean) => void} */
  describe(map, aloud) {
    const { points, frame: frame2, filter, canvas, worst, centers } = map;
    const shown = filter.mask.reduce((sum, on) => sum + on, 0), now = points && frame2 ? accuracies(points, frame2.predictions, filter.shows) : [null, null];
    const told = { shown, now, before: this.before, worst: worst < 0 ? void 0 : points?.classes[worst], gap: centers?.[worst]?.gap };
    const text = summary(points, frame2, told);
    canvas.setAttribute("aria-label", `${text} ${t(HOW)}`);
    const wait = aloud ? 0 : this.saidAt + PAUSE - performance.now();
    clearTimeout(this.waiting);
    if (wait > 0) {
      this.waiting = setTimeout(() => this.describe(map, true), wait);
      return;
    }
    this.saidAt = performance.now();
    this.before = now;
    this.tell(text);
  }
  stop() {
    clearTimeout(this.hiding);
    clearTimeout(this.waiting);
  }
};

// points/watch.js
function watchPage(stage, { resize, sight, theme, wake }) {
  const sizes = new ResizeObserver(resize), sights = new IntersectionObserver((seen) => sight(seen[seen.length - 1].isIntersecting));
  const themes = new MutationObserver(() => requestAnimationFrame(theme));
  sizes.observe(stage);
  sights.observe(stage);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  document.addEventListener("visibilitychange", wake);
  return () => {
    for (const observer of [sizes, sights, themes]) observer.disconnect();
    document.removeEventListener("visibilitychange", wake);
  };
}

// points/pointmap.js
var FLAT = mark("All points have the same features: there is nothing to lay out. The network tells no example from another.");
var REST2 = 4e3;
var HALF = 0.5;
var UNSEEN = 0.3;
var PointMap = class {
  // What stands in the page.
  /** @type {HTMLElement} */
  root;
  /** @type {HTMLElement} */
  body;
  /** @type {HTMLElement} */
  stage;
  /** @type {HTMLCanvasElement} */
  canvas;
  /** @type {Toolbar} */
  toolbar;
  /** @type {Voice} */
  voice;
  /** @type {Tooltip} */
  tip;
  /** @type {SelectionPanel} */
  panel;
  /** @type {Finder} */
  finder;
  /** @type {Legend} */
  legend;
  /** @type {Gestures} */
  gestures;
  /** @type {AbortController} */
  ending;
  /** @type {() => void} */
  unwatch;
  // What a person does is told to these.
  /** @type {(rows: number[], ...title: Title) => void} */
  onSelect = () => {
  };
  /** @type {(axis: number, x: number, y: number) => void} */
  onDrag = () => {
  };
  /** @type {(view: MapView) => void} */
  onView = () => {
  };
  /** @type {(row: number) => void} */
  onPick = () => {
  };
  // What came in.
  /** @type {Points | null} */
  points = null;
  /** @type {Frame | null} */
  latest = null;
  /** @type {ShownFrame | null} */
  frame = null;
  /** @type {Measured} */
  values = {};
  /** @type {Near | null} */
  near = null;
  /** @type {ClassMap | null} */
  found = null;
  /** @type {Words | null} */
  words = null;
  // What a person looks at, has hold of and has selected: rows, and chosen[i] is 1 for these; -1 for no point, no axis.
  picked = -1;
  byKey = false;
  held = -1;
  lassoing = false;
  /** @type {Marquee | null} */
  marquee = null;
  /** @type {Lit | null} */
  lit = null;
  /** @type {number[]} */
  rows = [];
  /** @type {Uint8Array | null} */
  chosen = null;
  tint = "class";
  // What follows from these.
  alphas = new Float32Array(0);
  hues = new Uint16Array(0);
  /** @type {string[]} */
  colors = [];
  /** @type {Centers[] | null} */
  centers = null;
  worst = -1;
  /** @type {Segment[][][] | null} */
  lines = null;
  untrue = 0;
  laidOut = 0;
  angle = 0;
  turnedAt = -Infinity;
  turning = 0;
  drawings = 0;
  /** @param {HTMLElement} root @param {{ group?: string, presenter?: boolean }} [options] */
  constructor(root, { group = "", presenter = false } = {}) {
    this.layers = { names: true, wrong: true, centroids: false, trails: false, pictures: false, density: false, faint: true, fade: false, regions: true };
    this.viewport = new Viewport();
    this.filter = new Filter();
    this.look = new Look(presenter);
    this.rhythm = new Rhythm();
    this.trails = new Trails();
    this.regions = new Regions();
    this.kept = new Kept();
    this.stale = true;
    this.pace = new Pace((now, seconds) => this.draw(now, seconds));
    this.link = new Link(group, (detail) => this.hear(detail));
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build(root);
    this.listen();
    this.setPresenter(presenter);
  }
  /** @type {(root: HTMLElement) => void} */
  build(root) {
    this.root = root;
    root.classList.add("tlt-map");
    this.toolbar = new Toolbar(root, { flip: (layer) => this.flip(layer), fit: () => {
      this.fit();
      this.canvas.focus();
    }, lasso: () => this.switchLasso(), tint: (name) => this.colorBy(name) });
    const body = this.body = element("div", "tlt-body", root);
    this.stage = element("div", "tlt-stage", body);
    this.canvas = element("canvas", "", this.stage);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.voice = new Voice(root, this.stage);
    this.tip = new Tooltip(body);
    this.panel = new SelectionPanel(body, { onPick: (row, really) => this.pickListed(row, really), onClose: () => this.closePanel(), onCell: (truth, guess, when) => this.takeCell(truth, guess, when) });
    const below = element("div", "tlt-below", root);
    const aside = element("div", "tlt-aside", below);
    this.finder = new Finder(aside, (letters) => this.find(letters));
    this.legend = new Legend(below, element("span", "tlt-trust", aside), { press: (what, key, alone) => this.press(what, key, alone), light: (lit) => {
      this.lit = lit;
      this.wake();
    } });
  }
  listen() {
    this.ending = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.ending.signal, passive: false });
    this.gestures = new Gestures(this, this.canvas, on);
    on(this.canvas, "keydown", (event) => {
      if (pressKey(this, event)) event.preventDefault();
    });
    on(this.root, "keydown", (event) => {
      if (staysOnMap(event)) event.stopPropagation();
    });
    on(this.canvas, "blur", () => {
      if (!this.gestures.drag) this.pick(-1);
    });
    on(document, "pointerdown", ({ target }) => {
      this.toolbar.pressed(target);
      if (!this.root.contains(target) && !this.byKey) this.pick(-1);
    });
    this.unwatch = watchPage(this.stage, {
      resize: () => this.resize(),
      theme: () => this.theme(),
      wake: () => this.wake(),
      sight: (seen) => {
        this.pace.inSight = seen;
        this.wake();
      }
    });
  }
  destroy() {
    clearTimeout(this.turning);
    this.ending.abort();
    this.unwatch();
    for (const part of [this.pace, this.voice, this.link]) part.stop();
    closePicture(this.points);
    this.root.replaceChildren();
  }
  // -------------------------------------------------------------- what comes in
  /** points: {n, classes, domains, labels, isTarget, tile, width, vectors, texts, sprites (PNG bytes)}. @type {(points: Points) => void} */
  setPoints(points) {
    closePicture(this.points);
    this.points = points.n ? openPicture(points, () => this.wake()) : null;
    this.alphas = new Float32Array(points.n);
    this.hues = new Uint16Array(points.n);
    this.values = {};
    this.finder.show(this.points);
    this.filter.reset(this.points);
    this.look.stamps = null;
    this.panel.forget();
    this.highlight([]);
    this.refill();
    this.clear();
  }
  /**
   * frame: {xy, predictions, step, note, axes, regions, lines}; xy of another length than the points is not theirs and clears the picture.
   * alone: whether it was asked for by itself, as one with a note is, and is not one of a stream.
   * @type {(frame: Frame) => void}
   */
  setFrame(frame2) {
    const { predictions, step, note = "", axes = null, regions = null, lines = null, alone = Boolean(note) } = frame2;
    if (!this.points || frame2.xy.length !== 2 * this.points.n) {
      this.clear();
      return;
    }
    this.latest = frame2;
    const xy = axes || regions ? frame2.xy : turned(frame2.xy, this.angle), now = performance.now(), before = this.frame, { labels, isTarget, classes } = this.points;
    const motion = this.motionTo(xy, now, alone);
    const names = anchors(xy, labels, isTarget, classes.length), namesWere = before && namesNow(before, now);
    this.frame = { motion, predictions, step, note, regions, lines, names, namesWere, axes: this.axesHeld(axes), flat: isFlat(xy) };
    this.trails.push(xy, step);
    this.viewport.aim(wanted(xy, this.frame.axes), this.still || !before);
    this.voice.nothing(this.frame.flat ? t(FLAT) : "");
    this.toolbar.say(t("step {step}", { step: step.toLocaleString("en") }), note);
    this.panel.see(step, predictions);
    this.fillTip();
    this.measure();
    this.color();
    this.showSwitches();
    this.wake();
    this.say(!before);
    this.considerTurn(now);
  }
  /**
   * values: what the last look knows of each point, by name: confidence, loss, opinion, changed and trust, each (n,).
   * @type {(values: Measured) => void}
   */
  setValues(values) {
    this.values = values;
    this.fillTip();
    this.color();
    this.showSwitches();
    this.sayTrust();
  }
  /** How many points are laid out, where the others stand beside these; 0 for all. @param {number} few */
  setLaidOut(few) {
    this.laidOut = few;
    this.sayTrust();
  }
  /** How many points are not where they belong; where these are few they are faint, too. */
  sayTrust() {
    this.untrue = this.values.trust ? untrusted(this.values.trust) : 0;
    this.legend.trust(this.layers.faint ? this.untrue : 0, this.laidOut);
  }
  /** near: {row, rows, all}: a point's nearest source points in feature space, and how far all points are from it. @type {(near: Near) => void} */
  setNear(near) {
    if (near.row !== this.picked) return;
    const first = !this.near;
    this.near = near;
    const words2 = this.fillTip();
    if (this.byKey) this.tell([words2, nearestWords(this.data, near.rows)].join(", "));
    if (this.tint === "distance") {
      this.color();
      if (first) this.refill();
    }
    this.pace.wake();
  }
  /** Where a point's image speaks for the network's answer. @type {(found: ClassMap) => void} */
  setClassMap(found2) {
    if (found2.row !== this.picked) return;
    this.found = found2;
    this.fillTip();
    this.pace.wake();
  }
  /** Which words of a point's text speak for the network's answer. @type {(words: Words) => void} */
  setWords(words2) {
    if (words2.row !== this.picked) return;
    this.words = words2;
    this.fillTip();
    this.pace.wake();
  }
  /** Say in the tip what is known of the point that is looked at. */
  fillTip() {
    const row = this.picked;
    if (row < 0 || !this.frame) return "";
    const found2 = this.found?.row === row ? this.found : null, words2 = this.words?.row === row ? this.words : null;
    return this.tip.fill(this.points, this.frame, row, { values: this.values, near: this.near?.row === row ? this.near.rows : [], found: found2, words: words2 });
  }
  /**
   * A map whose axes mean nothing is turned, by itself and now and then, to fill its picture; linked maps stay as they are.
   * @type {(now: number) => void}
   */
  considerTurn(now) {
    const { xy, axes, regions } = (
      /** @type {Frame} */
      this.latest
    );
    if (axes || regions || this.link.group || this.turning || this.viewport.byHand || now - this.turnedAt < REST2 || this.shown.flat) return;
    const angle = bestTurn(xy, this.angle, this.viewport.width, this.viewport.height);
    if (angle === this.angle) return;
    this.turning = setTimeout(() => this.turnTo(angle), this.turnedAt === -Infinity ? 0 : 150);
  }
  /** Turn the map, apart from any frame: nothing else moves. @type {(angle: number) => void} */
  turnTo(angle) {
    this.turning = 0;
    this.turnedAt = performance.now();
    this.angle = angle;
    if (!this.frame || !this.latest) return;
    this.trails.clear();
    this.setFrame({ ...this.latest, alone: true });
  }
  /** The glide to xy; none where nobody would see it. @type {(xy: Float32Array, now: number, alone: boolean) => Motion} */
  motionTo(xy, now, alone) {
    const before = this.frame?.motion, glide2 = this.rhythm.next(now, alone);
    const unseen = this.still || !before || farthest(before.now, xy) < UNSEEN * (this.viewport.view?.k ?? 0);
    return new Motion(xy, before, now, unseen ? {} : glide2);
  }
  clear() {
    this.frame = this.marquee = this.near = this.found = this.words = this.lines = null;
    clearTimeout(this.turning);
    this.turning = 0;
    this.angle = 0;
    this.turnedAt = -Infinity;
    this.held = -1;
    this.viewport.clear();
    this.trails.clear();
    this.kept.clear();
    this.pick(-1);
    this.toolbar.say("", "");
    this.voice.nothing(this.points ? t("Press Play: the points appear here and move as the network learns.") : t("The map of the features appears here."));
    this.measure();
    this.showSwitches();
    this.wake();
    this.say(true);
  }
  /** Show these rows in the selection panel, under a title; none close it. @type {(rows: Iterable<number>, text?: string, values?: Title[1]) => void} */
  select(rows, text = "", values = {}) {
    const title = titleWords(text, values);
    this.highlight(rows);
    this.panel.show(this.points, this.frame, this.rows, title, this.colors);
    this.link.tell(this.picked, this.rows);
    if (this.rows.length) this.tell(chosenWords(title, tally(this.data, this.predictions, this.rows)));
  }
  /** @type {(text: string) => void} */
  setNews(text) {
    this.voice.setNews(text);
  }
  /** @type {(group: string) => void} */
  setGroup(group) {
    this.link.group = group;
  }
  /** @type {(presenter: boolean) => void} */
  setPresenter(presenter) {
    this.look.presenter = presenter;
    this.root.classList.toggle("tlt-presenter", presenter);
    this.theme();
  }
  // -------------------------------------------------------------- what a person does
  get ready() {
    return Boolean(this.frame && this.viewport.view);
  }
  /** The points, of a map that has some. */
  get data() {
    return (
      /** @type {Points} */
      this.points
    );
  }
  /** The frame, of a map that has one. */
  get shown() {
    return (
      /** @type {ShownFrame} */
      this.frame
    );
  }
  get still() {
    return this.reduced.matches || this.pace.idle;
  }
  /** @returns {Predictions} */
  get predictions() {
    return this.frame?.predictions ?? [];
  }
  /** @type {(layer: Layer) => void} */
  flip(layer) {
    this.layers[layer] = !this.layers[layer];
    this.measure();
    this.setValues(this.values);
    if (layer === "wrong") this.refill();
    this.onView(this.view);
    this.wake();
  }
  /** Color the points by what TINTS names. @type {(name: string) => void} */
  colorBy(name) {
    this.tint = name;
    this.refill();
    this.color();
    this.showSwitches();
    this.onView(this.view);
  }
  /** @type {(what: Kind, key: number, alone: boolean) => void} */
  press(what, key, alone) {
    this.filter.press(what, key, alone);
    this.pick(-1);
    this.measure();
    this.refill();
    this.onView(this.view);
    this.wake();
  }
  /** How a person wants to see it, as plain numbers and names; setting it brings an earlier view back. @returns {MapView} */
  get view() {
    return { layers: { ...this.layers }, tint: this.tint, hidden: this.filter.hidden, held: this.viewport.held };
  }
  /** @param {Partial<MapView>} view */
  set view({ layers = {}, tint = "class", hidden = {}, held = null }) {
    this.tint = tint;
    for (
      const layer of
      /** @type {Layer[]} */
      Object.keys(this.layers)
    ) if (layer in layers) this.layers[layer] = Boolean(
      /** @type {Partial<Layers>} */
      layers[layer]
    );
    this.filter.hide(hidden);
    if (held && this.frame) this.viewport.hold(held, "once");
    this.pick(-1);
    this.measure();
    this.refill();
    this.color();
    this.showSwitches();
    this.wake();
  }
  /** @type {(px: number, py: number) => void} */
  point(px, py) {
    const [x, y] = this.viewport.data(px, py);
    this.pick(nearest2(this.shown.motion.now, x, y, 12 * this.viewport.seen.k, this.filter.shows));
  }
  /**
   * Bring point i out, -1 for none; how: by pointer, by key (which is read aloud), or from afar, by a linked map.
   * @type {(i: number, how?: "pointer" | "key" | "afar") => void}
   */
  pick(i, how = "pointer") {
    this.byKey = how === "key";
    if (i === this.picked) return;
    this.picked = i;
    if (i < 0) this.tip.fill(this.points, this.frame, i);
    const words2 = this.fillTip();
    if (this.byKey) this.tell(words2);
    if (how !== "afar") this.link.tell(i);
    this.onPick(i);
    this.pace.wake();
  }
  /** A picture of the panel was pointed at, or pressed. @type {(row: number, really: boolean) => void} */
  pickListed(row, really) {
    if (!this.ready) return;
    this.pick(row, really ? "key" : "pointer");
    if (really) {
      const { to } = this.shown.motion;
      this.viewport.show(to[2 * row], to[2 * row + 1]);
      this.showSwitches();
    }
  }
  /** Another map of the group points at a row, or selects rows. @type {(told: { row: number, rows?: number[] }) => void} */
  hear({ row, rows }) {
    const n = this.points?.n ?? 0;
    if (rows) {
      this.highlight(rows);
      this.panel.show(this.points, this.frame, this.panel.box.hidden ? [] : this.rows, "", this.colors);
    }
    if (row < n) this.pick(row, "afar");
  }
  /** @type {(rows: Iterable<number>) => void} */
  highlight(rows) {
    const n = this.points?.n ?? 0;
    this.rows = Array.from(rows).filter((row) => row >= 0 && row < n);
    const chosen = this.rows.length ? new Uint8Array(n) : null;
    for (const row of this.rows) if (chosen) chosen[row] = 1;
    this.chosen = chosen;
    if (!this.rows.length) this.panel.show(this.points, this.frame, [], "");
    this.wake();
  }
  /** Select here, and say so. @type {(rows: number[], ...title: Title) => void} */
  choose(rows, ...title) {
    this.select(rows, ...title);
    this.onSelect(this.rows, ...title);
  }
  closePanel() {
    this.choose([], "", {});
    this.canvas.focus();
  }
  takeClass() {
    const { labels, classes } = this.data, label = labels[this.picked];
    if (label === void 0) {
      this.tell(t("Pick a point first: C selects its class."));
      return;
    }
    this.choose(rowsOfClass(labels, label, this.filter.shows), label < 0 ? mark("no class") : mark("class {name}"), { name: classes[label] ?? "" });
  }
  /**
   * Select those of the selected points that have this class and are taken for that one: now, at the first look, or at one of both only.
   * @type {(truth: number, guess: number, when?: import("./panel.js").When) => void}
   */
  takeCell(truth, guess, when = "after") {
    const name = (c) => this.data.classes[c] ?? String(c);
    const title = [truth === guess ? mark("{truth}, taken for what it is") : mark("{truth} taken for {guess}"), { truth: name(truth), guess: name(guess) }];
    const first = this.panel.first?.predictions ?? [], cell = [truth, guess];
    if (when === "before") this.choose(rowsOfCell(this.data, first, this.rows, cell), mark("before: {title}"), { title });
    else if (when === "change") this.choose(rowsThatMoved(this.data, first, this.predictions, this.rows, cell), mark("came or left: {title}"), { title });
    else this.choose(rowsOfCell(this.data, this.predictions, this.rows, cell), ...title);
  }
  /** Select what these letters mean; "" clears the selection. @type {(letters: string) => void} */
  find(letters) {
    const rows = this.points ? found(this.points, letters, this.filter.shows) : [];
    this.finder.tell(rows.length > 0);
    this.choose(rows, rows.length ? mark("Found: {letters}") : "", { letters: letters.trim() });
    if (letters.trim() && !rows.length) this.tell(t("No class and no text fits {letters}.", { letters: letters.trim() }));
  }
  /** Draw this box or lasso over the points, null for none. @type {(marquee: Marquee | null) => void} */
  outline(marquee) {
    this.marquee = marquee;
    if (marquee) this.pick(-1);
    this.pace.wake();
  }
  /** @type {(x: number, y: number) => void} */
  stretch(x, y) {
    this.marquee?.reach(x, y);
    this.pace.wake();
  }
  /** Select what the box or lasso holds. */
  take() {
    const { marquee } = this;
    if (!marquee) return;
    this.outline(null);
    this.choose(marquee.rows(this.shown.motion.now, this.filter.shows), marquee.kind === "box" ? mark("Box") : mark("Lasso"), {});
    if (!this.rows.length) this.tell(t("No points there."));
  }
  switchLasso() {
    this.lassoing = !this.lassoing;
    this.showSwitches();
  }
  /** @type {(...how: Parameters<Viewport["zoom"]>) => void} */
  zoom(...how) {
    this.viewport.zoom(...how);
    this.moved();
  }
  /** @type {(...how: Parameters<Viewport["pan"]>) => void} */
  pan(...how) {
    this.viewport.pan(...how);
    this.moved();
  }
  fit() {
    this.viewport.fit();
    this.moved();
  }
  moved() {
    this.toolbar.fit.hidden = !this.viewport.byHand;
    this.onView(this.view);
    this.pace.wake();
  }
  /** Drop what was begun last (the box, the axis, the point, the selection); false where nothing was. */
  back() {
    if (this.marquee) this.outline(null);
    else if (this.held >= 0) this.hold(-1);
    else if (this.picked >= 0) this.pick(-1);
    else if (this.rows.length) this.closePanel();
    else return false;
    return true;
  }
  // -------------------------------------------------------------- axes
  /** The axis that a hand has hold of, -1 for none. @type {(axis: number) => void} */
  hold(axis) {
    this.held = axis;
    this.wake();
  }
  nextAxis() {
    const { axes } = this.shown, count = (axes?.length ?? 0) / 2;
    if (!axes || !count) {
      this.tell(t("This map has no axes to turn."));
      return;
    }
    this.hold(this.held + 1 < count ? this.held + 1 : 0);
    this.tell(axisWords(this.held, axes));
  }
  /** The tip of an axis goes to [x, y]; `tell` whether to say so already. @type {(axis: number, to: Pair, tell: boolean) => void} */
  turn(axis, [x, y], tell) {
    this.frame?.axes?.set([x, y], 2 * axis);
    if (tell) this.onDrag(axis, x, y);
    this.wake();
  }
  /** A frame's axes; one that is held stays where the hand has it. @type {(axes: Float32Array | null) => Float32Array | null} */
  axesHeld(axes) {
    const own = axes?.slice() ?? null, were = this.frame?.axes, at = 2 * this.held;
    if (own && were && this.held >= 0 && were.length === own.length) own.set(were.subarray(at, at + 2), at);
    return own;
  }
  // -------------------------------------------------------------- what is said and shown around the picture
  /** @type {(text: string) => void} */
  tell(text) {
    this.voice.tell(text);
  }
  /** @type {(aloud?: boolean) => void} */
  say(aloud = false) {
    this.voice.describe(this, aloud);
  }
  measure() {
    this.centers = this.frame && centroids(this.data, this.frame.motion.to);
    this.worst = this.centers ? widest(this.centers) : -1;
    this.legend.measure(this.centers, this.worst);
    this.lines = this.layers.density && this.frame ? contours(this.data, this.frame.motion.to, this.filter.shows) : null;
  }
  refill() {
    this.colors = this.look.colors(this.points);
    const scale = tintColors(this.tint, this.points?.classes.length ?? 0, this.look.dark);
    this.legend.fill(this.points, this.filter, this.colors, { tint: this.tint, scale, waits: this.tint === "distance" && !this.near, rings: this.layers.wrong });
    this.legend.measure(this.centers, this.worst);
    this.sayTrust();
  }
  /** Give each point its color. */
  color() {
    if (!this.points) return;
    hues(this.tint, { points: this.points, predictions: this.predictions, values: this.values, distances: this.near?.all }, this.hues);
    this.wake();
  }
  showSwitches() {
    const about = {
      lasso: this.lassoing,
      byHand: this.viewport.byHand,
      pictures: this.points?.picture,
      regions: this.frame?.regions,
      trust: this.values.trust,
      tint: this.tint,
      tints: this.frame ? tintsOf(this.points, this.predictions, this.values) : []
    };
    this.toolbar.show(this.layers, about);
  }
  resize() {
    const scale = window.devicePixelRatio || 1, width = this.stage.clientWidth, height = this.stage.clientHeight;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.viewport.resize(width, height);
    if (width && !this.look.paper) this.theme();
    if (width) this.draw(performance.now(), 0);
    this.wake();
  }
  theme() {
    this.look.read(this.root);
    this.refill();
    this.panel.show(this.points, this.frame, this.panel.box.hidden ? [] : this.rows, this.panel.about, this.colors);
    this.wake();
  }
  // -------------------------------------------------------------- the picture itself
  /** Something has changed that the points are painted from; what lies above them, and the view, call the pace alone. */
  wake() {
    this.stale = true;
    this.pace.wake();
  }
  /** Move and paint; whether to go on. @type {(now: number, seconds: number) => boolean} */
  draw(now, seconds) {
    const context = brushOf(this.canvas), scale = window.devicePixelRatio || 1;
    this.root.dataset.draws = String(++this.drawings);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.viewport.width, this.viewport.height);
    if (!this.ready || this.shown.flat) return false;
    const gliding = this.shown.motion.advance(now) < 1, moving = this.viewport.move(seconds, this.reduced.matches);
    const owed = this.paintPoints(context, this.scene(scale), { scale, gliding, now });
    return gliding || moving || owed;
  }
  /**
   * The points, painted or kept, and what lies above them; whether a picture of the points is still owed.
   * @type {(context: CanvasRenderingContext2D, scene: Scene, about: { scale: number, gliding: boolean, now: number }) => boolean}
   */
  paintPoints(context, scene, { scale, gliding, now }) {
    const { view, width, height, byHand } = scene.viewport, keeps = worthKeeping(scene.points.n);
    let owed = false;
    if (keeps) owed = this.kept.show(context, { view, width, height, scale, stale: this.stale || gliding, byHand, now }, (kept3) => this.paint(kept3, scene));
    else this.paint(context, scene);
    this.stale = owed;
    this.paintAbove(context, scene);
    return owed;
  }
  /** @type {(scale: number) => Scene} */
  scene(scale) {
    const { data: points, shown: frame2, look, filter, lit, layers, colors, chosen, alphas, centers } = this, viewport = (
      /** @type {Scene["viewport"]} */
      this.viewport
    );
    const quiet = layers.centroids, stamps = look.stampsFor(points, this.tint, viewport.zoomed, scale), trust = layers.faint && this.untrue < HALF ? this.values.trust : null;
    strengths(points, { mask: filter.mask, predictions: frame2.predictions, lit, fade: layers.fade, chosen, quiet, trust }, alphas);
    return { points, frame: frame2, viewport, look, filter, lit, layers, colors, stamps, alphas, centers, hues: this.hues, weights: this.values.weight };
  }
  /** The points and what lies behind them, from the back to the front. @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  paint(context, scene) {
    const { layers } = this, { points } = scene;
    if (layers.regions) this.regions.draw(context, scene);
    if (this.lines) drawDensity(context, scene, this.lines, tintColors("domain", 0, this.look.dark).slice(1));
    if (scene.frame.lines) drawPlan(context, scene);
    if (layers.trails) this.trails.draw(context, scene, this.trailed());
    if (layers.pictures && points.picture?.complete) drawPictures(context, scene);
    else drawPoints(context, scene);
  }
  /** @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  paintAbove(context, scene) {
    const { layers } = this, { frame: frame2, viewport } = scene, { now } = frame2.motion;
    if (layers.centroids) drawCentroids(context, scene);
    if (layers.names) drawNames(context, scene);
    if (frame2.axes) drawAxes(context, scene, this.held);
    this.marquee?.draw(context, scene);
    if (this.near && this.near.row === this.picked) drawNearest(context, scene, this.picked, this.near.rows);
    drawPicked(context, scene, this.picked);
    if (this.picked >= 0) this.tip.put(viewport.place(now[2 * this.picked], now[2 * this.picked + 1]), [viewport.width, viewport.height, this.body.clientWidth], this.panel.focused());
  }
  /** The rows whose trails are drawn: what is selected, or else the target's. @type {() => number[]} */
  trailed() {
    const { filter, data: points, rows } = this;
    return rows.length ? rows.filter(filter.shows) : Array.from(points.isTarget.keys()).filter((i) => points.isTarget[i] && filter.shows(i));
  }
};

// map.js
function decode(view, Kind = (
  /** @type {any} */
  Float32Array
)) {
  if (!view || !view.byteLength) return (
    /** @type {any} */
    new Kind(0)
  );
  const bytes = "buffer" in view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view);
  return (
    /** @type {any} */
    new Kind(bytes.slice().buffer)
  );
}
function pointsOf(model) {
  const about = model.get("about") ?? {}, names = about.classes ?? [];
  return {
    n: about.n ?? 0,
    names,
    classes: names.map((name) => t(name)),
    domains: about.domains ?? [],
    tile: about.tile,
    width: about.width ?? 0,
    texts: about.texts,
    labels: decode(model.get("labels"), Int16Array),
    isTarget: decode(model.get("is_target"), Uint8Array),
    vectors: decode(model.get("vectors")),
    sprites: model.get("sprites")
  };
}
function frameOf(model) {
  const grid2 = decode(model.get("regions"), Int16Array), axes = decode(model.get("axes")), lines = decode(model.get("lines"));
  return {
    xy: decode(model.get("xy")),
    predictions: decode(model.get("predictions"), Int16Array),
    step: model.get("step"),
    note: model.get("note"),
    axes: axes.length ? axes : null,
    lines: lines.length ? lines : null,
    regions: grid2.length ? { grid: grid2, extent: model.get("extent") } : null
  };
}
function valuesOf(model) {
  const names = model.get("value_names") ?? [], all = decode(model.get("values")), n = names.length ? all.length / names.length : 0;
  return Object.fromEntries(names.map((name, at) => [name, all.subarray(at * n, (at + 1) * n)]));
}
function newsOf({ playing, stalled, silence, answered }) {
  if (!answered && silence > 8) return t("No answer from the kernel: it may be busy in another cell. If this stays, run this cell again.");
  if (!playing) return "";
  if (stalled) return t("The kernel is busy in another cell: controls act when that cell ends.");
  return silence > 3.5 ? t("No news for {seconds} s: is the kernel busy in another cell?", { seconds: Math.round(silence) }) : "";
}
function calmed(act, wait) {
  let timer = 0;
  let waiting = null;
  const tell = () => {
    if (waiting) {
      const [argument] = waiting;
      waiting = null;
      act(argument);
    }
  };
  const call = (argument) => {
    clearTimeout(timer);
    waiting = [argument];
    timer = setTimeout(tell, wait);
  };
  return Object.assign(call, { end: () => {
    clearTimeout(timer);
    if (waiting) tell();
  } });
}
function keepView(model, map) {
  const known2 = model.get("view") ?? {};
  if (Object.keys(known2).length) map.view = known2;
  const tell = calmed((view) => {
    model.set("view", view);
    model.save_changes();
  }, 200);
  map.onView = tell;
  return () => tell.end();
}
function askNear(model, row) {
  model.sendLast?.({ kind: "near", row }, "near");
}
function answers(model, map) {
  map.onSelect = (rows, title, values) => model.send({ kind: "select", rows: Array.from(rows), title, values });
  map.onDrag = (axis, x, y) => model.send({ kind: "drag", axis, x, y });
  map.onPick = (row) => {
    model.hub?.pick(row, () => ({ predictions: map.predictions, opinion: map.values.opinion }));
    if (row >= 0) askNear(model, row);
  };
}
function reactions(model, map, root) {
  let heardAt = performance.now(), answered = false;
  let version = null;
  const heard = () => {
    heardAt = performance.now();
  };
  const news = () => {
    const silence = (performance.now() - heardAt) / 1e3;
    map.setNews(newsOf({ playing: model.get("playing"), stalled: model.get("stalled"), silence, answered }));
  };
  const frame2 = () => {
    heard();
    map.setFrame(frameOf(model));
    root.dataset.sequence = String(model.get("sequence"));
    news();
  };
  const values = () => {
    map.setValues(valuesOf(model));
    if (map.picked >= 0) askNear(model, map.picked);
  };
  const points = () => {
    const news2 = model.get("version") !== version;
    version = model.get("version");
    if (news2) map.setPoints(pointsOf(model));
    frame2();
    values();
    if (news2) map.onView(map.view);
  };
  const said2 = (content, buffers) => {
    const { kind, row } = content;
    if (kind === "near") map.setNear({ row, rows: content.rows, all: decode(buffers[0]) });
    if (kind === "words") map.setWords({ row, label: content.label, spans: content.spans, shares: content.shares });
    if (kind === "class-map") map.setClassMap({ row, label: content.label, values: decode(buffers[0], Uint8Array), width: content.shape[1], height: content.shape[0] });
  };
  const beat = () => {
    answered = true;
    heard();
    news();
  };
  const select = () => map.select(decode(model.get("chosen"), Int32Array), model.get("title"), model.get("title_values"));
  return {
    "change:version": points,
    "change:sequence": frame2,
    "change:values": values,
    "msg:custom": said2,
    "change:pulse": beat,
    "change:playing": beat,
    "change:stalled": news,
    "change:asked": select,
    "change:laid_out": () => map.setLaidOut(model.get("laid_out")),
    "change:group": () => map.setGroup(model.get("group")),
    "change:presenter": () => map.setPresenter(model.get("presenter")),
    tick: news
  };
}
function renderMap({ model, el }) {
  const root = element("div", "", el), map = new PointMap(root, { group: model.get("group"), presenter: model.get("presenter") });
  const { tick, ...events } = reactions(model, map, root);
  answers(model, map);
  for (const [name, act] of Object.entries(events)) model.on(name, act);
  const timer = setInterval(tick, 1e3);
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

// curves.js
function decodeSeries(names, view) {
  const numbers = decode(view);
  const series = {};
  let at = 0;
  for (const [name, n] of names) {
    series[name] = Array.from({ length: n }, (_, i) => [numbers[at + 2 * i], numbers[at + 2 * i + 1]]);
    at += 2 * n;
  }
  return series;
}
function follows({ kind, number }, heard) {
  return kind === "all" || number === heard + 1;
}
function renderCurves({ model, el }) {
  const root = element("div", "", el), curves = new Curves(root);
  let heard = 0;
  const told = (content, buffers) => {
    if (!follows(content, heard)) return;
    heard = content.number;
    curves.tell(content.kind, decodeSeries(content.series, buffers[0]), content.changes);
  };
  const cursor = () => {
    curves.cursor = model.get("cursor");
    curves.wake();
  };
  curves.wish = model.get("scale");
  curves.onWish = (wish) => {
    model.set("scale", wish);
    model.save_changes();
  };
  curves.onPress = (step, name) => model.send({ kind: "points", step, name });
  model.on("msg:custom", told);
  model.on("change:cursor", cursor);
  cursor();
  model.send({ kind: "ready" });
  return () => {
    model.off("msg:custom", told);
    model.off("change:cursor", cursor);
    curves.destroy();
  };
}

// foot.js
function offer(link, reason) {
  if (link) return { text: t("Copy link"), title: t("A short text that opens this experiment elsewhere: tl.Lab.from_link(…)"), disabled: false };
  return { text: t("Copy link"), title: reason || t("There is no link yet"), disabled: true };
}
function files() {
  return [
    ["svg", t("Drawing (SVG)"), t("What the map shows, for paper and slides; its letters stay text")],
    ["png", t("Picture (PNG)"), t("What the map shows, at 160 dots an inch")],
    ["gif", t("Animation (GIF)"), t("The whole run in ten seconds")],
    ["html", t("Page (HTML)"), t("A page that replays the run in a browser of 2023 or later, offline")]
  ];
}
function progressWords({ kind = "", done = 0, total = 0 }) {
  if (!kind) return "";
  return total ? t("{kind}: {share} %", { kind: kind.toUpperCase(), share: Math.round(100 * done / total) }) : t("{kind}: …", { kind: kind.toUpperCase() });
}
async function copy(text, place2) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const input = place2.querySelector("input") ?? element("input", "tlt-link", place2);
    input.readOnly = true;
    input.value = text;
    input.setAttribute("aria-label", t("Link of this board"));
    input.focus();
    input.select();
    return false;
  }
}
function keep(name, data) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([
    /** @type {BlobPart} */
    data
  ]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
}
function renderFoot({ model, el }) {
  const root = element("div", "tlt-foot", el), folding = () => el.closest(".tlt-folding");
  const fold = toggle(root, t("Map settings"), t("Sliders of the map, and how much time it may take"), () => {
    model.set("unfolded", !model.get("unfolded"));
    model.save_changes();
  });
  const place2 = element("span", "tlt-link-place", root);
  const share = toggle(place2, t("Share"), t("This run as a link, a picture, an animation or a page"), () => open(Boolean(menu.hidden)));
  const menu = element("div", "tlt-share", place2), making = element("span", "tlt-making", place2);
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", t("Share"));
  making.setAttribute("role", "status");
  const open = (wanted2) => {
    menu.hidden = !wanted2;
    share.setAttribute("aria-expanded", String(wanted2));
  };
  const chip = toggle(menu, t("Copy link"), "", async () => {
    const done = await copy(model.get("link"), menu);
    chip.textContent = done ? t("Copied") : t("Copy it here:");
    setTimeout(show2, 2e3);
  });
  const buttons = files().map(([kind, text, title]) => toggle(menu, text, title, () => {
    open(false);
    share.focus();
    model.send({ kind: "share", as: kind });
  }));
  place2.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !menu.hidden) {
      open(false);
      share.focus();
    }
  });
  place2.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !place2.contains(
      /** @type {Node} */
      event.relatedTarget
    )) open(false);
  });
  open(false);
  const unfold = () => {
    fold.setAttribute("aria-expanded", String(model.get("unfolded")));
    folding()?.classList.toggle("tlt-open", model.get("unfolded"));
  };
  const show2 = () => {
    const { text, title, disabled } = offer(model.get("link"), model.get("reason"));
    chip.textContent = text;
    chip.title = title;
    chip.disabled = disabled;
    fold.hidden = !model.get("folds");
    place2.hidden = !model.get("links");
    making.textContent = progressWords(model.get("making") ?? {});
    for (const button of buttons) button.disabled = Boolean(making.textContent);
  };
  const file = (content, buffers) => {
    if (content.kind === "file") keep(content.name, buffers[0]);
  };
  const soon = setTimeout(unfold, 0), events = ["change:link", "change:reason", "change:folds", "change:links", "change:making"];
  for (const name of events) model.on(name, show2);
  model.on("change:unfolded", unfold);
  model.on("msg:custom", file);
  show2();
  return () => {
    clearTimeout(soon);
    model.off("change:unfolded", unfold);
    model.off("msg:custom", file);
    for (const name of events) model.off(name, show2);
  };
}

// happenings.js
var SIGNS = { right: "✓", wrong: "✗", fooled: "⇄", caught: "◎", moved: "↗" };
function happeningWords(kind, n) {
  return {
    right: t("{n} of the target points became right", { n }),
    wrong: t("{n} of the target points turned wrong", { n }),
    fooled: t("{n} of the target points began to fool the discriminator", { n }),
    caught: t("{n} of the target points did not fool the discriminator any more", { n }),
    moved: t("{n} of the target points moved most on the map", { n })
  }[kind];
}
function bySpan(lines) {
  const spans = /* @__PURE__ */ new Map();
  lines.forEach(([kind, first, last, n], number) => {
    const key = `${first} ${last}`;
    const span = spans.get(key) ?? [first, last, []];
    spans.set(key, span);
    span[2].push([number, kind, n]);
  });
  return [...spans.values()];
}
function renderHappenings({ model, el }) {
  const root = element("div", "tlt-happenings", el), fold = (unfolded) => model.send({ kind: "unfold", unfolded });
  const chip = toggle(root, "", "", () => fold(!model.get("unfolded"))), list = element("div", "tlt-happened", root);
  list.setAttribute("role", "group");
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && model.get("unfolded")) {
      fold(false);
      chip.focus();
    }
  });
  const board = el.closest(".tlt-board");
  const makeWay = ({ target }) => {
    if (model.get("unfolded") && !root.contains(
      /** @type {Node} */
      target
    ) && overlap(
      list,
      /** @type {Element} */
      target
    )) fold(false);
  };
  board?.addEventListener("focusin", makeWay);
  const count = (step) => step.toLocaleString("en");
  const show2 = () => {
    const unfolded = model.get("unfolded"), lines = model.get("lines") ?? [];
    chip.textContent = t("What happened");
    chip.title = t("Which points became right, turned wrong, moved most or fool the discriminator, from change to change");
    list.setAttribute("aria-label", t("What happened"));
    chip.setAttribute("aria-expanded", String(unfolded));
    list.hidden = !unfolded;
    if (!unfolded) return;
    const at = [...list.querySelectorAll("button")].indexOf(
      /** @type {HTMLButtonElement} */
      document.activeElement
    );
    list.replaceChildren();
    if (!lines.length) element("p", "", list, t("Nothing yet: train some steps."));
    for (const [first, last, entries] of bySpan(lines)) {
      element("b", "", list, t("step {first} to {last}", { first: count(first), last: count(last) }));
      for (const [number, kind, n] of entries) {
        const line = element("button", "tlt-happening", list);
        line.type = "button";
        line.dataset.kind = kind;
        element("i", "", line, SIGNS[kind]).setAttribute("aria-hidden", "true");
        element("span", "", line, happeningWords(kind, n));
        line.addEventListener("click", () => model.send({ kind: "go", number }));
      }
    }
    list.querySelectorAll("button")[at]?.focus();
  };
  const events = ["change:lines", "change:unfolded"];
  for (const name of events) model.on(name, show2);
  show2();
  return { retell: show2, end: () => {
    board?.removeEventListener("focusin", makeWay);
    for (const name of events) model.off(name, show2);
  } };
}
function overlap(one, other) {
  const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

// header.js
var WAITING = ["play", "step"];
var FIELDS2 = { board: ["pair", "objective", "projection", "seed", "speed"], compare: ["pair", "projection", "seed", "speed"], side: ["objective"] };
function buttonWords(name, playing, plan, recorded) {
  const both = plan === "compare";
  if (recorded) return recordedWords(name, playing);
  return {
    play: [playing ? t("Pause") : t("Play"), both ? t("Train both, step for step") : t("Train, and watch the features move")],
    step: [t("Step"), both ? t("Train one step of both and pause") : t("Train one step and pause")],
    reset: [t("Reset"), both ? t("Begin both again: same settings, same seed") : t("Begin again: same settings, same seed")],
    stop: [t("Stop"), both ? t("End both runs; what was recorded stays") : t("End this run and its thread; what was recorded stays")]
  }[name];
}
function recordedWords(name, playing) {
  return {
    play: [playing ? t("Pause") : t("Play"), t("Replay the run, from here on")],
    step: [t("Step"), t("Go on to the next frame")],
    reset: [t("Reset"), t("Back to the first frame")],
    stop: []
  }[name];
}
function fieldWords(name) {
  const words2 = {
    pair: [t("Domains"), t("The source, and the target to carry it to")],
    objective: [t("Objective"), t("What the network minimizes")],
    projection: [t("Map"), t("How features become a picture")],
    seed: [t("Seed"), t("Fixes all chance")],
    speed: [t("Speed"), t("Steps a second at most")]
  };
  return words2[name];
}
var iconOf = (name, playing) => ({ play: playing ? "pause" : "play", step: "step-forward", reset: "undo", stop: "stop" })[name];
function makeButton(parent, name, press) {
  const button = element("button", `tlt-button tlt-${name}`, parent), icon2 = element("i", "", button), text = element("span", "", button);
  button.type = "button";
  button.addEventListener("click", () => press(name));
  return { button, icon: icon2, text };
}
function makeField(parent, name, choose) {
  const place2 = element("div", `tlt-field tlt-field-${name}`, parent), label = element("label", "", place2);
  const input = element(name === "seed" ? "input" : "select", "", place2);
  const field = { label, input, shown: void 0 };
  nameBy(label, input);
  if (name === "seed") Object.assign(input, { type: "number", min: 0, max: 2 ** 31 - 1, step: 1, required: true });
  input.addEventListener("change", () => {
    if (!input.checkValidity()) {
      input.reportValidity();
      return;
    }
    field.shown = input.value;
    choose(name, input.value);
  });
  input.addEventListener("blur", () => {
    if (!input.checkValidity()) input.value = field.shown ?? "";
  });
  return field;
}
function putChosen(field, chosen) {
  if (chosen === void 0 || chosen === null || field.shown === String(chosen)) return;
  field.input.value = field.shown = String(chosen);
}
function grouped(options) {
  const groups = [];
  for (const [text, value, group = ""] of options) {
    if (groups.at(-1)?.[0] !== group) groups.push([group, []]);
    groups[groups.length - 1][1].push([text, value]);
  }
  return groups;
}
function putOptions(select, options) {
  const now = JSON.stringify(options);
  if (select.dataset.offered === now) return false;
  select.dataset.offered = now;
  select.replaceChildren();
  for (const [group, inside2] of grouped(options)) {
    const place2 = group ? Object.assign(element("optgroup", "", select), { label: group }) : select;
    for (const [text, value] of inside2) element("option", "", place2, text).value = String(value);
  }
  return true;
}
function renderHeader({ model, el, about: plan, hidden, recorded }) {
  const press = (button) => model.send({ kind: "press", button });
  const choose = (name, text) => {
    const value = name === "seed" || name === "speed" ? Number(text) : text;
    model.take({ chosen: { ...model.get("chosen"), [name]: value } });
    model.send({ kind: "choose", name, value });
  };
  const buttons = /* @__PURE__ */ new Map();
  const fields = /* @__PURE__ */ new Map();
  if (plan !== "side") {
    const row2 = element("div", "tlt-buttons", el);
    for (
      const name of
      /** @type {Button[]} */
      ["play", "step", "reset", "stop"]
    ) if (!hidden.has(name)) buttons.set(name, makeButton(row2, name, press));
  }
  const wanted2 = FIELDS2[plan].filter((name) => !hidden.has(name)), row = wanted2.length ? element("div", "tlt-fields", el) : el;
  for (const name of wanted2) fields.set(name, makeField(row, name, choose));
  const showButtons = () => {
    const playing = model.get("playing"), reason = model.get("reason");
    for (const [name, { button, icon: icon2, text }] of buttons) {
      const [word, does] = buttonWords(name, playing, plan, recorded), sleeps = Boolean(reason) && WAITING.includes(name);
      text.textContent = word;
      icon2.className = `tlt-icon-${iconOf(name, playing)}`;
      button.disabled = sleeps;
      button.title = sleeps ? reason : does;
    }
  };
  const showFields = () => {
    const options = model.get("options"), chosen = model.get("chosen");
    for (const [name, field] of fields) {
      const [word, about] = fieldWords(name);
      field.label.textContent = word;
      field.input.title = about;
      field.input.disabled = Boolean(recorded) && name !== "speed";
      if (name !== "seed" && putOptions(field.input, options[name] ?? [])) field.shown = void 0;
      putChosen(field, chosen[name]);
    }
  };
  const events = [["playing", showButtons], ["reason", showButtons], ["options", showFields], ["chosen", showFields]];
  const show2 = () => {
    showButtons();
    showFields();
  };
  for (const [name, act] of events) model.on(`change:${name}`, act);
  show2();
  return { retell: show2, end: () => {
    for (const [name, act] of events) model.off(`change:${name}`, act);
  } };
}

// hub.js
var HEARING = 3e3;
function unpacked(value, buffers) {
  return value && typeof value === "object" && Number.isInteger(value.buffer) ? buffers[value.buffer] : value;
}
var unpackedAll = (values, buffers) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unpacked(value, buffers)]));
var Channel = class {
  /** @type {Map<string, Set<Hear>>} */
  hearers = /* @__PURE__ */ new Map();
  /** @type {Record<string, unknown>} */
  unsaved = {};
  /** @param {Hub} hub @param {string} name @param {Record<string, any>} [values] */
  constructor(hub, name, values = {}) {
    this.hub = hub;
    this.name = name;
    this.values = values;
  }
  /** @type {(name: string) => any} */
  get(name) {
    return this.values[name];
  }
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
  send(content) {
    this.hub.tell(this.name, "message", content);
  }
  /**
   * As `send`; where this is said faster than the kernel hears it, only the last of each `what` is sent.
   * @type {(content: object, what?: string) => void}
   */
  sendLast(content, what) {
    this.hub.tellLast(this.name, "message", content, what);
  }
  /** @type {(event: string, act: Hear) => void} */
  on(event, act) {
    const hearers = this.hearers.get(event) ?? /* @__PURE__ */ new Set();
    this.hearers.set(event, hearers.add(act));
  }
  /** @type {(event: string, act: Hear) => void} */
  off(event, act) {
    this.hearers.get(event)?.delete(act);
  }
  /** @type {(event: string, content?: any, buffers?: Bytes[]) => void} */
  fire(event, content, buffers = []) {
    for (const act of [...this.hearers.get(event) ?? []]) act(content, buffers);
  }
  /** Values that the kernel sent: all are there before anyone hears of one. @type {(values: object) => void} */
  take(values) {
    Object.assign(this.values, values);
    for (const name of Object.keys(values)) this.fire(`change:${name}`);
  }
};
var Hub = class {
  /** @type {Set<() => void>} */
  retellers = /* @__PURE__ */ new Set();
  /** @type {Set<(row: number) => void>} */
  lookers = /* @__PURE__ */ new Set();
  /** @type {(() => Answers) | undefined} */
  answers;
  /** @type {Map<string, Told>} */
  waiting = /* @__PURE__ */ new Map();
  // what is to be told when the kernel has heard what it was told
  busy = false;
  patience = 0;
  gap = false;
  page = Math.random().toString(36).slice(2);
  // this page's name among those that show the board
  /** @param {Model} model @param {[content: any, buffers: Bytes[]][]} [early] */
  constructor(model, early = []) {
    const { parts = {}, words: words2 = {}, number = 0 } = model.get("state") ?? {};
    this.model = model;
    this.number = number;
    this.words = words2;
    this.channels = new Map(Object.entries(parts).map(([name, values]) => [name, new Channel(this, name, { ...values })]));
    speak(words2);
    for (const [content, buffers] of early) this.receive(content, buffers);
    model.on("msg:custom", (content, buffers) => this.receive(content, buffers));
    this.acknowledge();
  }
  /** @type {(name: string) => Channel | undefined} */
  channel(name) {
    return this.channels.get(name);
  }
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
    for (const message of this.waiting.values()) this.model.send({ ...message, page: this.page, ...message === last && { answer: true } });
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
    if (content.kind === "heard") {
      this.heard();
      return;
    }
    if (content.kind === "whole") {
      this.renew(content, buffers);
      return;
    }
    const { to, kind, number } = content, old = number <= this.number;
    if (!old) this.follow(number);
    if (kind === "words") this.retell(content.content);
    else if (kind === "message") this.channel(to)?.fire("msg:custom", content.content, buffers);
    else if (kind === "set" && !old && content.but !== this.page) this.channel(to)?.take(unpackedAll(content.content, buffers));
  }
  /** Note the number of a message; where one was missed, ask for everything. @type {(number: number) => void} */
  follow(number) {
    if (number > this.number + 1 && !this.gap) {
      this.gap = true;
      this.model.send({ kind: "open" });
    }
    this.number = number;
  }
  /**
   * Everything as it is now.
   * @type {(whole: { parts: Record<string, object>, words: Record<string, string>, number: number }, buffers: Bytes[]) => void}
   */
  renew({ parts, words: words2, number }, buffers) {
    this.gap = false;
    this.number = Math.max(number, this.number);
    for (const [name, values] of Object.entries(parts)) this.channel(name)?.take(unpackedAll(values, buffers));
    this.retell(words2);
  }
  /** @type {(words: Record<string, string>) => void} */
  retell(words2) {
    this.words = words2;
    speak(words2);
    for (const act of this.retellers) act();
  }
  /**
   * A point of a map is looked at, -1 for none; answers(): {predictions, opinion}, what network and discriminator say of each.
   * @type {(row: number, answers: () => Answers) => void}
   */
  pick(row, answers2) {
    this.answers = answers2;
    for (const act of this.lookers) act(row);
  }
  /** Call act(row) whenever another point is looked at; returns what ends it. @type {(act: (row: number) => void) => () => void} */
  onPick(act) {
    this.lookers.add(act);
    return () => this.lookers.delete(act);
  }
  /** Call act whenever the language changes; returns what ends it. @type {(act: () => void) => () => void} */
  onWords(act) {
    this.retellers.add(act);
    return () => this.retellers.delete(act);
  }
  /** Frames are answered whether or not a map is in sight, so that the kernel sends on. */
  acknowledge() {
    for (const part of this.channels.values()) {
      if (part.get("sequence") === void 0) continue;
      const answer = (content) => this.model.send({ to: part.name, kind: "message", content });
      part.on("change:sequence", () => answer({ kind: "ack", sequence: part.get("sequence") }));
      part.on("change:pulse", () => answer({ kind: "pulse" }));
    }
  }
};

// keyboard.js
function staysHere({ ctrlKey, metaKey, altKey }) {
  return !ctrlKey && !metaKey && !altKey;
}
function wayOut({ key, shiftKey, ctrlKey, metaKey, altKey }, cell) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "Escape") return cell;
  return key === "Enter" && shiftKey ? (
    /** @type {typeof cell} */
    cell?.nextElementSibling ?? cell
  ) : null;
}
function asleep(element2) {
  return Boolean(
    /** @type {HTMLButtonElement | null} */
    element2?.disabled
  ) || element2?.checkVisibility?.() === false;
}
function keepKeys(place2) {
  const cell = () => place2.closest(".jp-Cell");
  const ending = new AbortController(), options = { signal: ending.signal };
  let last = null;
  globalThis.addEventListener?.("keydown", (event) => {
    const target = (
      /** @type {Element} */
      event.target
    );
    if (place2.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", staysHere(event));
  }, { ...options, capture: true });
  place2.addEventListener("focusin", (event) => {
    last = /** @type {Element} */
    event.target;
  }, options);
  place2.addEventListener("focusout", (event) => {
    const next = (
      /** @type {Element | null} */
      event.relatedTarget
    );
    if (next) last = place2.contains(next) ? next : null;
  }, { ...options, capture: true });
  place2.addEventListener("keydown", (event) => {
    if (!staysHere(event)) return;
    event.stopPropagation();
    const used = event.defaultPrevented || document.activeElement !== event.target;
    const goal = used ? null : wayOut(event, cell());
    if (goal) {
      event.preventDefault();
      goal.focus({ preventScroll: event.key === "Escape" });
    }
  }, options);
  const watch = new MutationObserver(() => {
    if (asleep(last) && [last, document.body].includes(document.activeElement)) cell()?.focus({ preventScroll: true });
  });
  watch.observe(place2, { attributes: true, attributeFilter: ["disabled", "hidden", "style"], subtree: true });
  return () => {
    ending.abort();
    watch.disconnect();
  };
}

// judges.js
var JUDGES = {
  source_risk: [mark("Source risk"), mark("It is blind to the target: a model that is best on the source may fail there.")],
  iwcv: [mark("IWCV (importance-weighted validation)"), mark("It needs domains that overlap: otherwise a few source examples decide.")],
  dev: [mark("DEV (deep embedded validation)"), mark("It needs domains that overlap in the features; a single large weight can turn it negative.")],
  entropy: [mark("Entropy of the target's answers"), mark("A model that gives every example the same class, and is sure of it, gets the best value.")],
  information: [mark("Information (sure and varied answers)"), mark("It rewards even shares of the classes, and does not see that clusters have swapped classes.")],
  snd: [mark("SND (soft neighborhood density)"), mark("A model that answers every example alike gets the best value.")],
  mixval: [mark("MixVal (mixed examples)"), mark("It measures smooth borders: a model whose clusters have swapped classes passes.")],
  atc: [mark("ATC (estimated target accuracy)"), mark("It believes confidence: a model that is sure and wrong on the target looks good.")]
};
var PREFIX = "judge ";
var ORACLE = "oracle";
var shortTitle = (name) => t(JUDGES[name][0]).replace(/\s*([(（]| of ).*$/u, "");
var listed = (step) => step.toLocaleString("en");
function judgeTicks(chosen, steps) {
  const at = /* @__PURE__ */ new Map();
  for (const name of Object.keys(JUDGES)) {
    if (name in chosen) at.set(chosen[name], [...at.get(chosen[name]) ?? [], shortTitle(name)]);
  }
  const frame2 = (step) => Math.max(steps.indexOf(step), 0);
  const ticks2 = [...at].map(([step, names]) => [frame2(step), t("{judges} would choose step {step}", { judges: names.join(", "), step: listed(step) }), "judge"]);
  if (ORACLE in chosen) ticks2.push([frame2(chosen[ORACLE]), t("the oracle, by the target's labels: step {step}", { step: listed(chosen[ORACLE]) }), "oracle"]);
  return ticks2;
}

// numbers.js
var isNumber = (value) => typeof value === "number";
var signedWords = (value, plus = "", digits = 3) => `${value < 0 ? "−" : plus}${Math.abs(value).toFixed(digits)}`;
var shareRow = (name, value, aside, of = "") => ({ name, value: isNumber(value) ? value.toFixed(3) : "–", fill: value ?? 0, aside, of });
function numberRows(numbers) {
  return [
    shareRow(t("Target accuracy"), numbers.target_accuracy, t("labels used only to judge"), "target_accuracy"),
    shareRow(t("Source accuracy"), numbers.source_accuracy, "", "source_accuracy"),
    probeRow(numbers),
    mmdRow(numbers),
    shareRow(t("Label agreement"), numbers.knn_label_agreement, t("of nearest source points")),
    sizeRow(numbers),
    { ...shareRow(t("To another class"), numbers.mass_to_other_class, t("of the plan's mass, its lines")), seldom: true },
    averageRow(t("Target AP"), numbers.target_AP),
    averageRow(t("Source AP"), numbers.source_AP)
  ];
}
function averageRow(name, value) {
  const title = t("Average precision of the boxes that are found in the map's images, at an overlap of one half: 1 is every box and nothing else.");
  return { ...shareRow(name, value, t("of boxes found")), title, seldom: true };
}
function sizeRow({ effective_sample_size: value }) {
  const title = t("How many source examples of equal weight are worth as much as these: (sum of weights)² / sum of squared weights.");
  return { name: t("Effective size"), value: isNumber(value) ? value.toFixed(1) : "–", fill: 0, aside: t("marker area: weight"), title, seldom: true };
}
function probeRow({ domain_probe_accuracy: value, domain_probe_null_high: high }) {
  const title = t("How well a fresh classifier tells source from target features; 0.5 is guessing. Shaded: what chance gives.");
  const row = { ...shareRow(t("Domain probe"), value, t("0.5 = mixed")), title };
  if (!isNumber(value)) return row;
  const top = high ?? 0.5;
  return { ...row, aside: value <= top ? t("0.5 = mixed; as chance") : t("0.5 = mixed; apart"), band: [1 - top, top] };
}
function mmdRow({ mmd2: value, mmd2_null_low: low, mmd2_null_high: high }) {
  const title = t("Squared maximum mean discrepancy of the features. Shaded: what chance gives; there the domains look alike.");
  const row = { name: "MMD²", value: isNumber(value) ? signedWords(value) : "–", fill: 0, aside: "", title };
  if (!isNumber(value) || !isNumber(low) || !isNumber(high)) return row;
  const wide = Math.max(0.25, 1.2 * value, 1.2 * high);
  return { ...row, fill: value / wide, band: [low / wide, high / wide], aside: t("chance {low} to {high}", { low: signedWords(low, "+"), high: signedWords(high, "+") }) };
}
var ROWS = ["target_accuracy", "source_accuracy", "domain_probe_accuracy", "mmd2", "knn_label_agreement", "effective_sample_size", "mass_to_other_class", "target_AP", "source_AP"];
function judgeRows(numbers, chosen) {
  return Object.entries(JUDGES).map(([name, [title, limits]]) => {
    const value = numbers[PREFIX + name], step = chosen[name];
    const aside = isNumber(step) ? t("best at step {step}", { step: step.toLocaleString("en") }) : "";
    return { name: shortTitle(name), value: isNumber(value) ? signedWords(value, "", 2) : "–", fill: 0, aside, title: `${t(title)}. ${t(limits)}` };
  });
}
function numberTable(parent, press = null, hidden = /* @__PURE__ */ new Set(), judge = null) {
  const table = element("table", "tlt-numbers", parent), body = element("tbody", "", table);
  const drawn = (body2, { name, title = "", of = "" }, unseen = false) => {
    const row = element("tr", "", body2), head = element("th", "", row, name), cell = element("td", "tlt-value", row), button = press && of ? element("button", "", cell) : null;
    if (button) {
      button.type = "button";
      button.title = t("Select the points that are wrong");
      button.addEventListener("click", () => press?.(of));
    }
    row.title = title;
    head.scope = "row";
    row.hidden = unseen;
    const bar = element("span", "tlt-bar", element("td", "tlt-gauge", row)), band = element("u", "", bar), fill = element("i", "", bar);
    return { row, name, value: button ?? cell, band, fill, aside: element("td", "tlt-aside", row) };
  };
  const rows = numberRows({}).map((told, i) => drawn(body, told, told.seldom || hidden.has(ROWS[i])));
  const judges = judge && !hidden.has("judges") ? judgeTable(table, judge, drawn) : null;
  return {
    show: (numbers, judging = false, chosen = {}) => {
      numberRows(numbers).forEach((told, i) => {
        fillRow(rows[i], told);
        if (told.seldom) rows[i].row.hidden = hidden.has(ROWS[i]) || !isNumber(numbers[ROWS[i]]);
      });
      judges?.(judging, judgeRows(numbers, chosen));
    }
  };
}
function judgeTable(table, judge, drawn) {
  const cell = element("th", "", element("tr", "", element("tbody", "tlt-judging", table))), body = element("tbody", "tlt-judges", table);
  cell.colSpan = 4;
  const button = element("button", "", cell, t("Judges without target labels"));
  button.type = "button";
  button.title = t("Ask at each look how good the network is on the target, without its labels. More is better; none is always right.");
  const rows = judgeRows({}, {}).map((told) => drawn(body, told));
  let asked = false;
  button.addEventListener("click", () => judge(!asked));
  return (on, told) => {
    asked = on;
    button.setAttribute("aria-expanded", String(on));
    body.hidden = !on;
    told.forEach((row, i) => fillRow(rows[i], row));
  };
}
var barPart = (part) => `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(1)}%`;
function fillRow(row, { value, fill, band = [0, 0], aside }) {
  row.value.textContent = value;
  if (row.value.title) row.value.setAttribute("aria-label", `${row.name} ${value}`);
  row.aside.textContent = aside;
  row.fill.style.width = barPart(fill);
  row.band.style.left = barPart(band[0]);
  row.band.style.width = barPart(Math.min(band[1], 1) - Math.max(band[0], 0));
}

// said.js
var STATES = {
  loading: mark("Loading"),
  ready: mark("Ready"),
  playing: mark("Playing"),
  paused: mark("Paused"),
  finished: mark("Finished"),
  stopped: mark("Stopped"),
  failed: mark("Failed")
};
function kept2(model, names, show2) {
  const events = names.map((name) => `change:${name}`);
  for (const event of events) model.on(event, show2);
  show2();
  return { retell: show2, end: () => {
    for (const event of events) model.off(event, show2);
  } };
}
function rateWords(rate) {
  if (!rate || !Number.isFinite(rate)) return "–";
  return rate < 100 ? rate.toFixed(1) : rate.toFixed(0);
}
function shareDone(step, steps) {
  return steps ? Math.min(Math.max(step / steps, 0), 1) : 0;
}
function remarkOf({ note, state }, reason) {
  return note || reason || (state === "ready" ? t("press Play to train") : "");
}
function goToCard(board) {
  const card = openCards().filter((one) => placeOf(one) < placeOf(board)).sort((one, other) => placeOf(one) - placeOf(other)).at(-1);
  card?.scrollIntoView({ block: "center" });
  (card?.querySelector("input") ?? card?.querySelector("circle"))?.focus({ preventScroll: true });
}
var placeOf = (element2) => element2.getBoundingClientRect().top;
function renderStatus({ model, el, header, recorded }) {
  const line = element("div", "tlt-status", el);
  element("i", "tlt-dot", line);
  const state = element("b", "", line), place2 = element("span", "", line), step = element("b"), device = element("span", "", line);
  const rate = element("span", "tlt-rate", line), number = element("b", "", rate), unit = element("span", "", rate);
  const note = element("span", "tlt-status-note", line), why = element("button", "tlt-status-why", line);
  why.type = "button";
  why.addEventListener("click", () => goToCard(el));
  const done = element("i", "", element("div", "tlt-progress", el));
  const show2 = () => {
    const about = model.get("shown");
    line.dataset.state = about.state;
    line.dataset.step = String(about.step);
    state.textContent = t(STATES[about.state] ?? about.state);
    step.textContent = about.step.toLocaleString("en");
    const [before, after] = t("step {step} of {steps}", { step: "\0", steps: about.steps.toLocaleString("en") }).split("\0");
    place2.replaceChildren(before, step, after);
    device.textContent = about.device;
    rate.hidden = Boolean(recorded);
    number.textContent = rateWords(about.rate);
    unit.textContent = ` ${t("steps/s")}`;
    const reason = header.get("reason"), remark = remarkOf(about, reason), sleeps = Boolean(reason) && remark === reason;
    note.hidden = sleeps;
    why.hidden = !sleeps;
    note.textContent = note.title = sleeps ? "" : remark;
    why.textContent = sleeps ? `${reason} ↑` : "";
    done.style.width = `${(100 * shareDone(about.step, about.steps)).toFixed(1)}%`;
  };
  header.on("change:reason", show2);
  const drawn = kept2(model, ["shown"], show2);
  return { ...drawn, end: () => {
    header.off("change:reason", show2);
    drawn.end();
  } };
}
function renderNumbers({ model, el, hidden }) {
  let table;
  const press = (name) => model.send({ kind: "points", name });
  const judge = (on) => model.send({ kind: "judging", on });
  const show2 = () => table.show(model.get("numbers"), model.get("judging"), model.get("chosen"));
  const draw2 = () => {
    el.replaceChildren();
    table = numberTable(el, press, hidden, judge);
    show2();
  };
  const events = ["change:numbers", "change:judging", "change:chosen"];
  for (const event of events) model.on(event, show2);
  draw2();
  return { retell: draw2, end: () => {
    for (const event of events) model.off(event, show2);
  } };
}
function renderError({ model, el }) {
  return kept2(model, ["heading", "details"], () => {
    const heading = model.get("heading"), whole = model.get("details").trim(), lines = whole.split("\n").filter((line) => line.trim());
    el.replaceChildren();
    if (!heading) return;
    const panel = element("div", "tlt-error", el), last = lines.at(-1)?.trim() ?? "";
    panel.setAttribute("role", "alert");
    element("b", "", panel, heading);
    if (last && last !== heading) element("p", "", panel, last);
    if (lines.length < 2) return;
    const fold = element("details", "", panel);
    element("summary", "", fold, t("All details"));
    element("pre", "", fold, whole);
  });
}
function renderLanguage({ model, el }) {
  const button = element("button", "tlt-language", el);
  button.type = "button";
  button.addEventListener("click", () => model.send({ kind: "turn" }));
  return kept2(model, ["title", "about"], () => {
    button.textContent = model.get("title");
    button.title = model.get("about");
  });
}
function renderCompared({ model, el }) {
  const line = element("div", "tlt-compared", el), title = element("b", "", line), about = element("span", "", line);
  const name = element("span", "", about), value = element("strong", "", about), bar = element("i", "", element("span", "tlt-bar", line));
  return kept2(model, ["title", "accuracy"], () => {
    const accuracy = model.get("accuracy"), known2 = typeof accuracy === "number";
    title.textContent = model.get("title").replace(/ \([^)]*\)/g, "");
    title.title = model.get("title");
    name.textContent = `${t("Target accuracy")} `;
    value.textContent = known2 ? accuracy.toFixed(3) : "–";
    bar.style.width = `${known2 ? 100 * Math.min(Math.max(accuracy, 0), 1) : 0}%`;
  });
}

// inside.js
var PICTURE_TALL = 30;
var CHANNELS = 4;
function insideOf({ shapes }, view) {
  const bytes = decode(view, Uint8Array);
  let at = 0;
  return shapes.map(([count, height, width]) => {
    const images = bytes.subarray(at, at + count * height * width);
    at += count * height * width;
    return { images, count, width, height };
  });
}
function abreast({ images, count, width, height }, most = CHANNELS) {
  const shown = Math.min(count, most), wide = shown * (width + 1) - 1, values = new Uint8Array(wide * height);
  for (let k = 0; k < shown; k++) for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    values[y * wide + k * (width + 1) + x] = images[(k * height + y) * width + x];
  }
  return { values, width: wide, height };
}
function painted(names, width, height, pixel) {
  const canvas = element("canvas", names), context = brushOf(canvas), data = new ImageData(width, height);
  canvas.width = width;
  canvas.height = height;
  for (let i = 0; i < width * height; i++) data.data.set([...pixel(i), 255], 4 * i);
  context.putImageData(data, 0, 0);
  canvas.style.height = `${height === 1 ? PICTURE_TALL / 2 : PICTURE_TALL}px`;
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}
function outputPicture(inside2) {
  const { values, width, height } = abreast(inside2);
  return painted("tlt-net-output", width, height, (i) => [values[i], values[i], values[i]]);
}
function fieldsOf(model, stages) {
  const all = decode(model.get("fields"), Int16Array), size = Math.sqrt(all.length / stages);
  return Number.isInteger(size) && size > 0 ? Array.from({ length: stages }, (_, s) => all.subarray(s * size * size, (s + 1) * size * size)) : [];
}
function fieldPixels(field, colors) {
  const size = Math.sqrt(field.length);
  return Array.from({ length: field.length }, (_, i) => {
    const y = Math.floor(i / size), color = colors[field[(size - 1 - y) * size + i % size]] ?? "#8c8c8c";
    return [1, 3, 5].map((at) => Math.round(0.45 * 255 + 0.55 * Number.parseInt(color.slice(at, at + 2), 16)));
  });
}
function fieldPicture(field, classes, root) {
  const size = Math.sqrt(field.length), pixels = fieldPixels(field, palette(classes, isDark(getComputedStyle(root).backgroundColor)));
  return painted("tlt-net-field", size, size, (i) => pixels[i]);
}

// strip.js
var OWNERS = { separate: "BN s | t", joint: "BN s + t", source: "BN s" };
var EXAMPLES = 3;
var SVG3 = "http://www.w3.org/2000/svg";
function countWords(n) {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(3))}M`;
  return n >= 1e3 ? `${Number((n / 1e3).toPrecision(3))}k` : String(n);
}
function arrowWidth(norm, largest) {
  return norm > 0 && largest > 0 ? 1 + 6 * Math.sqrt(norm / largest) : 0;
}
function arrowWords(task, pull, cosine) {
  const who = [task ? t("blue: gradient of the task") : "", pull ? t("orange: gradient of the transfer term") : ""].filter(Boolean);
  if (!who.length) return "";
  const known2 = typeof cosine === "number" ? cosine : NaN;
  const angle = known2 < -0.1 ? t("they pull against each other") : known2 > 0.1 ? t("they pull the same way") : t("they pull across each other");
  return [...who, Number.isNaN(known2) ? "" : `${angle} (cos ${known2.toFixed(2)})`, t("as wide as the root of its norm, at the last look")].filter(Boolean).join("\n");
}
function branchWords(kind) {
  return {
    none: [t("no second branch"), t("Source only: nothing looks at the target.")],
    labels: [t("target labels"), t("A few labeled target examples train the network.")],
    distance: [t("distance"), t("A spring: the distance between the two domains' features is made small.")],
    discriminator: [t("discriminator"), t("It learns to tell the domains apart. Its gradient is reversed, so that the features learn to fool it.")],
    heads: [t("second head"), t("Two heads disagree on the target; the features learn to make them agree.")],
    predictions: [t("target's own answers"), t("The network's answers on the target are made sure, or used as labels.")],
    teacher: [t("teacher"), t("Another network's outputs are to be matched.")],
    statistics: [t("BatchNorm"), t("The target's own statistics, or their scales, are adapted.")],
    decoder: [t("decoder"), t("Both domains' images are drawn again from the features.")]
  }[kind];
}
function ownerWords(owner) {
  const words2 = { separate: t("BatchNorm: each domain's own statistics"), joint: t("BatchNorm: statistics of both domains together"), source: t("BatchNorm: the source's statistics for both") };
  return words2[owner] ?? "";
}
function shape(name, parent, about) {
  const node = document.createElementNS(SVG3, name);
  for (const [key, value] of Object.entries(about)) node.setAttribute(key, String(value));
  parent.append(node);
  return node;
}
function picture(parent, width, height, names = "") {
  const svg = shape("svg", parent, { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  svg.setAttribute("class", names);
  return svg;
}
var Arrows = class {
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
    for (const { path: path2, width } of [{ path: this.task, width: task }, { path: this.pull, width: pull }]) {
      path2.style.strokeWidth = String(width);
      path2.style.display = width ? "" : "none";
    }
    this.words.textContent = arrowWords(task, pull, cosine);
  }
};
var Examples = class {
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
    const mine = (i) => points.isTarget[i] === Number(this.isTarget);
    const many = points.picture ? EXAMPLES : points.texts ? 1 : 2;
    const rows = picked >= 0 && mine(picked) ? [picked] : Array.from({ length: points.n }, (_, i) => i).filter(mine).slice(0, many);
    for (const i of rows) {
      if (points.picture) this.place.append(thumbnail(
        /** @type {Pictured} */
        points,
        i,
        rows.length === 1 ? 34 : 24
      ));
      else element("span", "tlt-net-value", this.place, points.texts ? `“${points.texts[i]}”` : valueWords(points, i)).title = points.texts?.[i] ?? "";
    }
  }
};
function valueWords({ width, vectors }, i) {
  return width ? `(${Array.from(vectors.subarray(i * width, i * width + Math.min(width, 2)), (v) => v.toFixed(1)).join(", ")})` : "•";
}
function renderStrip({ model, el, controls, map, hub, recorded }) {
  const root = element("div", "tlt-net", el), key = keyOf(element("div", "tlt-net-key", el));
  root.setAttribute("role", "group");
  let drawn = null;
  let points = null;
  let picked = -1;
  const canFreeze = () => !recorded && "freeze_depth" in controls.get("values");
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
    show2();
    fields();
  };
  const gather = () => {
    closePicture(points);
    points = openPicture(pointsOf(map));
    look(-1);
  };
  const show2 = () => {
    key(drawn ? model.get("flow").stages ?? [] : [], Boolean(drawn) && canFreeze());
    drawn?.show({
      frozen: model.get("frozen"),
      flow: model.get("flow"),
      losses: model.get("losses"),
      weight: model.get("weight"),
      acts: model.get("acts"),
      movable: canFreeze()
    });
  };
  const answer = () => drawn?.answer(points, picked, hub.answers?.() ?? { predictions: [] });
  const fields = () => drawn?.fill(fieldsOf(model, model.get("stages").length).map((field) => fieldPicture(field, model.get("about").classes, root)), "field");
  const look = (row) => {
    picked = row;
    drawn?.look(points, picked);
    if (picked < 0) drawn?.fill([], "output");
    answer();
  };
  const inside2 = (content, buffers) => {
    if (content.kind === "inside" && content.row === picked) drawn?.fill(insideOf(content, buffers[0]).map(outputPicture), "output");
  };
  const watched = [
    [model, "change:stages", build],
    [model, "change:about", build],
    [map, "change:version", gather],
    [map, "change:sequence", answer],
    [map, "change:values", answer],
    ...["frozen", "losses", "weight", "acts", "flow"].map((name) => (
      /** @type {[Channel, string, Hear]} */
      [model, `change:${name}`, show2]
    )),
    [controls, "change:rows", show2],
    [model, "change:fields", fields],
    [model, "msg:custom", inside2]
  ];
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
    }
  };
}
function keyOf(line) {
  return (stages, movable) => {
    const some = (known2) => stages.some(known2);
    line.replaceChildren();
    for (
      const [kind, words2, there] of
      /** @type {[string, string, boolean][]} */
      [
        ["task", t("pull of the task"), some(({ task }) => Boolean(task))],
        ["pull", t("pull of the transfer term"), some(({ transfer }) => Boolean(transfer))],
        ["apart", t("how far a line tells the domains apart"), some(({ apart: apart2 }) => typeof apart2 === "number")],
        ["handle", t("drag: freeze stages"), movable]
      ]
    ) if (there) element("span", "", line, words2).dataset.kind = kind;
  };
}
function draw(root, model, freeze) {
  const stages = model.get("stages"), about = model.get("about");
  if (!stages.length) return null;
  const inputs = element("div", "tlt-net-inputs", root), rows = [new Examples(inputs, false), new Examples(inputs, true)];
  const view = element("div", "tlt-net-view", root), scroller = element("div", "tlt-net-scroller", view), track = element("div", "tlt-net-track", scroller), line = element("div", "tlt-net-stages", track);
  scroller.setAttribute("role", "group");
  scroller.setAttribute("aria-label", t("Stages"));
  const boxes = stages.map((stage) => stageBox(line, stage, about.owner)), beyond = new Beyond(view, scroller, line);
  const end = element("div", "tlt-net-end", root), into = new Arrows(end), column = element("div", "tlt-net-column", end), features = element("div", "tlt-net-box", column);
  element("b", "", features, t("features"));
  element("span", "", features, String(about.features));
  const handle = freezeHandle(track, element("span", "tlt-net-freeze-words", column), stages, (depth) => {
    boxes[Math.min(depth, boxes.length - 1)].reveal();
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
    look: (points, picked) => {
      for (const row of rows) row.show(points, picked);
    },
    /** A picture a stage, "output" of the point that is looked at, or its "field"; none take them away. */
    fill: (pictures, kind) => boxes.forEach((box, i) => box.fill(kind, pictures[i])),
    answer: (points, picked, { predictions, opinion }) => {
      const k = picked >= 0 ? predictions[picked] : void 0, label = picked >= 0 ? points?.labels[picked] ?? -1 : -1;
      head.answer(k === void 0 ? "" : points?.classes[k] ?? String(k), label < 0 || k === label);
      if (about.branch === "discriminator") side.answer(picked >= 0 && opinion ? t("target: {share} %", { share: Math.round(100 * opinion[picked]) }) : "", picked < 0 || Number(opinion?.[picked]) >= 0.5 === Boolean(points?.isTarget[picked]));
    }
  };
}
var Beyond = class {
  /** @param {Element} view @param {HTMLElement} scroller @param {HTMLElement} line of the stages */
  constructor(view, scroller, line) {
    this.scroller = scroller;
    this.line = line;
    this.edges = [-1, 1].map((side) => {
      const button = element("button", "tlt-net-beyond", view);
      button.type = "button";
      button.hidden = true;
      button.dataset.side = String(side);
      button.addEventListener("click", () => {
        scroller.scrollBy({ left: 0.8 * side * scroller.clientWidth });
      });
      return { side, button };
    });
    this.see = () => this.count();
    scroller.addEventListener("scroll", this.see);
    this.watch = globalThis.ResizeObserver ? new ResizeObserver(this.see) : null;
    this.watch?.observe(scroller);
    this.watch?.observe(line);
  }
  count() {
    const { left, right } = this.scroller.getBoundingClientRect(), places = [...this.line.children].map((stage) => stage.getBoundingClientRect());
    for (const { side, button } of this.edges) {
      const n = places.filter((place2) => side < 0 ? place2.left + place2.width / 2 < left : place2.left + place2.width / 2 > right).length;
      if (!n && document.activeElement === button) this.scroller.focus({ preventScroll: true });
      button.hidden = !n;
      button.textContent = side < 0 ? `‹ ${n}` : `${n} ›`;
      button.title = side < 0 ? t("{n} more stages to the left", { n }) : t("{n} more stages to the right", { n });
      button.setAttribute("aria-label", button.title);
    }
  }
  end() {
    this.scroller.removeEventListener("scroll", this.see);
    this.watch?.disconnect();
  }
};
var lossWords = (value) => typeof value === "number" ? value.toFixed(2) : "";
function sideWords({ term }, losses, weight) {
  return [`λ ${Number(weight.toPrecision(2))}`, term && typeof losses[term] === "number" ? `${t(term)} ${losses[term].toFixed(2)}` : ""].filter(Boolean).join("\n");
}
function stageBox(parent, { name, shape: size, parameters, batchnorm }, owner) {
  const place2 = element("div", "tlt-net-stage", parent), arrows = new Arrows(place2), box = element("div", "tlt-net-box", place2);
  element("b", "", box, name);
  element("span", "tlt-net-size", box, size.join("×"));
  const count = element("span", "tlt-net-count", box), words2 = t("{count} parameters", { count: countWords(parameters) });
  count.textContent = countWords(parameters);
  count.title = words2;
  box.title = [name, size.join(" × "), words2, batchnorm ? ownerWords(owner) : ""].filter(Boolean).join("\n");
  const view = element("span", "tlt-net-inside", box);
  const pictures = {};
  if (batchnorm) element("span", "tlt-net-owner", box, OWNERS[owner] ?? "BN");
  const lock = element("i", "tlt-net-lock", box), apart2 = element("span", "tlt-net-apart", box), fill = element("i", "", apart2);
  lock.title = t("frozen: it does not train");
  apart2.hidden = true;
  return {
    arrows,
    /** A picture in the place of the sizes, its output before its field; the one that is left, or none. */
    fill: (kind, picture2) => {
      pictures[kind] = picture2;
      const shown = pictures.output ?? pictures.field;
      view.replaceChildren(...shown ? [shown] : []);
      box.dataset.inside = String(Boolean(shown));
    },
    reveal: () => place2.scrollIntoView?.({ block: "nearest", inline: "nearest" }),
    freeze: (frozen) => {
      place2.dataset.frozen = String(frozen);
      lock.hidden = !frozen;
    },
    separate: (value) => {
      apart2.hidden = typeof value !== "number";
      if (typeof value !== "number") return;
      fill.style.width = `${100 * Math.min(Math.max(2 * (value - 0.5), 0), 1)}%`;
      apart2.title = t("How well a line tells the domains apart here: {value}; 0.5 is guessing", { value: value.toFixed(2) });
    }
  };
}
function freezeHandle(parent, words2, stages, freeze) {
  const range = element("input", "tlt-net-freeze", parent);
  Object.assign(range, { type: "range", min: 0, max: stages.length, step: 1 });
  range.title = t("Drag to freeze the stages on the left: they do not train");
  range.setAttribute("aria-label", t("Freeze depth on the network"));
  range.addEventListener("input", () => {
    say(Number(range.value));
    freeze(Number(range.value));
  });
  const say = (depth) => {
    words2.textContent = depth ? t("{frozen} of {all} frozen", { frozen: depth, all: stages.length }) : t("all stages train");
    range.setAttribute("aria-valuetext", words2.textContent);
    range.style.setProperty("--tlt-share", `${100 * depth / stages.length}%`);
  };
  return { show: (depth, movable) => {
    range.value = String(depth);
    range.disabled = !movable;
    say(depth);
  } };
}
function forkRow(parent, title, names) {
  const row = element("div", `tlt-net-row ${names}`, parent), arrow2 = picture(row, 22, 14, "tlt-net-arrow");
  shape("path", arrow2, { d: "M1 7H17M13 3 18 7 13 11", class: "tlt-net-data" });
  const box = element("div", "tlt-net-box", row), said2 = element("span", "", row);
  element("b", "", box, title);
  const loss = element("span", "tlt-net-loss", row);
  said2.className = "tlt-net-answer";
  return {
    row,
    box,
    say: (text) => {
      loss.textContent = text;
    },
    answer: (text, right) => {
      said2.textContent = text && `${text} ${right ? "✓" : "✗"}`;
      said2.dataset.right = String(right);
    }
  };
}
function branchRow(parent, { branch }) {
  const [title, sentence2] = branchWords(branch), row = forkRow(parent, title, "tlt-net-branch");
  row.row.dataset.branch = branch;
  const acts = (can) => {
    row.row.dataset.acts = String(can);
    row.row.title = can ? sentence2 : `${sentence2}
${t("Nothing before the features trains: λ changes nothing now.")}`;
  };
  acts(true);
  const glyph = picture(row.box, 34, 12, "tlt-net-glyph");
  if (branch === "distance") shape("path", glyph, { d: "M1 6H5L8 1 12 11 16 1 20 11 24 1 27 6H33" });
  if (branch === "discriminator") shape("path", glyph, { d: "M33 6H4M9 1 3 6 9 11" });
  return { ...row, acts };
}
function showFlow(boxes, into, { frozen, flow }) {
  const rows = flow.stages ?? [], largest = Math.max(0, ...rows.flatMap(({ task, transfer }) => [task ?? 0, transfer ?? 0]));
  boxes.forEach((box, i) => {
    const { task, transfer, cosine, apart: apart2 } = rows[i] ?? {};
    box.arrows.show(i < frozen ? 0 : arrowWidth(task ?? 0, largest), i < frozen ? 0 : arrowWidth(transfer ?? 0, largest), cosine);
    box.separate(apart2);
  });
  const last = rows.at(-1) ?? {};
  into.show(arrowWidth(last.task ?? 0, largest), arrowWidth(last.transfer ?? 0, largest));
}

// timeline.js
function thumb(steps, position, reached) {
  const max = Math.max(reached, steps.at(-1) ?? 0);
  return [max, position < 0 || !steps.length ? max : steps[Math.min(position, steps.length - 1)]];
}
function meant(value, steps) {
  if (value >= (steps.at(-1) ?? 0)) return -1;
  let found2 = 0;
  while (found2 + 1 < steps.length && steps[found2 + 1] <= value) found2++;
  return found2;
}
function words(steps, position, reached) {
  if (!steps.length) return t("nothing recorded yet");
  const last = steps[steps.length - 1];
  const count = (step) => step.toLocaleString("en");
  if (position >= 0) return t("step {step} of {all}", { step: count(steps[Math.min(position, steps.length - 1)]), all: count(Math.max(reached, last)) });
  return reached > last ? t("live · map: {steps} steps ago", { steps: count(reached - last) }) : t("live");
}
function jump(at, value, max, way) {
  const there = at.filter((step) => (step - value) * way > 0);
  return there.length ? way > 0 ? Math.min(...there) : Math.max(...there) : way > 0 ? max : 0;
}
function neighborStep(steps, value, max, way) {
  const there = steps.filter((step) => (step - value) * way > 0);
  return there.length ? way > 0 ? Math.min(...there) : Math.max(...there) : way > 0 ? max : 0;
}
function said(ticks2, steps, value) {
  return ticks2.filter(([at]) => steps[Math.min(at, steps.length - 1)] === value).map(([, text]) => text).join("; ");
}
function tickPlace(step, max) {
  const share = max ? Math.min(step, max) / max : 1;
  return `calc(${(100 * share).toFixed(2)}% + ${(5 - 10 * share).toFixed(2)}px)`;
}
function settledButton(state) {
  return [state === "waiting" ? t("Settling…") : t("Settled UMAP"), state !== "waiting", state === "shown"];
}
var PAGES = { PageUp: 1, PageDown: -1 };
var ARROWS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
var Scrubber = class {
  /** @type {Tick[]} */
  ticks = [];
  /** @type {number[]} */
  steps = [];
  drawn = "";
  /** @param {Element} root @param {(position: number) => void} go */
  constructor(root, go) {
    this.go = go;
    const label = element("label", "", root, t("Replay")), track = element("span", "tlt-track", label);
    this.range = element("input", "", track);
    this.marks = element("span", "tlt-ticks", track);
    this.map = element("span", "tlt-map-head", track);
    Object.assign(this.range, { type: "range", min: 0, step: 1 });
    this.range.title = t("Look back over the recorded steps; training goes on. The right end is live. Page Up and Page Down jump between changes");
    this.range.addEventListener("input", () => go(meant(this.value, this.steps)));
    this.range.addEventListener("keydown", (event) => this.key(event));
  }
  get value() {
    return Number(this.range.value);
  }
  get max() {
    return Number(this.range.max);
  }
  /** @type {(event: KeyboardEvent) => void} */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = PAGES[event.key], arrow2 = ARROWS[event.key];
    if (!page && !arrow2) return;
    event.preventDefault();
    const at = this.ticks.map(([frame2]) => this.stepOf(frame2));
    this.go(meant(page ? jump(at, this.value, this.max, page) : neighborStep(this.steps, this.value, this.max, arrow2), this.steps));
  }
  /** The step of a frame. @type {(frame: number) => number} */
  stepOf(frame2) {
    return this.steps[Math.min(frame2, this.steps.length - 1)] ?? 0;
  }
  /** @type {(steps: number[], position: number, ticks: Tick[], reached: number) => void} */
  show(steps, position, ticks2, reached) {
    const [max, value] = thumb(steps, position, reached);
    this.ticks = ticks2;
    this.steps = steps;
    Object.assign(this.range, { max, value, disabled: steps.length < 2 });
    this.range.setAttribute("aria-valuetext", [words(steps, position, reached), said(ticks2, steps, value)].filter(Boolean).join(", "));
    this.draw(max);
  }
  /** @type {(max: number) => void} */
  draw(max) {
    const now = JSON.stringify([max, this.steps.at(-1), this.ticks]);
    if (now === this.drawn) return;
    this.drawn = now;
    this.marks.replaceChildren();
    for (const [frame2, text, kind] of this.ticks) {
      const tick = element("button", "tlt-tick", this.marks), step = this.stepOf(frame2);
      tick.type = "button";
      tick.tabIndex = -1;
      tick.title = text;
      tick.dataset.kind = kind;
      tick.style.left = tickPlace(step, max);
      tick.setAttribute("aria-label", text);
      tick.addEventListener("click", (event) => {
        event.preventDefault();
        this.range.focus();
        this.go(meant(step, this.steps));
      });
    }
    const last = this.steps.at(-1) ?? 0;
    this.map.hidden = last >= max;
    this.map.style.left = tickPlace(last, max);
  }
};
function renderTimeline({ model, el, recorded }) {
  const root = element("div", "tlt-timeline", el);
  const scrubber = new Scrubber(root, (position) => {
    model.set("position", position);
    model.save_changes();
  });
  const aside = element("span", "tlt-aside", root), text = element("span", "tlt-words", aside), back = element("span", "tlt-back", root);
  const ask = (content) => model.send({ position: model.get("position"), ...content });
  if (!recorded) toggle(back, t("Play from here"), t("Train on from this step, with the sliders as they are now"), () => ask({ kind: "branch" }));
  const why = t("Select the target points whose predicted class differs from the look before this one; with Shift: from the first look");
  toggle(back, t("What changed?"), why, (_, event) => ask({ kind: "changed", start: event.shiftKey }));
  const calm = t("umap-learn's own map of these features, fitted anew in the background; press again for the live map");
  const settled = toggle(root, "", calm, () => model.send({ kind: "settled" }));
  const live = toggle(root, t("Live"), t("Back to what is happening now"), () => scrubber.go(-1));
  const show2 = () => {
    const steps = Array.from(decode(model.get("steps"), Int32Array)), position = model.get("position"), reached = model.get("reached");
    scrubber.show(steps, position, [...model.get("ticks"), ...judgeTicks(model.get("chosen"), steps)], reached);
    text.textContent = words(steps, position, reached);
    back.style.visibility = position < 0 ? "hidden" : "visible";
    live.setAttribute("aria-pressed", String(position < 0));
    live.hidden = Boolean(recorded);
    const [name, able, pressed] = settledButton(model.get("settled"));
    settled.textContent = name;
    settled.disabled = !able;
    settled.style.display = model.get("settled") ? "" : "none";
    settled.setAttribute("aria-pressed", String(pressed));
  };
  const events = ["change:steps", "change:position", "change:ticks", "change:chosen", "change:settled", "change:reached"];
  for (const name of events) model.on(name, show2);
  show2();
  return () => {
    for (const name of events) model.off(name, show2);
  };
}

// board.js
var Stage = class {
  /** @type {(() => void)[]} */
  ends = [];
  /** @param {Hub} hub */
  constructor(hub) {
    this.hub = hub;
    this.recorded = Boolean(hub.channel("frame")?.get("recorded"));
  }
  /**
   * A place of its own for a part, drawn by `render({model, el, recorded})`, which returns what ends it or {end, retell}.
   * @type {(names: string, parent: Element, channel: string, render: Render, about?: object) => HTMLElement}
   */
  part(names, parent, channel, render, about = {}) {
    const model = this.hub.channel(channel), el = element("div", names, parent);
    if (!model) return el;
    const draw2 = () => render({ model, el, recorded: this.recorded, ...about });
    let drawn = draw2();
    const end = () => {
      if (typeof drawn === "function") drawn();
      else drawn.end();
    };
    this.ends.push(this.hub.onWords(() => {
      if (typeof drawn === "object") {
        drawn.retell();
        return;
      }
      drawn();
      el.replaceChildren();
      drawn = draw2();
    }), end);
    return el;
  }
  end() {
    for (const act of this.ends) act();
  }
};
var PLANS = { board: framed(arrangeBoard), compare: framed(arrangeCompare), cards };
function show(hub, el, plan) {
  dress(el);
  const [place2, end] = PLANS[plan](hub, el), release = keepKeys(place2);
  return () => {
    release();
    end();
    place2.remove();
  };
}
function cards(hub, el) {
  const stage = new Stage(hub), place2 = arrangeCards(stage, el);
  return [place2, () => stage.end()];
}
function framed(arrange) {
  return (hub, el) => {
    const frame2 = (
      /** @type {Channel<FrameValues>} */
      hub.channel("frame")
    );
    const board = element("div", frame2.get("presenter") ? "tlt-board tlt-presenting" : "tlt-board", el);
    board.setAttribute("role", "group");
    const name = () => board.setAttribute("aria-label", t("Live transfer learning"));
    name();
    let stage = new Stage(hub), hidden = "";
    const fill = () => {
      if (hidden === JSON.stringify(frame2.get("hidden"))) return;
      hidden = JSON.stringify(frame2.get("hidden"));
      stage.end();
      board.replaceChildren();
      stage = new Stage(hub);
      arrange(stage, board, new Set(frame2.get("hidden")));
    };
    fill();
    frame2.on("change:hidden", fill);
    const ends = [hub.onWords(name), () => frame2.off("change:hidden", fill)];
    return [board, () => {
      for (const end of ends) end();
      stage.end();
    }];
  };
}
function arrangeTop(stage, board, hidden, about) {
  stage.part("tlt-header", board, "header", renderHeader, { hidden, ...about });
  const row = element("div", "tlt-status-row", board);
  stage.part("tlt-status-place", row, "status", renderStatus, { header: stage.hub.channel("header") });
  if (!hidden.has("language")) stage.part("tlt-language-place", row, "language", renderLanguage);
}
function arrangeBoard(stage, board, hidden) {
  arrangeTop(stage, board, hidden, { about: "board" });
  stage.part("tlt-error-place", board, "error", renderError);
  const { hub } = stage, chooses = Boolean(hub.channel("controls")?.get("rows").some((row) => row.acts)), about = { hub, controls: hub.channel("controls"), map: hub.channel("map") };
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

// replay/about.js
var WORDS = {
  pair: mark("Domains"),
  objective: mark("Objective"),
  network: mark("Network"),
  projection: mark("Map"),
  laid_out: mark("Points laid out"),
  seed: mark("Seed"),
  steps: mark("Steps"),
  device: mark("Device"),
  target_labels: mark("Target labels"),
  settings: mark("Settings at the start"),
  versions: mark("Versions")
};
function plainWords(value) {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value === "boolean") return value ? t("on") : t("off");
  if (value === null || value === void 0) return "–";
  if (Array.isArray(value)) return value.map(plainWords).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, inner]) => `${t(key.replaceAll("_", " "))} ${plainWords(inner)}`).join(" · ");
  return String(value);
}
var saidOf = (name, value) => name === "target_labels" ? t(String(value)) : plainWords(value);
function aboutRows(about) {
  const names = [...Object.keys(WORDS).filter((name) => name in about), ...Object.keys(about).filter((name) => !(name in WORDS))];
  return names.map((name) => (
    /** @type {[string, string]} */
    [t(WORDS[name] ?? name.replaceAll("_", " ")), saidOf(name, about[name])]
  )).filter(([, words2]) => words2 !== "");
}
function subtitle(run, count) {
  const { objective, projection, seed } = run.about, told = [];
  if (objective && !run.title.includes(objective)) told.push(t("objective {name}", { name: objective }));
  if (projection) told.push(t("map {name}", { name: projection }));
  if (seed !== void 0) told.push(t("seed {number}", { number: seed }));
  const every = run.every > 1 ? t(", one of every {every} in the run", { every: run.every }) : "";
  return [...told, t("{n} points", { n: run.points.n }), `${count === 1 ? t("1 frame") : t("{n} frames", { n: count })}${every}`].join(" · ");
}
function tellAbout(parent, run, go) {
  const foot = element("footer", "tlt-replay-about", parent), what = element("section", "", foot);
  element("h2", "", what, t("What was run"));
  const list = element("dl", "", what);
  for (const [name, words2] of aboutRows(run.about)) {
    element("dt", "", list, name);
    element("dd", "", list, words2);
  }
  if (!list.children.length) element("p", "", what, t("The recording does not say."));
  const changes = element("section", "", foot);
  element("h2", "", changes, t("What was changed on the way"));
  if (!run.changes.length) element("p", "", changes, t("Nothing."));
  const steps = element("ol", "", changes);
  for (const [step, text] of run.changes) {
    const button = element("button", "tlt-chip", element("li", "", steps), t("step {step}: {text}", { step: step.toLocaleString("en"), text }));
    button.type = "button";
    button.addEventListener("click", () => go(step));
  }
}

// replay/data.js
var UNKNOWN_LEVEL = 255;
async function inflated(packed) {
  if (Array.isArray(packed)) return packed.some((inner) => typeof inner === "object") ? Promise.all(packed.map(inflated)) : packed;
  if (!packed || typeof packed !== "object") return packed;
  if (typeof packed.zlib === "string") return bytesOf(packed.zlib);
  return Object.fromEntries(await Promise.all(Object.entries(packed).map(async ([name, inner]) => [name, await inflated(inner)])));
}
async function bytesOf(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
function readRun(run) {
  const { n } = run.points, points = packedPoints(run.points);
  return {
    run,
    points,
    frames: framesIn(run.frames, n),
    look: looksIn(run.looks, n),
    regions: regionsIn(run.regions),
    truth: { labels: new Int16Array(points.labels.slice().buffer), isTarget: points.is_target },
    near: run.near ? new Int16Array(run.near.buffer) : null
  };
}
var NOTHING = new Uint8Array(0);
function fromPlanes(bytes, width) {
  const size = bytes.length / 2, values = new Uint16Array(size);
  for (let i = 0; i < size; i++) values[i] = bytes[i] + 256 * bytes[size + i] + (i >= width ? values[i - width] : 0);
  return values;
}
function packedPoints({ labels, isTarget, vectors, sprites, n, classes, domains, tile, width = 0, texts, version = 1 }) {
  return {
    about: { n, classes, domains, tile, width, texts },
    version,
    labels,
    is_target: isTarget,
    vectors: vectors ?? NOTHING,
    sprites: sprites ?? NOTHING
  };
}
function framesIn({ xy, steps, boxes, looks }, n) {
  const places = fromPlanes(xy, 2 * n);
  return { count: steps.length, steps, looks, xy: (i) => unquantized(places.subarray(2 * n * i, 2 * n * (i + 1)), boxes[i]) };
}
var PLAIN = { regions: NOTHING, extent: [0, 0, 1, 1] };
function regionsIn(regions) {
  if (!regions) return () => PLAIN;
  const { frames, side, boxes, grids } = regions, width = side * side, all = fromPlanes(grids, width);
  return (i) => {
    const k = frames[i];
    return k < 0 ? PLAIN : { regions: new Uint8Array(all.buffer, 2 * width * k, 2 * width), extent: boxes[k] };
  };
}
function looksIn({ predictions, bytes, names, numbers, flow, values, marked, lines }, n) {
  const linesOf = linesIn(lines), guesses = bytes === 1 ? predictions : new Int16Array(predictions.buffer);
  const guessesOf = (k) => guesses.subarray(n * k, n * (k + 1));
  return (k) => ({
    predictions: Int16Array.from(guessesOf(k)),
    numbers: byName(names, numbers[k]),
    flow: flow[k],
    lines: linesOf(k),
    values: {
      ...Object.fromEntries(Object.entries(values).map(([name, { low, high, levels }]) => [name, fromLevels(levels.subarray(n * k, n * (k + 1)), low, high)])),
      changed: Float32Array.from(guessesOf(k), (guess, i) => Number(guess !== guessesOf(marked[k])[i]))
    }
  });
}
function linesIn(lines) {
  if (!lines) return () => new Float32Array(0);
  const { counts, most, levels } = lines, rows = new Uint16Array(lines.rows.buffer);
  return (k) => {
    const first = counts.slice(0, k).reduce((sum, count) => sum + count, 0), found2 = new Float32Array(3 * counts[k]);
    for (let i = 0; i < counts[k]; i++) found2.set([rows[first + i], rows[levels.length + first + i], most[k] * levels[first + i] / 255], 3 * i);
    return found2;
  };
}
function byName(names, values) {
  const found2 = {};
  names.forEach((name, i) => {
    const value = values[i];
    if (value !== null) found2[name] = value;
  });
  return found2;
}
function fromLevels(levels, low, high) {
  return Float32Array.from(levels, (level) => level === UNKNOWN_LEVEL ? NaN : low + (high - low) * level / 254);
}
function unquantized(places, [left, bottom, width, height]) {
  const xy = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    xy[i] = left + width * places[i] / 65535;
    xy[i + 1] = bottom + height * places[i + 1] / 65535;
  }
  return xy;
}
function frameOfChange(steps, step) {
  const found2 = steps.findIndex((at) => at >= step);
  return found2 < 0 ? steps.length - 1 : found2;
}
function frameUntil(steps, step) {
  let found2 = 0;
  while (found2 + 1 < steps.length && steps[found2 + 1] <= step) found2++;
  return found2;
}
function changedSince(changes, steps, i) {
  const after = i > 0 ? steps[i - 1] : -1;
  return changes.filter(([step]) => step > after && step <= steps[i]).map(([, text]) => text).join(", ");
}
function settingsAt({ values, changes }, step) {
  const now = { ...values };
  for (const [at, name, value] of changes) if (at <= step) now[name] = value;
  return now;
}
function ticksOf(changes, steps, say) {
  const found2 = /* @__PURE__ */ new Map();
  for (const [step, text] of changes) {
    const at = frameOfChange(steps, step);
    found2.set(at, [...found2.get(at) ?? [], say(step, text)]);
  }
  return [...found2].sort(([a], [b]) => a - b).map(([at, texts]) => (
    /** @type {Tick} */
    [at, texts.join("; "), "change"]
  ));
}
function wrongRows({ labels, isTarget }, predictions, target) {
  return Array.from(labels.keys()).filter((i) => Boolean(isTarget[i]) === target && labels[i] >= 0 && labels[i] !== predictions[i]);
}
function changedRows({ isTarget }, before, here) {
  return Array.from(here.keys()).filter((i) => isTarget[i] && before[i] !== here[i]);
}
function paceOf(count) {
  return Math.min(Math.max(count / 25, 3), 12);
}

// replay/transport.js
var Transport = class {
  /** @type {any} */
  timer = null;
  rate = 1;
  /**
   * @param {{ count: number, pace: number, show: (i: number) => void, told?: () => void, later?: (act: () => void, wait: number) => any,
   *   never?: (timer: any) => void }} options
   */
  constructor({ count, pace, show: show2, told = () => {
  }, later = (act, wait) => setTimeout(act, wait), never = (timer) => clearTimeout(timer) }) {
    this.count = count;
    this.pace = pace;
    this.show = show2;
    this.told = told;
    this.later = later;
    this.never = never;
    this.at = count - 1;
  }
  get playing() {
    return this.timer !== null;
  }
  /** To frame i, or the nearest there is; playing goes on from there. @param {number} i */
  go(i) {
    this.at = Math.min(Math.max(Math.round(i), 0), this.count - 1);
    this.show(this.at);
  }
  /** From here on; from the start, if here is the end. */
  play() {
    if (this.playing || this.count < 2) return;
    if (this.at === this.count - 1) this.go(0);
    this.next();
    this.told();
  }
  next() {
    this.timer = this.later(() => {
      this.go(this.at + 1);
      if (this.at < this.count - 1) this.next();
      else this.pause();
    }, 1e3 / (this.pace * this.rate));
  }
  pause() {
    if (!this.playing) return;
    this.never(this.timer);
    this.timer = null;
    this.told();
  }
  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }
  /** A step by hand: whoever steps, wants to look. @param {number} by */
  step(by) {
    this.pause();
    this.go(this.at + by);
  }
};

// replay/recorded.js
var RATES = [[mark("normal speed"), 1], [mark("¼ speed"), 0.25], [mark("½ speed"), 0.5], [mark("2 × speed"), 2], [mark("4 × speed"), 4]];
var HIDDEN = ["stop", "link", "language", "map"];
var listed2 = (step) => step.toLocaleString("en");
var Recorded = class {
  number = 0;
  note = "";
  /** @type {Set<Hear>} */
  hearers = /* @__PURE__ */ new Set();
  /**
   * @param {Run} run
   * @param {object} timing for the transport
   */
  constructor(run, timing = {}) {
    this.opened = readRun(run);
    this.transport = new Transport({ count: this.frames.count, pace: paceOf(this.frames.count), show: (i) => this.show(i), told: () => this.tellPlaying(), ...timing });
  }
  get run() {
    return this.opened.run;
  }
  get frames() {
    return this.opened.frames;
  }
  get look() {
    return this.opened.look;
  }
  get regions() {
    return this.opened.regions;
  }
  get points() {
    return this.opened.points;
  }
  get truth() {
    return this.opened.truth;
  }
  get near() {
    return this.opened.near;
  }
  /** @param {string} name */
  get(name) {
    return name === "state" ? { parts: this.parts, words: this.run.words, number: 0 } : void 0;
  }
  /** @type {(event: string, hear: Hear) => void} */
  on(event, hear) {
    if (event === "msg:custom") this.hearers.add(hear);
  }
  /** @type {(event: string, hear: Hear) => void} */
  off(event, hear) {
    if (event === "msg:custom") this.hearers.delete(hear);
  }
  /** What the page says, to a part of the board. @param {any} message */
  send({ to, kind, content, answer }) {
    const act = this.acts[to];
    if (act) act(content, kind);
    if (answer) queueMicrotask(() => this.tellAll({ kind: "heard" }));
  }
  /** @type {(content: object, buffers?: Bytes[]) => void} */
  tellAll(content, buffers = []) {
    for (const hear of [...this.hearers]) hear(content, buffers);
  }
  /** @type {(to: string, values: object) => void} */
  tell(to, values) {
    this.tellAll({ to, kind: "set", content: values, number: ++this.number });
  }
  /** @type {(to: string, message: object, buffers?: Bytes[]) => void} */
  say(to, message, buffers = []) {
    this.tellAll({ to, kind: "message", content: message, number: ++this.number }, buffers);
  }
  /** All parts as they are at the frame that is shown; a run opens at its last one. @returns {Record<string, any>} */
  get parts() {
    const { run, frames } = this, { at } = this.transport, { network, controls } = this.networkAt(at);
    return {
      frame: { hidden: [...HIDDEN, ...run.board ? [] : ["network"]], presenter: false, recorded: true },
      header: { options: this.options, chosen: this.chosen, playing: false, reason: "" },
      status: { shown: this.statusAt(at) },
      error: { heading: "", details: "" },
      network: { stages: run.board?.stages ?? [], about: run.board?.around ?? {}, ...network },
      map: { ...this.points, group: "", presenter: false, view: {}, playing: false, stalled: false, pulse: 1, laid_out: run.about.laid_out ?? 0, chosen: null, title: "", title_values: {}, asked: 0, ...this.mapAt(at), sequence: 0 },
      timeline: { ...this.timeline, position: at },
      happenings: { lines: this.lines, unfolded: false },
      numbers: { numbers: this.look(frames.looks[at]).numbers, judging: Object.keys(run.chosen).length > 0, chosen: run.chosen },
      curves: { scale: "auto", cursor: frames.steps[at] },
      controls: { rows: run.board?.rows ?? [], ...controls }
    };
  }
  get timeline() {
    const { run, frames } = this;
    const ticks2 = ticksOf(run.changes, frames.steps, (step, text) => t("step {step}: {text}", { step: listed2(step), text }));
    return { steps: Int32Array.from(frames.steps), reached: frames.steps[frames.count - 1], ticks: ticks2, chosen: run.chosen, settled: "" };
  }
  /** What happened, as its part lists it. @returns {[kind: string, first: number, last: number, count: number][]} */
  get lines() {
    return this.run.happenings.map(([kind, first, end, , rows]) => [kind, first, end, rows.length]);
  }
  /** @returns {Record<string, Option[]>} */
  get options() {
    const { about } = this.run;
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
    const place2 = t("{number} of {all} frames", { number: i + 1, all: frames.count });
    const changed = changedSince(run.changes, frames.steps, i), note = changed || (this.transport.playing ? "" : place2);
    return {
      xy: bytesOf2(frames.xy(i)),
      predictions: bytesOf2(predictions),
      step: frames.steps[i],
      note,
      value_names: names,
      values: bytesOf2(oneRow(names.map((name) => values[name]))),
      lines: bytesOf2(lines),
      ...this.regions(i),
      sequence: this.number + 1
    };
  }
  /** @type {(i: number) => { network: Partial<NetworkValues>, controls: Partial<ControlsValues> }} */
  networkAt(i) {
    const { run, frames } = this, { board, steps } = run, acting = byName(steps.acting, steps.values[i]);
    const values = board ? settingsAt(board, frames.steps[i]) : {}, frozen = Number(acting.freeze_depth ?? values.freeze_depth ?? 0);
    const acts = frozen < (board?.stages.length ?? 1), { flow } = this.look(frames.looks[i]), fields = this.isLast(i) && run.fields || NOTHING2;
    return {
      network: { frozen, acts, fields, flow: flow.length ? { stages: flow } : {}, losses: byName(steps.terms, steps.losses[i]), weight: Number(acting.weight ?? values.weight ?? 0) },
      controls: { values, notes: notesOf(values, acting) }
    };
  }
  /** Whether frame i shows the last look, of which more is known. @param {number} i */
  isLast(i) {
    return this.frames.looks[i] === this.frames.looks.at(-1);
  }
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
  go(i) {
    this.transport.pause();
    this.transport.go(i);
  }
  /** @type {(rows: number[], title: string) => void} */
  select(rows, title) {
    this.tell("map", { chosen: bytesOf2(Int32Array.from(rows)), title, asked: this.number + 1 });
    this.note = rows.length ? "" : title;
    this.tell("status", { shown: this.statusAt(this.transport.at) });
  }
  // --- what the page asks for, by part
  /** @type {Record<string, (content: any, kind: string) => void>} */
  acts = {
    header: (content) => {
      if (content.kind === "choose" && content.name === "speed") this.transport.rate = content.value;
      if (content.button === "play") this.transport.toggle();
      else if (content.button) this.go(content.button === "step" ? this.transport.at + 1 : 0);
    },
    timeline: (content, kind) => {
      if (kind === "set") this.go(content.position < 0 ? this.frames.count - 1 : content.position);
      else if (content.kind === "changed") this.selectChanged(content.start);
    },
    happenings: (content) => {
      if (content.kind === "unfold") {
        this.tell("happenings", { unfolded: content.unfolded });
        return;
      }
      const [, , end, title, rows] = this.run.happenings[content.number] ?? [];
      if (rows) {
        this.go(frameUntil(this.frames.steps, end));
        this.select(rows, t(title));
      }
    },
    numbers: ({ kind, name, on }) => kind === "judging" ? this.tell("numbers", { judging: on }) : this.selectWrong(name),
    curves: ({ kind, name, step }) => {
      if (kind === "ready") {
        this.tellCurves();
        return;
      }
      this.go(frameUntil(this.frames.steps, step));
      this.selectWrong(name);
    },
    map: ({ kind, row }) => {
      if (kind === "near") this.tellNear(row);
    }
  };
  tellCurves() {
    const { series, changes } = this.run, names = Object.entries(series).map(([name, points]) => [name, points.length]);
    const numbers = Object.values(series).flatMap((points) => points.flatMap(([step, value]) => [step, value ?? NaN]));
    this.say("curves", { kind: "all", number: 1, series: names, changes }, [bytesOf2(Float32Array.from(numbers))]);
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
    const step = listed2(frames.steps[transport.at]), { predictions } = this.look(frames.looks[transport.at]);
    this.select(wrongRows(this.truth, predictions, target), target ? t("wrong target points at step {step}", { step }) : t("wrong source points at step {step}", { step }));
  }
  /** The target points whose class is another one than at the look before, or at the first. @param {boolean} start */
  selectChanged(start) {
    const { frames, transport } = this, here = frames.looks[transport.at], from = start ? 0 : Math.max(here - 1, 0);
    const rows = changedRows(this.truth, this.look(from).predictions, this.look(here).predictions);
    const between2 = { n: rows.length, before: listed2(frames.steps[frames.looks.indexOf(from)]), here: listed2(frames.steps[transport.at]) };
    this.select(rows, rows.length ? t("{n} target points changed class from step {before} to {here}", between2) : t("no target point changed class from step {before} to {here}", between2));
  }
};
var NOTHING2 = new Uint8Array(0);
var bytesOf2 = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
function oneRow(rows) {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  rows.reduce((at, row) => {
    all.set(row, at);
    return at + row.length;
  }, 0);
  return all;
}
function notesOf(values, acting) {
  const notes = {};
  for (const [name, value] of Object.entries(values)) {
    const now = acting[name];
    if (typeof value !== "number" || typeof now !== "number" || Math.abs(now - value) <= 5e-3 * Math.abs(value)) continue;
    notes[name] = t("acts as {value}", { value: String(Number(now.toPrecision(3))) });
  }
  return notes;
}

// replay/grid.js
var HIDDEN2 = ["stop", "link", "map", "seed"];
var LANGUAGES = { en: "English", zh: "中文" };
var runAt = (runs2, at) => runs2.findIndex((run) => run.at.every((place2, axis) => place2 === at[axis]));
var sameShare = (i, from, to) => from > 1 ? Math.round(i / (from - 1) * (to - 1)) : to - 1;
var Grid = class extends Recorded {
  asked = 0;
  onTold = () => {
  };
  /**
   * @param {PackedGrid} about
   * @param {Run} run the one that the page opens with
   * @param {(k: number) => Promise<Run>} load gives run k, inflated
   * @param {object} [timing] for the transport
   */
  constructor(about, run, load, timing = {}) {
    super(run, timing);
    this.about = about;
    this.load = load;
    this.language = about.language;
    this.at = about.runs[about.first].at;
    Object.assign(this.acts, {
      controls: ({ name, value }) => {
        this.choose(name, value);
      },
      language: () => this.turn()
    });
  }
  /** @param {string} name */
  get(name) {
    return name === "state" ? { parts: this.parts, words: this.words, number: 0 } : void 0;
  }
  get words() {
    return this.about.words[this.language] ?? {};
  }
  /** What the sliders stand at, by name. @returns {Record<string, SettingValue>} */
  get values() {
    return Object.fromEntries(this.about.axes.map(({ name, values }, axis) => [name, values[this.at[axis]]]));
  }
  /** The sliders, in the language in use. @returns {Setting[]} */
  get rows() {
    return this.about.rows.map((row) => ({ ...row, title: t(row.title), about: t(row.about), choices: row.choices?.map(([text, value]) => [t(text), value]) }));
  }
  get parts() {
    const parts = super.parts;
    return {
      ...parts,
      frame: { ...parts.frame, hidden: HIDDEN2 },
      language: this.leadingTo,
      controls: { ...parts.controls, rows: this.rows }
    };
  }
  /** @param {number} i */
  networkAt(i) {
    const { network, controls } = super.networkAt(i);
    return { network, controls: { ...controls, values: this.values } };
  }
  /** Show the run with this value of an axis, at the same moment of its way. @type {(name: string, value: SettingValue) => Promise<void>} */
  async choose(name, value) {
    const axis = this.about.axes.findIndex((known2) => known2.name === name), place2 = this.about.axes[axis]?.values.indexOf(value) ?? -1;
    if (place2 < 0) return;
    this.at = this.at.map((was, i) => i === axis ? place2 : was);
    const asked = ++this.asked, run = await this.load(runAt(this.about.runs, this.at));
    if (asked === this.asked) this.enter(run);
  }
  /** @param {Run} run */
  enter(run) {
    const { transport } = this, points = this.points.version, count = this.frames.count;
    this.opened = readRun(run);
    transport.count = this.frames.count;
    transport.pace = paceOf(transport.count);
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
  get leadingTo() {
    return { title: LANGUAGES[this.next], about: `Language · 语言: ${LANGUAGES[this.next]}` };
  }
  /** Go to the next language. */
  turn() {
    this.language = this.next;
    this.tellAll({ kind: "words", content: this.words, number: ++this.number });
    this.tell("language", this.leadingTo);
    this.tell("controls", { rows: this.rows });
    this.tellRun();
  }
};

// replay.js
var PLAYING = "#replay";
function keyAction(event, transport) {
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
function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const tell = () => {
    document.body.dataset.jpThemeLight = String(!dark.matches);
  };
  dark.addEventListener("change", tell);
  tell();
}
function replayRun(root, recorded, keys) {
  followTheme();
  root.replaceChildren();
  root.className = "tlt-replay";
  const head = element("div", "", root), board = element("div", "tlt-replay-board", root), foot = element("div", "", root);
  show(new Hub(recorded), board, "board");
  const tell = () => {
    const { run, frames } = recorded;
    head.replaceChildren();
    foot.replaceChildren();
    pageHead(head, run, frames.count);
    tellAbout(foot, run, (step) => recorded.go(frameOfChange(frames.steps, step)));
    element("p", "tlt-replay-keys", foot, keys());
  };
  tell();
  document.addEventListener("keydown", (event) => {
    const act = keyAction(event, recorded.transport);
    if (act) {
      event.preventDefault();
      act();
    }
  });
  if (location.hash === PLAYING && !matchMedia("(prefers-reduced-motion: reduce)").matches) recorded.transport.play();
  return tell;
}
async function replay(carried2) {
  const run = await inflated(JSON.parse(carried2.textContent ?? "")), root = document.getElementById("replay");
  if (!root) return;
  speak(run.words);
  replayRun(root, new Recorded(run), () => t("Space plays and pauses; the arrow keys step, Home and End jump. The sliders show what was set."));
}
function loaderOf(grid2, textOf) {
  const runs2 = /* @__PURE__ */ new Map();
  const points = /* @__PURE__ */ new Map();
  const once = (known2, k, make2) => {
    const found2 = known2.get(k) ?? make2();
    known2.set(k, found2);
    return found2;
  };
  const pointsOf2 = (k) => once(points, k, async () => ({ ...await inflated(grid2.points[k]), version: k + 1 }));
  return (k) => once(runs2, k, async () => ({ ...await inflated(JSON.parse(textOf(k))), points: await pointsOf2(grid2.runs[k].points) }));
}
async function replayGrid(carried2) {
  const about = JSON.parse(carried2.textContent ?? "");
  const root = document.getElementById("replay"), load = loaderOf(about, (k) => document.getElementById(`tltutor-run-${k}`)?.textContent ?? "");
  const run = await load(about.first);
  if (!root) return;
  speak(about.words[about.language]);
  const grid2 = new Grid(about, run, load);
  const tell = replayRun(root, grid2, () => t("Space plays and pauses; the arrow keys step, Home and End jump. Each slider goes to another recorded run."));
  grid2.onTold = () => {
    document.documentElement.lang = grid2.language;
    tell();
  };
}

// app.js
var carried = globalThis.document?.getElementById?.("tltutor-run");
var grid = globalThis.document?.getElementById?.("tltutor-grid");
if (carried) replay(carried);
if (grid) replayGrid(grid);
export {
  Hub,
  PointMap,
  show
};
