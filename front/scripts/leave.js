// "Leave this page", or Escape three times, puts the other site in this page's place, so that the way back does not lead
// here. Without this script it is a plain link. What a browser or a network keeps of the visit, no page can take back, and
// the page says so.
const SOON = 2000; // milliseconds for the three
const leave = document.querySelector("[data-leave]");
let pressed = [];

function go() {
  document.dispatchEvent(new Event("nwd:leaving")); // a chat ends with it
  document.body.hidden = true; // while the other site is on its way
  location.replace(leave.href);
}

if (leave) {
  leave.addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return (pressed = []);
    if (event.repeat) return;
    pressed = [...pressed.filter((at) => event.timeStamp - at < SOON), event.timeStamp];
    if (pressed.length === 3) go();
  });
}
