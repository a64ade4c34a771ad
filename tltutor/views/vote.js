// A vote of the class: where to answer, how many have, then the votes as bars beside what came true; it counts nothing.
import { announced, commitButton, headed, kept } from "./card_parts.js";
import { element, noteIn } from "./points/elements.js";
/** @import { Drawn, Place, VoteValues } from "./types.js" */

const SVG = "http://www.w3.org/2000/svg";
const EVERY = 1000; // milliseconds from one look to the next

/** @type {(place: Place<VoteValues>) => Drawn} */
export function renderVote({ model, el }) {
  const { kind, question } = headed(el), body = element("div", "tlt-vote-body", el), left = element("div", "", body), join = element("div", "tlt-vote-join", body);
  const list = element("ol", "tlt-vote-options", left), count = announced("tlt-vote-count", left);
  const fold = element("details", "tlt-votes", el), heading = element("summary", "", fold), table = element("table", "", fold), said = element("ul", "", fold);
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
    const { address = "", size = 0, path = "" } = model.get("join");
    join.hidden = !address;
    join.replaceChildren(...(address ? [codeOf(address, size, path), linkTo(address)] : []));
  };
  const offer = () => {
    row.replaceChildren();
    for (const [action, words] of model.get("buttons")) commitButton(row, () => model.send({ kind: action })).textContent = words;
  };
  const draw = () => {
    fold.hidden = !model.get("lines").length;
    table.replaceChildren(...model.get("lines").map(([text, cameTrue, rounds]) => rowOf(text, cameTrue, rounds)));
    said.replaceChildren(...model.get("remarks").map((text) => element("li", "", null, text)));
    said.hidden = !model.get("remarks").length;
  };
  const unfold = () => { fold.open = model.get("unfolded"); };
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (model.get("live")) timer = setTimeout(() => model.send({ kind: "look" }), EVERY);
  };
  return kept(model, [
    ["kind", say], ["question", say], ["options", say], ["count", say], ["fold", say], ["lines", say], ["join", invite], ["buttons", offer],
    ["lines", draw], ["remarks", draw], ["unfolded", unfold], ["live", look], ["looked", look], ["note", () => note(model.get("note"))],
  ], () => clearTimeout(timer));
}

/** The QR code of the address. @type {(address: string, size: number, path: string) => Element} */
function codeOf(address, size, path) {
  const code = document.createElementNS(SVG, "svg"), ground = document.createElementNS(SVG, "rect"), dark = document.createElementNS(SVG, "path");
  const about = { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": address, "shape-rendering": "crispEdges" };
  for (const [name, value] of Object.entries(about)) code.setAttribute(name, value);
  for (const [name, value] of Object.entries({ width: size, height: size, fill: "#fff" })) ground.setAttribute(name, String(value));
  for (const [name, value] of Object.entries({ d: path, fill: "#000" })) dark.setAttribute(name, value);
  code.append(ground, dark);
  return code;
}

/** @type {(address: string) => HTMLElement} */
function linkTo(address) {
  const link = element("a", "", null, address);
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}

/** An option with a bar for each round; a tick where it came true. @type {(text: string, cameTrue: boolean, rounds: [words: string, share: number][]) => HTMLElement} */
function rowOf(text, cameTrue, rounds) {
  const row = element("tr", cameTrue ? "tlt-true" : ""), name = element("th", "", row, cameTrue ? `✓ ${text}` : text), bars = element("td", "", row);
  name.scope = "row";
  for (const [words, share] of rounds) {
    const bar = element("div", "tlt-bar", bars);
    element("div", "", bar).style.width = `${share}%`;
    element("span", "", bars, words);
  }
  return row;
}
