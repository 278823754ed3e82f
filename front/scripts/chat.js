// The web chat: new messages come by themselves, and what is written goes without a new page. While we cannot be reached,
// what was sent waits in this page's memory, never on the device, and is tried again with the same key: the server keeps
// it once. Whatever page comes next, what waits and what is still being typed go along with the form. Without this script,
// and in a browser that lacks something it needs, the frame refreshes itself and the form is sent as ever.
const chat = document.querySelector("[data-chat]");
const log = document.getElementById("chat-log");
const waits = document.getElementById("chat-waits");
const down = document.getElementById("chat-down");
const unreached = document.getElementById("chat-unreached");
const busy = document.getElementById("chat-busy");
const late = document.getElementById("chat-late");
const form = document.getElementById("screen");
const end = document.getElementById("end");
const box = form.elements.words;
const list = Object.assign(document.createElement("ol"), { className: "posts", hidden: true });
const PATIENCE = 10000; // milliseconds for one answer
const LOOK = 20000; // between looks while nothing else says that there is something new
const FIRST = 1500; // until the first look, if nothing says so until then
const ROOM = 200000; // characters of a form; the server takes a little more
const LEAVING = 60000; // characters of what may still be sent while a page goes away
const NEEDED = [
  [window, "AbortController"], [window, "EventSource"], [Object, "fromEntries"], [Element.prototype, "replaceChildren"],
  [HTMLFormElement.prototype, "requestSubmit"], [window.SubmitEvent?.prototype ?? {}, "submitter"],
];
let pending = []; // what was sent and is not acknowledged yet, in order
let isSending = false;
let tries = 0;
let again = 0;

// Answers with its text, or throws when that took too long.
async function ask(address, more) {
  const control = new AbortController();
  const over = setTimeout(() => control.abort(), PATIENCE);
  try {
    const headers = { "Nwd-Chat": "yes" };
    const { signal } = control;
    const answer = await fetch(address, { cache: "no-store", credentials: "same-origin", signal, headers, ...more });
    return { answer, text: await answer.text() };
  } finally {
    clearTimeout(over);
  }
}

// What is there. The state stands below the messages and is put there once, so that it is not read aloud with each.
let isGone = false;
let isMoving = true; // somebody is waited for
function show(html) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const state = fresh.querySelector(".chat-state");
  const old = log.querySelector(".chat-state");
  if (!old) log.append(list, state);
  else if (old.textContent !== state.textContent) old.replaceWith(state);
  const there = new Set([...list.children].map((each) => each.id));
  for (const each of fresh.querySelectorAll("li")) if (!there.has(each.id)) list.append(each);
  list.hidden = !list.childElementCount;
  if (isAtEnd) log.scrollTop = log.scrollHeight;
  const { stand } = state.dataset;
  isMoving = stand === "waiting" || stand === "nobody";
  isGone = stand === "gone";
  if (isGone) close();
  else if (!stream && !coming) listen();
}

let isLooking = false;
let isAskedAgain = false;
let isMissed = true; // there may be something that was not read
async function look() {
  if (isLooking) return (isAskedAgain = true);
  isLooking = true;
  isMissed = true;
  try {
    const { answer, text } = await ask(chat.dataset.lines);
    if (!answer.ok || !answer.headers.get("Nwd-Chat")) throw new Error(String(answer.status));
    isMissed = false;
    show(text);
    if (isGone || isOpen()) late.hidden = true;
  } catch {
    late.hidden = false;
  }
  isLooking = false;
  if (isAskedAgain) {
    isAskedAgain = false;
    look();
  }
}

// What is written
function waiting() {
  waits.replaceChildren(...pending.map((each) => {
    const item = Object.assign(document.createElement("li"), { className: "post is-own", textContent: each.words });
    item.dir = "auto";
    return item;
  }));
  waits.hidden = !pending.length || down.hidden;
}

async function send() {
  if (isSending || !pending.length) return;
  isSending = true;
  clearTimeout(again);
  const [next] = pending;
  const write = { ...Object.fromEntries(new FormData(form)), do: "write", words: next.words, key: next.key };
  try {
    const sent = next.ticket ? { ticket: next.ticket, work: "" } : write;
    const { answer, text } = await ask(location.href, { method: "POST", body: new URLSearchParams(sent) });
    const kind = answer.headers.get("Nwd-Chat");
    if (kind === "kept") {
      pending.shift();
      tries = 0;
      down.hidden = true;
      hidden(form, "passed", answer.headers.get("Nwd-Passed"));
      show(text);
    } else if (kind === "refused" && answer.status === 410) {
      isSending = false;
      return plainly();
    } else if (kind === "refused") {
      pending.shift();
      giveBack([next], text);
    } else {
      later(next, text, answer.status);
    }
  } catch {
    tries += 1;
    later(next);
  }
  isSending = false;
  waiting();
  if (pending.length && down.hidden) send();
}

// In a flood we ask for patience (access/proving.py): what waits goes with that page's ticket when its time is over.
function later(next, text = "", status = 0) {
  const asked = status === 200 && new DOMParser().parseFromString(text, "text/html").getElementById("wait");
  if (asked) next.ticket = asked.elements.ticket.value;
  else if (status) tries += 1;
  down.hidden = false;
  busy.hidden = !asked;
  unreached.hidden = !busy.hidden;
  const backoff = Math.min(15000, 1000 * 2 ** Math.min(tries, 4)) * (0.5 + Math.random() / 2);
  clearTimeout(again);
  again = setTimeout(send, asked ? (Number(asked.dataset.seconds) + 1) * 1000 : backoff);
}

function giveBack(these, why) {
  box.value = [...these.map((each) => each.words), box.value].filter(Boolean).join("\n");
  if (!why) return;
  box.setCustomValidity(why);
  box.reportValidity();
  box.addEventListener("input", () => box.setCustomValidity(""), { once: true });
}

// The chat is closed: the next page shows everything that was not kept.
function plainly() {
  carry(form);
  if (new URLSearchParams(new FormData(form)).toString().length < ROOM) {
    hidden(form, "do", "show");
    form.submit();
    return;
  }
  giveBack(pending);
  pending = [];
  carry(form);
  look();
}

// What waits goes along with a form, each with its key.
function carry(where) {
  for (const each of where.querySelectorAll("[data-waits]")) each.remove();
  for (const { words, key } of pending) {
    for (const [name, value] of [["waits", words], ["waits_key", key]]) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      field.dataset.waits = "";
      where.append(field);
    }
  }
}

function hidden(where, name, value) {
  if (!value) return;
  const made = () => where.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
  (where.querySelector(`input[name=${name}]`) ?? made()).value = value;
}

// A key that no other message has, also where a page is not served over HTTPS and has no randomUUID.
function draw() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function written(event) {
  if (event.submitter && event.submitter.value !== "write") {
    // Another language: what waits goes along, but not while there is nobody to take it.
    if (!pending.length || down.hidden) return carry(form);
    event.preventDefault();
    down.focus();
    return send();
  }
  event.preventDefault();
  const words = box.value.trim();
  if (!words) return box.focus();
  pending.push({ words, key: draw() });
  box.value = "";
  box.focus();
  waiting();
  send();
}

// An answer of one press goes like what is typed, with a key of its own: the same answer may be given again.
function answered(event) {
  if (!event.target.matches("[data-answer]")) return;
  event.preventDefault();
  pending.push({ words: event.target.elements.words.value, key: draw() });
  waiting();
  send();
}

function byKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    if (!event.repeat) form.requestSubmit();
  }
}

// Leaving at once ends the chat on this device, too: whoever has it next cannot open it.
function left() {
  carry(end);
  hidden(end, "do", "end");
  const all = new URLSearchParams(new FormData(end));
  const body = all.toString().length < LEAVING ? all : new URLSearchParams({ do: "end" });
  fetch(location.href, { method: "POST", keepalive: true, credentials: "same-origin", body }).catch(() => {});
}

// What is answered. A stream that opens says at once that something changed, if anything may have been missed.
let stream = null;
let coming = 0;
let closed = 0; // times in a row
const isOpen = () => stream?.readyState === EventSource.OPEN;

function listen() {
  close();
  stream = new EventSource(chat.dataset.stream);
  stream.addEventListener("open", () => {
    closed = 0;
    late.hidden = true;
    if (isMissed && !isLooking) setTimeout(() => { if (isMissed) look(); }, FIRST);
  });
  stream.addEventListener("changed", look);
  stream.addEventListener("over", comeBack);
  stream.addEventListener("error", () => {
    late.hidden = false;
    if (stream?.readyState !== EventSource.CLOSED) return;
    comeBack();
    look(); // says whether the chat is closed
  });
}

function close() {
  stream?.close();
  clearTimeout(coming);
  stream = null;
  coming = 0;
}

function comeBack() {
  close();
  coming = setTimeout(listen, (1000 + Math.random() * 4000) * 2 ** Math.min(closed, 4));
  closed += 1;
}

function begin() {
  document.querySelector(".chat-frame").remove();
  log.hidden = false;
  form.addEventListener("submit", written);
  end.addEventListener("submit", () => carry(end));
  log.addEventListener("submit", answered);
  box.addEventListener("keydown", byKey);
  document.addEventListener("nwd:leaving", left);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  addEventListener("online", () => {
    if (!isGone) listen();
    send();
  });
  setTimeout(() => { if (isMissed) look(); }, FIRST);
  setInterval(() => { if (!isGone && (!isOpen() || isMoving || isMissed)) look(); }, LOOK);
  listen();
}

if (NEEDED.every(([where, name]) => name in where)) begin();
