// What the page does around the map: its size, whether it is seen, the theme, the tab.

/**
 * Calls resize(), sight(seen), theme() and wake() when they are due; returns what ends it.
 * @type {(stage: Element, on: { resize: () => void, sight: (seen: boolean) => void, theme: () => void, wake: () => void }) => () => void}
 */
export function watchPage(stage, { resize, sight, theme, wake }) {
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
