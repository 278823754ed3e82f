// A long form is sent only when the server can be reached: else the browser would show its own error page, and what
// somebody typed would be gone when they come back. Without this script the form is sent as ever.
for (const form of document.querySelectorAll("form[data-kept]")) {
  let isReached = false;
  form.addEventListener("submit", async (event) => {
    if (isReached) {
      isReached = false; // asked anew when somebody comes back and sends it again
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    if (button) button.disabled = true;
    isReached = await answers();
    if (button) button.disabled = false;
    if (isReached) return form.requestSubmit(button);
    const told = document.getElementById("not-sent");
    form.prepend(told);
    told.hidden = false;
    told.focus();
  });
}

async function answers() {
  try {
    return (await fetch(document.querySelector("link[rel=icon]").href, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
