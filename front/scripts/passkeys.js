// Passkeys: the buttons appear where a browser can use one, and what goes wrong is said in words on the page. The sentences
// stand on the page in its language (templates/mfa/webauthn/snippets/scripts.html), by the names that the Web
// Authentication standard (W3C) gives to errors. Without this script a code from an authenticator app works.
const problem = document.getElementById("passkey-problem");
const sentences = {};
for (const name of document.getElementById("passkey-sentences").content.querySelectorAll("dt")) {
  sentences[name.textContent] = name.nextElementSibling.textContent;
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((each) => each.removeAttribute("hidden"));
} else {
  tell("unsupported");
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault(); // or else it would be told to the console alone
  tell(event.detail.exception.name);
});

function tell(name) {
  problem.querySelector("p").textContent = sentences[name] ?? sentences.otherwise;
  problem.hidden = false;
}
