// Passkeys: the buttons appear where a browser can use one, and what goes wrong is said in words on the page.
// Without this script a code from an authenticator app works.
const problem = document.getElementById("passkey-problem");

// Names of errors from the Web Authentication standard (W3C). What is not listed gets the last sentence.
const SENTENCES = {
  NotAllowedError:
    "No passkey was used. It is not on this device, it belongs to somebody else, or the question was closed. Try again, or go on another way.",
  InvalidStateError: "This device or key is one of yours already. Use another one.",
  SecurityError: "Passkeys work only at this system’s own address, over a safe connection. Tell your administrator.",
  NotSupportedError: "This device cannot do what is asked. Use another device or key.",
  ConstraintError: "This device or key has no PIN, fingerprint or face set up. Set one up first, or use another one.",
};
const OTHERWISE = "The passkey did not work. Load the page again and try once more, or go on another way.";

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((each) => each.removeAttribute("hidden"));
} else {
  tell("This browser cannot use passkeys. Use a code from an authenticator app, or another browser.");
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // or else it would be told to the console alone
  tell(SENTENCES[event.detail.exception.name] ?? OTHERWISE);
});

function tell(sentence) {
  problem.querySelector("p").textContent = sentence;
  problem.hidden = false;
}
