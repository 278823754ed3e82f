// "Leave this page" puts the other site in this page's place, so that the way back does not lead here. Without this
// script it is a plain link. What a browser or a network keeps of the visit, no page can take back, and the page says so.
for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.hidden = true; // while the other site is on its way
    location.replace(link.href);
  });
}
