// The worklist by keyboard: j and k move, Enter opens, a accepts, d opens the reason for declining, ? tells the keys.
// Without this script everything still works by Tab and by pointer.
const entries = () => [...document.querySelectorAll(".entry")];
let here = null; // the id of the entry that the keys act on; never a place, because others may come before it

function mark() {
  entries().forEach((entry) => entry.classList.toggle("is-here", entry.id === here));
}

function go(step) {
  const all = entries();
  if (!all.length) return;
  const now = all.findIndex((entry) => entry.id === here);
  const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
  here = next.id;
  mark();
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

function current() {
  const focused = document.activeElement.closest(".entry");
  if (focused) here = focused.id;
  return entries().find((entry) => entry.id === here);
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
  const entry = entries().find((each) => each.id === here);
  if (!entry) here = null; // it is gone: the keys act on nothing until somebody chooses again
  else if (document.activeElement === document.body) entry.querySelector("a").focus();
  mark();
});
// HTMX puts the attributes of the new entries in place a moment after the entries themselves.
document.body.addEventListener("htmx:afterSettle", mark);
