// Says five minutes before a session ends that it will, with a way to stay, and says so when it is over (WCAG 2.2.1).
// Only the server knows when that is: a click in another tab counts too. What is asked here with HX-Request is no click.
// Without this script a form that was sent too late keeps what was typed (ui/unsent.py).
const dialog = document.getElementById("session-warning");
const WARNING = Number(dialog.dataset.warning); // seconds
const AGAIN = 15; // seconds until the server is asked once more, where it matters
const PAUSE = 1000; // milliseconds without a letter after which somebody's words may be interrupted
// Whoever writes in a form that saves itself may be far below a notice at the top: there the dialog says it.
const saved = document.querySelector("form[data-kept][hx-post]");
let timer = 0;
let typedAt = 0;
let pause = 0;

// A page was made at most a minute after the last click that counts.
plan(Number(dialog.dataset.age) - 60 - WARNING);

function plan(seconds) {
  clearTimeout(timer);
  timer = setTimeout(look, Math.max(seconds, 1) * 1000);
}

async function timeLeft(isClick) {
  const headers = isClick ? {} : { "HX-Request": "true" };
  const answer = await fetch(dialog.dataset.url, { headers, redirect: "manual" }).catch(() => null);
  if (!answer || answer.status >= 500) return null; // no line, or a fault: nothing is known
  return answer.ok ? await answer.json() : { seconds: 0 };
}

async function look(isClick = false) {
  const left = await timeLeft(isClick === true);
  if (left === null) return plan(AGAIN);
  if (left.seconds === 0) return end();
  if (left.seconds > WARNING) {
    close();
    return plan(left.seconds - WARNING);
  }
  show(left.is_last ? "last" : "before", new Date(Date.now() + left.seconds * 1000)); // no click moves the last end
  plan(Math.min(AGAIN, left.seconds));
}

function end() {
  clearTimeout(timer);
  const said = document.getElementById("signed-out"); // a page that brings itself up to date says it in its place
  if (said && !said.hidden && !saved) close();
  else show("after", new Date());
}

// A dialog takes the focus, and with it what somebody goes on typing: it waits for a pause.
function show(part, at) {
  clearTimeout(pause);
  const typing = typedAt + PAUSE - Date.now();
  if (!dialog.open && typing > 0) {
    pause = setTimeout(show, typing, part, at);
    return;
  }
  const isNew = dialog.dataset.part !== part;
  dialog.dataset.part = part;
  for (const each of ["before", "last", "after"]) dialog.querySelector(`[data-${each}]`).hidden = each !== part;
  if (!isNew) return;
  const shown = { hour: "numeric", minute: "2-digit", timeZone: dialog.dataset.zone, timeZoneName: "short" };
  const words = at.toLocaleTimeString(document.documentElement.lang, shown); // in the person's zone, as all of the page
  dialog.querySelector(`[data-${part}] time`).textContent = words;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(`[data-${part}] .usa-button`).focus();
}

function close() {
  clearTimeout(pause);
  delete dialog.dataset.part;
  dialog.close(); // the focus goes back to where it was
}

document.addEventListener("input", () => (typedAt = Date.now()), true);
dialog.querySelector("[data-stay]").addEventListener("click", () => look(true));
for (const each of dialog.querySelectorAll("[data-close]")) each.addEventListener("click", () => dialog.close());
dialog.addEventListener("cancel", (event) => { // Escape: whoever presses it is there
  if (dialog.dataset.part !== "before") return;
  event.preventDefault();
  look(true);
});
document.addEventListener("nwd:signed-out", () => {
  clearTimeout(timer);
  if (saved) end();
  else close();
});
// A computer that slept, or a tab that nobody looked at, may have missed it; and somebody may have signed in elsewhere.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
