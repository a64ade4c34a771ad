// Show one slide at a time: arrow keys, space or the buttons go on; what is told later comes before the next slide. Without it, all are listed.
const slides = [...document.querySelectorAll("section")];
const place = document.getElementById("place");
let at = 0;

/** Make the letters of a slide that is too long smaller, to two thirds at most; what is longer scrolls. */
function fit(slide) {
  for (let size = 100; size >= 66; size -= 4) {
    slide.style.fontSize = `${size}%`;
    if (slide.scrollHeight <= slide.clientHeight) return;
  }
}

function show(number, told) {
  at = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, i) => slide.classList.toggle("now", i === at));
  slides[at].querySelectorAll(".later").forEach((part) => part.classList.toggle("told", told));
  place.textContent = `${at + 1} / ${slides.length}`;
  history.replaceState(null, "", `#${at + 1}`);
  fit(slides[at]);
  slides[at].focus({ preventScroll: true });
}

function on() {
  const next = slides[at].querySelector(".later:not(.told)");
  if (!next) return show(at + 1, false);
  next.classList.add("told");
  fit(slides[at]);
  next.scrollIntoView({ block: "nearest" });
}

const keys = {
  ArrowRight: on,
  PageDown: on,
  " ": on,
  ArrowLeft: () => show(at - 1, true),
  PageUp: () => show(at - 1, true),
  Home: () => show(0, false),
  End: () => show(slides.length - 1, false),
  n: () => document.body.classList.toggle("with-notes"),
};
document.addEventListener("keydown", (event) => {
  const pressed = event.key === " " && event.target.tagName === "BUTTON";
  if (pressed || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
document.getElementById("back").onclick = keys.ArrowLeft;
document.getElementById("on").onclick = on;
addEventListener("resize", () => fit(slides[at]));
addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1 || 0, false));
document.body.classList.add("on-show");
show(Number(location.hash.slice(1)) - 1 || 0, false);
