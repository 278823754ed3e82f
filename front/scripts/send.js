// A long form is sent by its button, or by Ctrl+Enter (Command+Enter on a Mac) from any of its fields. Enter alone does
// nothing in a field but write a new line where there are lines.
for (const form of document.querySelectorAll("form[data-send]")) {
  form.querySelector("[data-send-hint]").hidden = false;
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      if (!event.repeat) form.requestSubmit();
    } else if (event.target.matches("input")) event.preventDefault();
  });
}
