// As much of a page as the board's parts need: elements that hold words, values and listeners; nothing is laid out or painted.

class Style {
  setProperty(name, value) { this[name] = value; }
}

export class Fake {
  constructor(tag) {
    Object.assign(this, { tag, children: [], parent: null, className: "", dataset: {}, style: new Style(), attributes: {}, heard: new Map(), words: "" });
    this.held = "";
  }

  get ownerDocument() { return globalThis.document; }
  get isConnected() { return true; }
  get tagName() { return this.tag.toUpperCase(); }
  get classList() {
    const names = () => this.className.split(" ").filter(Boolean), put = (list) => { this.className = list.join(" "); };
    return {
      contains: (name) => names().includes(name),
      add: (name) => put([...new Set([...names(), name])]),
      remove: (name) => put(names().filter((known) => known !== name)),
      toggle: (name, on = !names().includes(name)) => put(on ? [...new Set([...names(), name])] : names().filter((known) => known !== name)),
    };
  }

  // As an input's: whatever is put in comes out as text.
  get value() { return this.held; }
  set value(value) { this.held = String(value); }

  get textContent() { return this.words + this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join(""); }
  set textContent(text) { this.children = []; this.words = String(text); }

  append(...nodes) { for (const node of nodes) { if (node instanceof Fake) { node.remove(); node.parent = this; } this.children.push(node); } }
  replaceChildren(...nodes) { this.children = []; this.words = ""; this.append(...nodes); }
  remove() { if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this); this.parent = null; }

  setAttribute(name, value) { this.attributes[name] = String(value); }
  getAttribute(name) { return this.attributes[name] ?? null; }

  addEventListener(kind, act) { this.heard.set(kind, [...(this.heard.get(kind) ?? []), act]); }
  removeEventListener(kind, act) { this.heard.set(kind, (this.heard.get(kind) ?? []).filter((known) => known !== act)); }
  /** What a person does: `does("click")`. */
  does(kind, about = {}) { for (const act of this.heard.get(kind) ?? []) act({ target: this, preventDefault() {}, stopPropagation() {}, ...about }); }

  focus() { globalThis.document.activeElement = this; }
  checkValidity() { return true; }
  reportValidity() { return true; }
  getRootNode() { return globalThis.document; }

  get descendants() { return this.children.flatMap((child) => (child instanceof Fake ? [child, ...child.descendants] : [])); }
  fits(selector) {
    const [, names, data] = selector.match(/^([^[]*)(?:\[data-(.*)\])?$/), [tag, ...classes] = names.split(".");
    return (!tag || tag === this.tag) && classes.every((name) => this.classList.contains(name)) && (!data || data in this.dataset);
  }
  /** All inside that fit "tag", ".name", "tag.name" or "tag[data-name]". */
  all(selector) { return this.descendants.filter((node) => node.fits(selector)); }
  querySelector(selector) { return this.all(selector)[0] ?? null; }
  querySelectorAll(selector) { return this.all(selector); }
  closest(selector) { return this.fits(selector) ? this : this.parent?.closest(selector) ?? null; }
}

/** Put a new page around the tests, and give back a place in it. */
export function page() {
  const head = new Fake("head"), body = new Fake("body");
  globalThis.document = { head, body, activeElement: null, createElement: (tag) => new Fake(tag), createElementNS: (_, tag) => new Fake(tag) };
  globalThis.ShadowRoot = class {};
  globalThis.MutationObserver = class { observe() {} disconnect() {} };
  const place = new Fake("div");
  body.append(place);
  return place;
}

/** Every text that a person reads or hears in this place: of elements without others in them, titles, and what is only spoken. */
export function spoken(place) {
  return place.descendants.flatMap((node) => [
    node.words, ...node.children.filter((child) => typeof child === "string"), node.title ?? "", node.label ?? "",
    node.attributes["aria-label"] ?? "", node.attributes["aria-valuetext"] ?? "",
  ]).map((text) => text.trim()).filter(Boolean);
}
