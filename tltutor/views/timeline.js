// The timeline: a range input over the recorded frames; its right end is live. It stays where the learner put it while more come.

/** Where the thumb stands: [max, value] for a length and a position (-1 is live). */
export function thumb(length, position) {
  const max = Math.max(length - 1, 0);
  return [max, position < 0 ? max : Math.min(position, max)];
}

/** The position that a thumb's place means: the right end is live. */
export function meant(value, max) {
  return value >= max ? -1 : value;
}

/** What stands beside it. */
export function words(length, position) {
  if (!length) return "nothing recorded yet";
  return position < 0 ? `live · ${length} frames` : `frame ${position + 1} of ${length}`;
}

function element(tag, className, parent, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

function render({ model, el }) {
  const root = element("div", "tlt-timeline", el), label = element("label", "", root, "Replay");
  const range = element("input", "", label), text = element("span", "tlt-words", root);
  const back = element("button", "tlt-chip", root, "Live");
  range.type = "range"; range.min = 0; range.step = 1; back.type = "button";
  range.title = "Look back over the recorded frames; training goes on. The right end is live";
  back.title = "Back to what is happening now";
  const go = (position) => { model.set("position", position); model.save_changes(); };
  const show = () => {
    const length = model.get("length"), position = model.get("position"), [max, value] = thumb(length, position);
    range.max = max; range.value = value; range.disabled = length < 2;
    text.textContent = words(length, position);
    range.setAttribute("aria-valuetext", words(length, position));
    back.setAttribute("aria-pressed", String(position < 0));
  };
  range.addEventListener("input", () => go(meant(Number(range.value), Number(range.max))));
  back.addEventListener("click", () => go(-1));
  const events = ["change:length", "change:position"];
  for (const name of events) model.on(name, show);
  show();
  return () => { for (const name of events) model.off(name, show); };
}

export default { render };
