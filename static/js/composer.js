// Writing without fear: how long the text is, a draft on this device if its writer asks for one,
// and a question before unsent text is left behind. Forms fetched later are covered too.
const LIMIT = 10000;
const sending = new WeakSet();

const draftName = (form) => `draft ${form.getAttribute("action")} ${new FormData(form).get("reply") ?? ""}`;
const textOf = (form) => form.querySelector("textarea[name=body]");

function equip(form) {
  const text = textOf(form);
  const tools = form.querySelector(".under");
  if (!text || !tools || tools.querySelector(".count")) return;
  const count = document.createElement("span");
  count.className = "count soft ui";
  const keep = document.createElement("button");
  keep.type = "button";
  keep.className = "btn quiet small";
  tools.append(count, keep);

  const kept = () => localStorage.getItem(draftName(form)) !== null;
  const show = () => {
    const length = [...text.value].length;
    count.textContent = `${length.toLocaleString("en-GB")} of ${LIMIT.toLocaleString("en-GB")} characters`;
    count.classList.toggle("over", length > LIMIT);
    keep.textContent = kept() ? "Delete the draft from this device" : "Keep a draft on this device";
  };
  keep.addEventListener("click", () => {
    if (kept()) localStorage.removeItem(draftName(form));
    else localStorage.setItem(draftName(form), text.value);
    show();
  });
  text.addEventListener("input", () => {
    if (kept()) localStorage.setItem(draftName(form), text.value);
    show();
  });
  if (kept() && !text.value) text.value = localStorage.getItem(draftName(form));
  show();
}

// Only at the text: were a button focused by a click, what appears above it would push it away
// from under the pointer before the click is over.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".composer textarea[name=body]")) equip(target.form);
});

document.addEventListener("submit", ({ target, submitter }) => {
  if (!target.matches(".composer")) return;
  sending.add(target);
  const name = draftName(target);
  if (submitter?.name === "preview" || localStorage.getItem(name) === null) return;
  sessionStorage.setItem("sent", JSON.stringify([name, target.getAttribute("action"), location.pathname]));
});

// A draft is forgotten on the page that a post leads to, not before: sending can fail.
addEventListener("pageshow", () => {
  const [name, ...stoodAt] = JSON.parse(sessionStorage.getItem("sent") ?? "[]");
  sessionStorage.removeItem("sent");
  const arrived = /\/posts\/./.test(location.pathname) && !stoodAt.includes(location.pathname);
  if (name && arrived) localStorage.removeItem(name);
});

addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll(".composer")) {
    const text = textOf(form);
    const unsent = text?.value.trim() && ("unsent" in form.dataset || text.value !== text.defaultValue);
    if (unsent && !sending.has(form) && localStorage.getItem(draftName(form)) === null) event.preventDefault();
  }
});

// A page brought back by the Back button is not being sent any more.
addEventListener("pageshow", () => document.querySelectorAll(".composer").forEach((form) => sending.delete(form)));
