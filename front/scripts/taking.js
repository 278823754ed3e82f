// The page of a new signal. What is asked only after a certain answer opens with that answer; without this script its
// summary opens it.
for (const details of document.querySelectorAll("details[data-opens]")) {
  const field = document.getElementById(details.dataset.opens);
  field?.addEventListener("change", () => {
    if (field.value === details.dataset.value) details.open = true;
  });
}
// HTMX notes the address of a page in the browser. A device that somebody shares keeps nothing of a call.
sessionStorage.removeItem("htmx-current-path-for-history");
