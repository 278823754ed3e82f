// What a page that brings parts of itself up to date says when it cannot: in its place, with everything on the screen
// left to read. A session that is over is answered with 401 (access/doors.py); anything else is a fault or a lost line.
const signedOut = document.getElementById("signed-out");
const notUpdated = document.getElementById("not-updated");
let isOver = false;

// Without the session nothing more is asked: a page that polls would ask for ever.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isOver) event.preventDefault();
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) end();
  else notUpdated.hidden = false;
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => (notUpdated.hidden = false));
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful) notUpdated.hidden = true;
});

// Somebody who signed in again in another tab comes back to a page that is as it was, or to a fresh one.
document.addEventListener("visibilitychange", async () => {
  if (!isOver || document.hidden) return;
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer || answer.status === 401) return;
  if (!isWriting()) location.reload();
  else {
    isOver = false; // what is being written stays; its form says so when it is sent
    signedOut.hidden = true;
    document.dispatchEvent(new CustomEvent("nwd:signed-in"));
  }
});

function isWriting() {
  const fields = [...document.querySelectorAll("main textarea")];
  const isTyped = fields.some((each) => each.value !== each.defaultValue || each.closest("details[open]"));
  return isTyped || Boolean(document.querySelector("form[data-drafts]"));
}

function end() {
  if (isOver) return;
  isOver = true;
  const link = signedOut.querySelector("a");
  link.href = `${link.pathname}?next=${encodeURIComponent(location.pathname + location.search)}`;
  const zone = document.getElementById("session-warning").dataset.zone; // the person's, as in the rest of the page
  const shown = { hour: "numeric", minute: "2-digit", timeZone: zone, timeZoneName: "short" };
  signedOut.querySelector("time").textContent = new Date().toLocaleTimeString(document.documentElement.lang, shown);
  notUpdated.hidden = true;
  signedOut.hidden = false;
  document.dispatchEvent(new CustomEvent("nwd:signed-out"));
}
