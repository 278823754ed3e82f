// The worklist brings itself up to date, and goes by keyboard: j and k move, Enter opens, a accepts, d opens the reason
// for declining, ? shows the keys. Without this script everything still works by Tab and by pointer.
const list = document.getElementById("entries");
const waiting = document.getElementById("waiting");
const notLive = document.getElementById("not-live");
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

// What takes the lead asks once more: the first press opens the question, the second answers it.
// The focus moves at once: confirm.js moves it a moment later, and a quick Enter would open the case instead.
function act(what) {
  const answer = what.querySelector("form button") ?? what;
  if (what instanceof HTMLDetailsElement && !what.open) {
    what.open = true;
    answer.focus();
  } else answer.click();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const typing = event.target.closest("input, textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  const entry = current();
  const toAccept = entry?.querySelector("[data-key=a]");
  const reason = entry?.querySelector("details[data-key=d]");
  if (event.key === "j") go(1);
  else if (event.key === "k") go(-1);
  else if (event.key === "a" && toAccept) {
    if (!event.repeat) act(toAccept); // a key that is held down answers no question
  } else if (event.key === "d" && reason) {
    reason.open = true;
    reason.querySelector("textarea").focus();
  } else if (event.key === "?") {
    const keys = document.getElementById("keys");
    keys.open = !keys.open;
  } else return;
  event.preventDefault();
});

// While somebody answers a question or writes a reason, a change elsewhere must not take it from under their hands.
const isBusy = () => list.querySelector("details[open]") !== null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== list || event.detail.xhr.status !== 200) return;
  if (isBusy()) event.detail.shouldSwap = false;
  waiting.hidden = !isBusy();
});
list.addEventListener("toggle", () => { if (!waiting.hidden && !isBusy()) refresh(); }, true);
document.body.addEventListener("htmx:afterSwap", () => {
  const entry = entries().find((each) => each.id === here);
  if (!entry) here = null; // it is gone: the keys act on nothing until somebody chooses again
  else if (document.activeElement === document.body) entry.querySelector("a").focus();
  mark();
});
// HTMX puts the attributes of the new entries in place a moment after the entries themselves.
document.body.addEventListener("htmx:afterSettle", mark);

// The list says what it shows already, so that nothing is sent, and nothing is noted, where that is all there is.
list.addEventListener("htmx:configRequest", (event) => {
  const shown = list.querySelector("[data-shown]");
  if (shown) event.detail.headers["Nwd-Shown"] = shown.dataset.shown;
});
function refresh() {
  htmx.trigger(list, "changed");
}

// The stream says that something changed. The server ends it when the pass that came with the list runs out or somebody
// was signed out; then the list is asked for once more, which brings a new pass, or says that the session is over.
// A page that nobody looks at does not listen: a browser opens six connections to one server, and no more.
let stream = null;
let tries = 0;
let later = 0;
let doubt = 0;

function listen() {
  stream?.close();
  stream = new EventSource(list.dataset.stream);
  stream.addEventListener("open", () => {
    tries = 0;
    isLive(true);
  });
  stream.addEventListener("changed", refresh);
  stream.addEventListener("over", () => comeBack());
  stream.addEventListener("error", () => {
    isLive(false);
    if (stream?.readyState === EventSource.CLOSED) comeBack(); // else the browser comes back by itself
  });
}

function stop() {
  clearTimeout(later);
  stream?.close();
  stream = null;
}

function comeBack() {
  stop();
  const seconds = tries ? Math.min(60, 2 ** tries) * (0.5 + Math.random()) : Math.random(); // not all pages at once
  tries += 1;
  later = setTimeout(refresh, seconds * 1000);
}

function isLive(yes) {
  if (!yes) {
    doubt ||= setTimeout(() => (notLive.hidden = false), 5000); // a moment is nothing to be told of
    return;
  }
  clearTimeout(doubt);
  doubt = 0;
  notLive.hidden = true;
}

list.addEventListener("htmx:afterRequest", (event) => {
  if (stream || document.hidden || event.detail.xhr.status === 401) return;
  if (event.detail.successful) listen();
  else comeBack();
});
document.addEventListener("visibilitychange", () => {
  stop();
  if (!document.hidden) refresh();
});
document.addEventListener("nwd:signed-out", () => {
  stop();
  clearTimeout(doubt);
  doubt = 0;
  notLive.hidden = true; // what is said then says this too
});
document.addEventListener("nwd:signed-in", refresh);
if (!document.hidden) listen();
