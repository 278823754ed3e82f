// An invitation's link carries its code behind the #, which a browser sends to nobody: no log and no other site learns it.
// This moves it out of the address, where a history would keep it, into the form that asks for it.
const code = location.hash.slice(1);
if (code) {
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("invitation");
  form.elements.code.value = code;
  form.requestSubmit();
}
