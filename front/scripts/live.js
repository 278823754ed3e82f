// The line: a part of the page that brings itself up to date, also while somebody looks at another one: they are on shift.
// What somebody writes stands outside of it. Without this script the page is as it was when it was opened.
import { follow } from "./following.js";

const part = document.getElementById("live");
follow(part, { isHeardHidden: true });

// Whoever goes by keyboard keeps their place: what had the focus has it again, where it is still there.
const name = (element) => element.getAttribute("href") ?? element.form?.getAttribute("action");
let focused = null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== part) return;
  focused = part.contains(document.activeElement) ? name(document.activeElement) : null;
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== part || !focused) return;
  [...part.querySelectorAll("a, button")].find((each) => name(each) === focused)?.focus({ preventScroll: true });
});
