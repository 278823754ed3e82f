// A form that somebody typed into is sent only when the server and its database can be reached: else the browser would
// show an error page, and what they typed would be gone when they come back. Without this script the form is sent as ever.
const reached = new WeakSet();
const session = document.getElementById("session-warning").dataset.url; // asks the database, and is no click

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-kept]")) return;
  if (reached.delete(form)) return; // asked anew when somebody comes back and sends it again
  event.preventDefault();
  const button = event.submitter;
  if (button) button.disabled = true;
  const isReached = await answers();
  if (button) button.disabled = false;
  if (!isReached) return say(form);
  reached.add(form);
  send(form, button);
  reached.delete(form);
});

// What stands in the message box goes along with each other button beside a conversation, and comes back with the page.
document.addEventListener("formdata", (event) => {
  const box = document.getElementById("write-words");
  if (box && event.target.matches("form.action") && !event.target.contains(box)) event.formData.set("typed", box.value);
});

// Sends a form that waited. Where its part of the page came anew meanwhile, what was pressed is sent all the same.
export function send(form, button) {
  if (!form.isConnected) {
    form.hidden = true;
    document.body.append(form);
  }
  form.requestSubmit(button);
}

// Says in a form that it wasn't sent, with everything still in it; before a part that comes anew, which would take it away.
export function say(form) {
  const told = document.getElementById("not-sent");
  const part = form.isConnected ? form.closest("#live") : document.getElementById("live");
  if (part) part.before(told);
  else form.prepend(told);
  told.hidden = false;
  told.focus();
}

async function answers() {
  try {
    const asked = { headers: { "HX-Request": "true" }, cache: "no-store", signal: AbortSignal.timeout(5000) };
    return (await fetch(session, asked)).status < 500; // a session that is over is said by the page that comes
  } catch {
    return false;
  }
}
