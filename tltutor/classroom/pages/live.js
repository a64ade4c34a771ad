// Follow the vote: ask for the page's stamp, and take the new page where it has changed. A page works without this script.
"use strict";

/** Put the new content in its place; focus and what was opened stay. */
async function renew(place) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const fresh = page.getElementById(place.id);
  if (!fresh) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : null;
  for (const opened of place.querySelectorAll("details[open]")) fresh.querySelector(`#${opened.id}`)?.setAttribute("open", "");
  place.replaceChildren(...fresh.childNodes);
  place.dataset.stamp = fresh.dataset.stamp;
  if (focused !== null) {
    const next = (focused && document.getElementById(focused)) || place.querySelector("h1");
    next.tabIndex = next.matches("h1") ? -1 : next.tabIndex;
    next.focus();
  }
}

async function follow(place) {
  try {
    const answer = await fetch(place.dataset.live);
    if (answer.ok && (await answer.json()).stamp !== place.dataset.stamp) await renew(place);
  } catch { /* the service is away for a moment: ask again */ }
  setTimeout(follow, Number(place.dataset.every), place);
}

for (const place of document.querySelectorAll("[data-live]")) setTimeout(follow, Number(place.dataset.every), place);
