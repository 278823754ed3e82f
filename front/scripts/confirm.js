// A question that stands between a button and what it does: its answer has the focus when it opens, and Escape or Cancel
// closes it. Without this script it opens and closes by itself (it is a <details>), and its answer is one Tab away.
document.addEventListener("toggle", (event) => {
  const asked = event.target;
  if (!(asked instanceof HTMLElement) || !asked.matches("details.confirm") || !asked.open) return;
  asked.querySelector("[data-cancel]").hidden = false;
  asked.querySelector("form button").focus();
}, true);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-cancel]")) close(event.target.closest("details"));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close(document.activeElement.closest("details.confirm[open]"));
});

function close(asked) {
  if (!asked) return;
  asked.open = false;
  asked.querySelector("summary").focus();
}
