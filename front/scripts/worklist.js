// The worklist brings itself up to date without moving what somebody reads, counts due times down, and goes by keyboard:
// `?` shows the keys, and a box there turns them off. Without this script everything works by Tab and by pointer.
import { follow } from "./following.js";

const list = document.getElementById("entries");
const waiting = document.getElementById("waiting");
const keys = document.getElementById("keys");
const several = document.getElementById("several");
const entries = () => [...document.querySelectorAll(".entry")];
const KEPT = "nwd-keys"; // in this browser: "off" where somebody turned single keys off (WCAG 2.1.4)
// The id of the entry that the keys act on; never a place, because others may come before it. After an act the address
// names the next one.
let here = location.hash.startsWith("#e-") ? location.hash.slice(1) : null;

function mark() {
  entries().forEach((entry) => entry.classList.toggle("is-here", entry.id === here));
}

function show(entry) {
  (entry.querySelector("h2 a") ?? entry.querySelector("input, a, button"))?.focus({ preventScroll: true });
  entry.scrollIntoView({ block: "nearest" });
}

function go(step) {
  const all = entries();
  if (!all.length) return;
  const now = all.findIndex((entry) => entry.id === here);
  const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
  here = next.id;
  mark();
  show(next);
}

function current() {
  const focused = document.activeElement.closest(".entry");
  if (focused) here = focused.id;
  return entries().find((entry) => entry.id === here);
}

// What takes the lead asks once more: the first press opens the question, the second answers it.
// The focus moves at once: confirm.js moves it a moment later, and a quick Enter would open the case instead.
function act(what) {
  const answer = what.querySelector("form button") ?? what;
  if (what instanceof HTMLDetailsElement && !what.open) {
    what.open = true;
    answer.focus();
  } else answer.click();
}

const isOn = () => localStorage.getItem(KEPT) !== "off";
const DO = {
  j: () => go(1),
  k: () => go(-1),
  "?": () => openKeys(),
  "/": () => document.querySelector(".find input[type=text]").focus(),
  a: (entry, event) => {
    const what = entry?.querySelector("[data-key=a]");
    if (what && !event.repeat) act(what); // a key that is held down answers no question
    return what;
  },
  d: (entry) => {
    const what = entry?.querySelector("details[data-key=d]");
    if (!what) return false;
    what.open = true;
    what.querySelector("textarea").focus();
    return true;
  },
  l: (entry) => click(entry?.querySelector("[data-key=l]")),
  t: (entry) => click(entry?.querySelector("[data-key=t]")),
  x: (entry) => click(entry?.querySelector("input[name=entry]")),
};

function click(what) {
  what?.click();
  return what;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || !isOn() || keys.open) return;
  if (event.target.closest("textarea, select, input:not([type=checkbox])")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const doing = DO[event.key];
  if (doing && doing(current(), event) !== false) event.preventDefault();
});

// The keys in view, and the way to turn them off.
function openKeys() {
  keys.querySelector("input[type=checkbox]").checked = isOn();
  keys.showModal();
}
const opener = document.querySelector("[data-keys]");
opener.hidden = false;
opener.addEventListener("click", openKeys);
keys.querySelector("input[type=checkbox]").addEventListener("change", (event) => {
  if (event.target.checked) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, "off");
});

// Several at once: how many are selected, and all of a page.
const chosen = new Set();
const said = several.querySelector("[data-selected]");
function tell() {
  const boxes = [...document.querySelectorAll(".entry input[name=entry]")];
  const count = boxes.filter((box) => box.checked).length;
  said.textContent = count ? `${count} / ${boxes.length}` : said.dataset.none;
  several.classList.toggle("is-used", count > 0);
}
document.addEventListener("change", (event) => {
  if (!event.target.matches(".entry input[name=entry]")) return;
  if (event.target.checked) chosen.add(event.target.value);
  else chosen.delete(event.target.value);
  tell();
});
const all = several.querySelector("[data-select-all]");
all.hidden = false;
all.addEventListener("click", () => {
  const boxes = [...document.querySelectorAll(".entry input[name=entry]")];
  const isAll = boxes.every((box) => box.checked);
  for (const box of boxes) {
    box.checked = !isAll;
    if (isAll) chosen.delete(box.value);
    else chosen.add(box.value);
  }
  tell();
});

// A quick look opens below its entry, and closes by the same link.
list.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.detail.elt;
  if (!link.matches(".look-link")) return;
  const into = document.getElementById(link.getAttribute("aria-controls"));
  if (into.childElementCount) {
    into.replaceChildren();
    link.setAttribute("aria-expanded", "false");
    event.preventDefault();
  } else link.setAttribute("aria-expanded", "true");
});
list.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.matches(".look-link") && !event.detail.successful) event.detail.elt.setAttribute("aria-expanded", "false");
});

// Due times and ages count: in minutes under two hours, in hours under two days, then in days.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
function count() {
  for (const time of document.querySelectorAll("time[data-due]")) {
    const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60000);
    const [size, unit] = Math.abs(minutes) < 120 ? [1, "minute"] : Math.abs(minutes) < 2880 ? [60, "hour"] : [1440, "day"];
    const isLate = minutes < 0;
    const text = words.format(Math.trunc(minutes / size), unit);
    const shown = isLate ? `${time.dataset.late}\n${text}` : text;
    if (time.textContent !== shown) time.textContent = shown;
    time.closest(".due").classList.toggle("is-late", isLate);
  }
}

// While somebody answers a question, writes a reason or looks at a case, a change elsewhere must not take it from under
// their hands. Else the list changes, and what was on the screen stays where it was.
const isBusy = () => list.querySelector("details[open], .look-link[aria-expanded=true]") !== null;
let anchor = null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== list || event.detail.xhr.status !== 200) return;
  if (isBusy()) event.detail.shouldSwap = false;
  waiting.hidden = !isBusy();
  if (!event.detail.shouldSwap) return;
  const focused = document.activeElement.closest(".entry");
  const first = focused ?? entries().find((entry) => entry.getBoundingClientRect().bottom > 0);
  const control = focused && [...focused.querySelectorAll("a, button, input, summary")].indexOf(document.activeElement);
  anchor = first && { id: first.id, top: first.getBoundingClientRect().top, control };
});
list.addEventListener("toggle", () => { if (!waiting.hidden && !isBusy()) refresh(); }, true);
list.addEventListener("click", () => { if (!waiting.hidden && !isBusy()) refresh(); });
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== list) return;
  const entry = entries().find((each) => each.id === here);
  if (!entry) here = null; // it is gone: the keys act on nothing until somebody chooses again
  mark();
  count();
  for (const box of document.querySelectorAll(".entry input[name=entry]")) box.checked = chosen.has(box.value);
  tell();
  const kept = anchor && document.getElementById(anchor.id);
  if (kept && scrollY > 0) scrollBy({ top: kept.getBoundingClientRect().top - anchor.top, behavior: "instant" });
  if (kept && anchor.control >= 0 && anchor.control !== null) {
    kept.querySelectorAll("a, button, input, summary")[anchor.control]?.focus({ preventScroll: true });
  }
  anchor = null;
});
// HTMX puts the attributes of the new entries in place a moment after the entries themselves.
document.body.addEventListener("htmx:afterSettle", mark);

const refresh = follow(list, { isHeardHidden: false });
setInterval(count, 15000);

mark();
count();
for (const box of document.querySelectorAll(".entry input[name=entry]:checked")) chosen.add(box.value); // after "back"
tell();
const landed = entries().find((entry) => entry.id === here);
if (landed) show(landed);
