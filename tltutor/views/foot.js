// The line under the sliders: a chip that folds the map's settings away, and a menu that shares the run.
import { t } from "./language.js";
import { element, toggle } from "./points/elements.js";
/** @import { Bytes, Drawn, FootValues, Hear, Place } from "./types.js" */

/**
 * What the link's button says and whether it can be pressed.
 * @type {(link: string, reason: string) => { text: string, title: string, disabled: boolean }}
 */
export function offer(link, reason) {
  if (link) return { text: t("Copy link"), title: t("A short text that opens this experiment elsewhere: tl.Lab.from_link(…)"), disabled: false };
  return { text: t("Copy link"), title: reason || t("There is no link yet"), disabled: true };
}

/** The files that a run can be shared as: [kind, what it is called, what it is]. */
export function files() {
  return [
    ["svg", t("Drawing (SVG)"), t("What the map shows, for paper and slides; its letters stay text")],
    ["png", t("Picture (PNG)"), t("What the map shows, at 160 dots an inch")],
    ["gif", t("Animation (GIF)"), t("The whole run in ten seconds")],
    ["html", t("Page (HTML)"), t("A page that replays the run in a browser of 2023 or later, offline")],
  ];
}

/** How far a file is, in words; "" while none is made. @type {(making: { kind?: string, done?: number, total?: number }) => string} */
export function progressWords({ kind = "", done = 0, total = 0 }) {
  if (!kind) return "";
  return total ? t("{kind}: {share} %", { kind: kind.toUpperCase(), share: Math.round((100 * done) / total) }) : t("{kind}: …", { kind: kind.toUpperCase() });
}

/**
 * Put a text on the clipboard; where the page may not (no https), show it, selected, to be copied by hand.
 * @type {(text: string, place: Element) => Promise<boolean>}
 */
async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const input = place.querySelector("input") ?? element("input", "tlt-link", place);
    input.readOnly = true; input.value = text; input.setAttribute("aria-label", t("Link of this board"));
    input.focus(); input.select();
    return false;
  }
}

/** Let a person keep a file: the browser's own way. @type {(name: string, data: Bytes) => void} */
function keep(name, data) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (data)]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** @type {(place: Place<FootValues>) => Drawn} */
export function renderFoot({ model, el }) {
  const root = element("div", "tlt-foot", el), folding = () => el.closest(".tlt-folding");
  const fold = toggle(root, t("Map settings"), t("Sliders of the map, and how much time it may take"), () => { model.set("unfolded", !model.get("unfolded")); model.save_changes(); });
  const place = element("span", "tlt-link-place", root);
  const share = toggle(place, t("Share"), t("This run as a link, a picture, an animation or a page"), () => open(Boolean(menu.hidden)));
  const menu = element("div", "tlt-share", place), making = element("span", "tlt-making", place);
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", t("Share"));
  making.setAttribute("role", "status");
  /** @type {(wanted: boolean) => void} */
  const open = (wanted) => { menu.hidden = !wanted; share.setAttribute("aria-expanded", String(wanted)); };
  const chip = toggle(menu, t("Copy link"), "", async () => {
    const done = await copy(model.get("link"), menu);
    chip.textContent = done ? t("Copied") : t("Copy it here:");
    setTimeout(show, 2000);
  });
  const buttons = files().map(([kind, text, title]) => toggle(menu, text, title, () => { open(false); share.focus(); model.send({ kind: "share", as: kind }); }));
  place.addEventListener("keydown", (event) => { if (event.key === "Escape" && !menu.hidden) { open(false); share.focus(); } });
  place.addEventListener("focusout", (event) => { if (event.relatedTarget && !place.contains(/** @type {Node} */ (event.relatedTarget))) open(false); });
  open(false);
  const unfold = () => {
    fold.setAttribute("aria-expanded", String(model.get("unfolded")));
    folding()?.classList.toggle("tlt-open", model.get("unfolded"));
  };
  const show = () => {
    const { text, title, disabled } = offer(model.get("link"), model.get("reason"));
    chip.textContent = text; chip.title = title; chip.disabled = disabled;
    fold.hidden = !model.get("folds"); place.hidden = !model.get("links");
    making.textContent = progressWords(model.get("making") ?? {});
    for (const button of buttons) button.disabled = Boolean(making.textContent);
  };
  /** @type {Hear} */
  const file = (content, buffers) => { if (content.kind === "file") keep(content.name, buffers[0]); };
  const soon = setTimeout(unfold, 0), events = ["change:link", "change:reason", "change:folds", "change:links", "change:making"];
  for (const name of events) model.on(name, show);
  model.on("change:unfolded", unfold);
  model.on("msg:custom", file);
  show();
  return () => { clearTimeout(soon); model.off("change:unfolded", unfold); model.off("msg:custom", file); for (const name of events) model.off(name, show); };
}
