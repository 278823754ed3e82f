// A part of a page that brings itself up to date: it is asked for again when the stream says that something changed. What
// it shows already it says (`data-shown`), so that nothing is sent, and nothing is noted, where that is all there is.
// The server ends the stream when the pass that came with the page runs out or somebody was signed out; then the part is
// asked for once more, which brings a new pass, or says that the session is over.
const LONGEST = 60; // seconds until it is tried again

// `isHeardHidden`: also while nobody looks at the page. A browser opens six connections to one server, and no more.
export function follow(part, { isHeardHidden }) {
  const notLive = document.getElementById("not-live");
  const isIdle = () => document.hidden && !isHeardHidden;
  let stream = null;
  let tries = 0;
  let later = 0;
  let doubt = 0;

  function refresh() {
    htmx.trigger(part, "changed");
  }

  function listen() {
    stream?.close();
    stream = new EventSource(part.dataset.stream);
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
    const seconds = tries ? Math.min(LONGEST, 2 ** tries) * (0.5 + Math.random()) : Math.random(); // not all at once
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

  function wake() {
    stop();
    refresh();
  }

  part.addEventListener("htmx:configRequest", (event) => {
    const shown = part.querySelector("[data-shown]");
    if (shown) event.detail.headers["Nwd-Shown"] = shown.dataset.shown;
  });
  part.addEventListener("htmx:afterRequest", (event) => {
    if (stream || isIdle() || event.detail.xhr.status === 401) return;
    if (event.detail.successful) listen();
    else comeBack();
  });
  document.addEventListener("visibilitychange", () => {
    if (isHeardHidden) return;
    stop();
    if (!document.hidden) refresh();
  });
  // A laptop that slept has lost its stream without a word: a clock that jumped says so, and the network when it is back.
  let ticked = Date.now();
  setInterval(() => {
    const slept = Date.now() - ticked > 60000;
    ticked = Date.now();
    if (slept && !document.hidden) wake();
  }, 15000);
  addEventListener("online", () => wake());
  addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  document.addEventListener("nwd:signed-out", () => {
    stop();
    clearTimeout(doubt);
    doubt = 0;
    notLive.hidden = true; // what is said then says this too
  });
  document.addEventListener("nwd:signed-in", refresh);
  if (!isIdle()) listen();
  return refresh;
}
