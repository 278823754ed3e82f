// The form of a signal is kept while somebody types: two seconds after the first letter that isn't kept yet, however long
// they go on, and sooner where they leave a field. What could not be kept is tried again until it is. Until then it's in
// this page's memory alone, never on the device, and the page says so.
import { say, send as sendForm } from "./kept.js";

const SOON = 2000; // milliseconds after which what was typed is sent
const LEFT = 300; // after a field was left
const AGAIN = 2000; // after which it is tried again
const LATE = 5000; // after which the page says that it isn't kept

const form = document.querySelector("form[data-drafts]");
if (form) keep(form);

function keep(form) {
  const notKept = document.getElementById("not-kept");
  let typed = 0; // counts what was typed, and below what of it was sent, and kept
  let sent = 0;
  let kept = 0;
  let isUnderWay = false;
  let isOver = false;
  let later = 0;
  let soon = Infinity; // when `later` is over
  let doubt = 0;
  let sentAt = 0;
  const waiting = []; // whoever waits until all of it is kept, or cannot be

  function note(event) {
    if (event.target.type === "hidden") return;
    typed += 1;
    doubt ||= setTimeout(isLate, LATE);
    within(event.type === "change" ? LEFT : SOON);
  }

  function isLate() {
    notKept.hidden = false;
  }

  function within(milliseconds) {
    const at = Date.now() + milliseconds;
    if (at >= soon) return;
    clearTimeout(later);
    soon = at;
    later = setTimeout(send, milliseconds);
  }

  function send() {
    clearTimeout(later);
    soon = Infinity;
    if (isUnderWay || isOver || kept === typed) return;
    isUnderWay = true;
    sent = typed;
    sentAt = Date.now();
    // Grows from request to request, so that one that was slow on its way is known to be old.
    form.elements.turn.value = Math.max(Date.now(), Number(form.elements.turn.value) + 1);
    htmx.trigger(form, "keep");
  }

  // `may`: whether something else may go its way: it's kept, or the server said why it isn't.
  function answered(status, may) {
    isUnderWay = false;
    if (status >= 200 && status < 300) {
      kept = sent;
      notKept.hidden = true;
      clearTimeout(doubt); // what isn't kept was typed since this was sent
      doubt = kept === typed ? 0 : setTimeout(isLate, sentAt + LATE - Date.now());
    } else isLate();
    if (kept === sent && kept !== typed && waiting.length) return send();
    for (const each of waiting.splice(0)) each(may);
    if (kept !== typed) within(kept === sent ? SOON : AGAIN);
  }

  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form) return;
    const status = event.detail.xhr.status; // 0 where nobody answered
    const may = status > 0 && status < 500;
    // After this event, in which htmx still has the request. 403: somebody signed in again in another tab.
    setTimeout(() => (status === 403 ? renew() : Promise.resolve()).finally(() => answered(status, may)));
  });
  // What the page says of parts that are out of date is not meant for this.
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    form.addEventListener(name, (event) => {
      if (event.target === form && event.detail.xhr.status !== 401) event.stopPropagation();
    });
  }
  document.addEventListener("nwd:signed-out", () => (isOver = true));
  document.addEventListener("nwd:signed-in", () => {
    isOver = false;
    send();
  });
  addEventListener("online", send);

  // What leaves this page is sent once what was typed is kept: the page that comes back shows the draft.
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (kept === typed || isOver || button?.hasAttribute("formaction")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const may = new Promise((resolve) => waiting.push(resolve));
    send();
    if (await may) sendForm(event.target, button);
    else say(event.target);
  }, true);

  // A token of a page is that of one sign-in: a new one comes with the page as it is now.
  async function renew() {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!answer.ok || !token) return;
    for (const each of document.querySelectorAll("[name=csrfmiddlewaretoken]")) each.value = token;
  }
}
