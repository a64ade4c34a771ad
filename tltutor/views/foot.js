// The line under the sliders: a chip that folds the map's settings away, and one that copies the board's link.
import { t } from "./language.js";
import { element, toggle } from "./points/elements.js";

/** What the link's chip says and whether it can be pressed. */
export function offer(link, reason) {
  if (link) return { text: t("Copy link"), title: t("A short text that opens this experiment elsewhere: tl.Lab.from_link(…)"), disabled: false };
  return { text: t("Copy link"), title: reason || t("There is no link yet"), disabled: true };
}

/** Put a text on the clipboard; where the page may not (no https), show it, selected, to be copied by hand. */
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

export function renderFoot({ model, el }) {
  const root = element("div", "tlt-foot", el), folding = () => el.closest(".tlt-folding");
  const fold = toggle(root, t("Map settings"), t("Sliders of the map, and how much time it may take"), () => { model.set("unfolded", !model.get("unfolded")); model.save_changes(); });
  const place = element("span", "tlt-link-place", root);
  const chip = toggle(place, t("Copy link"), "", async () => {
    const done = await copy(model.get("link"), place);
    chip.textContent = done ? t("Copied") : t("Copy it here:");
    setTimeout(show, 2000);
  });
  const unfold = () => {
    fold.setAttribute("aria-expanded", String(model.get("unfolded")));
    folding()?.classList.toggle("tlt-open", model.get("unfolded"));
  };
  const show = () => {
    const { text, title, disabled } = offer(model.get("link"), model.get("reason"));
    chip.textContent = text; chip.title = title; chip.disabled = disabled;
    fold.hidden = !model.get("folds"); place.hidden = !model.get("links");
  };
  const soon = setTimeout(unfold, 0), events = ["change:link", "change:reason", "change:folds", "change:links"];
  for (const name of events) model.on(name, show);
  model.on("change:unfolded", unfold);
  show();
  return () => { clearTimeout(soon); model.off("change:unfolded", unfold); for (const name of events) model.off(name, show); };
}
