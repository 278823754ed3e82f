// A long form is sent by its button, or by Ctrl+Enter (Command+Enter on a Mac) from any of its fields. Enter alone sends
// nothing: the form begins with a button that is disabled, and a browser then leaves Enter without effect.
for (const form of document.querySelectorAll("form[data-send]")) {
  form.querySelector("[data-send-hint]").hidden = false;
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
