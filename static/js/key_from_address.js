// A kept link holds the post key behind its "#", which no browser sends. Put the words into the
// form, and take them out of the address, where others may read them.
const form = document.querySelector("form[data-key-from-address]");
const words = location.hash.slice(1).replaceAll("-", " ").trim();
if (form && words) {
  form.querySelector("[name=key]").value = words;
  history.replaceState(null, "", location.pathname);
  form.querySelector("button:not([name])").focus();
}
