// Small pieces of the page.

/** A new element at the end of `parent`. @type {<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className?: string, parent?: Element | null, text?: string) => HTMLElementTagNameMap[Tag]} */
export function element(tag, className, parent, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

/** A button that looks like a chip. @type {(parent: Element, text: string, title: string, onClick: (button: HTMLButtonElement, event: MouseEvent) => void) => HTMLButtonElement} */
export function toggle(parent, text, title, onClick) {
  const button = element("button", "tlt-chip", parent, text);
  button.type = "button";
  button.title = title;
  button.addEventListener("click", (event) => onClick(button, event));
  return button;
}

/** What paints on this canvas. @type {(canvas: HTMLCanvasElement) => CanvasRenderingContext2D} */
export function brushOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** Let this label name this input, by an id that no other place in the page has. @type {(label: HTMLLabelElement, input: HTMLElement) => void} */
export function nameBy(label, input) {
  label.htmlFor = input.id = `tlt-${Math.random().toString(36).slice(2)}`;
}

/**
 * Buttons in a row, of which one is pressed; show(options, chosen) draws them.
 * @type {<Key>(row: Element, choose: (key: Key) => void) => (options: [text: string, key: Key][], chosen: Key) => void}
 */
export function chooser(row, choose) {
  /** @type {Map<any, HTMLButtonElement>} */
  const buttons = new Map();
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

/** Shows a note in this place: a mood that is said, too, and its words. @type {(place: Element) => (note: { mood?: string, lead?: string, text?: string }) => void} */
export function noteIn(place) {
  return ({ mood = "plain", lead = "", text = "" }) => {
    place.replaceChildren();
    if (!lead && !text) return;
    const note = element("p", `tlt-note tlt-note-${mood}`, place);
    if (lead) { element("b", "", note, lead); note.append(" "); }
    note.append(text);
  };
}
