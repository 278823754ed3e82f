// What is asked only after a certain answer opens with that answer. Without this script its summary opens it.
for (const details of document.querySelectorAll("details[data-opens]")) {
  const field = document.getElementById(details.dataset.opens);
  field?.addEventListener("change", () => {
    if (field.value === details.dataset.value) details.open = true;
  });
}
