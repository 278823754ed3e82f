// The worklist by keyboard: j and k move, Enter opens, a accepts, d opens the reason for declining, ? tells the keys.
// Without this script everything still works by Tab and by pointer.
const entries = () => [...document.querySelectorAll(".entry")];
let here = -1;

function go(step) {
  const all = entries();
  if (!all.length) return;
  here = Math.min(Math.max(here + step, 0), all.length - 1);
  all.forEach((entry, place) => entry.classList.toggle("is-here", place === here));
  all[here].querySelector("a").focus();
  all[here].scrollIntoView({ block: "nearest" });
}

function current() {
  const all = entries();
  const focused = all.findIndex((entry) => entry.contains(document.activeElement));
  if (focused >= 0) here = focused;
  return all[here];
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const typing = event.target.closest("input, textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  const entry = current();
  if (event.key === "j") go(1);
  else if (event.key === "k") go(-1);
  else if (event.key === "a" && entry) entry.querySelector("[data-key=a]")?.click();
  else if (event.key === "d" && entry) {
    const reason = entry.querySelector("details[data-key=d]");
    if (!reason) return;
    reason.open = true;
    reason.querySelector("textarea").focus();
  } else if (event.key === "?") {
    const keys = document.getElementById("keys");
    keys.open = !keys.open;
  } else return;
  event.preventDefault();
});

// While somebody writes a reason, a change elsewhere must not take the words away.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const list = document.getElementById("entries");
  if (event.detail.target === list && list.querySelector("details[open] textarea")) {
    event.detail.shouldSwap = false;
    document.getElementById("waiting").hidden = false;
  }
});
document.body.addEventListener("htmx:afterSwap", () => {
  if (here >= 0) go(0);
});
