// Conveniences of the writing screen: sources and pictures put in where the cursor is, and the real
// page beside the text. Without this file the screen writes, previews (in a tab) and publishes.
const form = document.querySelector("#article_form");
const body = form.querySelector("#id_body");
const preview = form.querySelector("[data-preview]");
const row = body.closest(".form-row");
row.prepend(document.querySelector("#writing-tools").content.cloneNode(true));

let isSaving = false;
let isChanged = false;
form.addEventListener("input", () => (isChanged = true));
form.addEventListener("submit", ({ submitter }) => (isSaving = submitter !== preview));
addEventListener("beforeunload", (event) => {
  if (isChanged && !isSaving) event.preventDefault();
});

function insert(text) {
  body.focus();
  body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- Sources -----------------------------------------------------------------------------------
const source = document.querySelector("#pick-source");
const known = new Set([...document.querySelectorAll("#sources option")].map((option) => option.value));

function cite() {
  if (!known.has(source.value)) return source.focus();
  insert(`[^${source.value}]`);
  source.value = "";
}
row.querySelector("[data-do=cite]").addEventListener("click", cite);
source.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  cite();
});

// --- Pictures: chosen, pasted or dropped ---------------------------------------------------------
const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;

function ask(file) {
  document.body.append(document.querySelector("#picture-dialog").content.cloneNode(true));
  const dialog = document.querySelector("dialog.picture");
  const about = dialog.querySelector("form");
  const wrong = dialog.querySelector("[role=alert]");
  const shown = dialog.querySelector("img");
  shown.hidden = true;
  shown.addEventListener("load", () => (shown.hidden = false));
  const reader = new FileReader();
  reader.addEventListener("load", () => (shown.src = reader.result));
  reader.readAsDataURL(file);
  about.elements.name.value = file.name.replace(/\.\w+$/, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  about.addEventListener("submit", async (event) => {
    if (event.submitter.value !== "add") return;
    event.preventDefault();
    const sent = new FormData(about);
    sent.append("upload", file);
    sent.append("csrfmiddlewaretoken", token());
    const answer = await fetch(preview.dataset.pictures, { method: "POST", body: sent });
    const told = answer.headers.get("Content-Type").includes("json") ? await answer.json() : {};
    if (answer.ok) {
      dialog.close();
      insert(`\n\n${told.markdown}\n\n`);
    } else {
      wrong.hidden = false;
      wrong.textContent = Object.values(told.errors ?? {}).flat().map((error) => error.message).join(" ") || "The picture could not be added. Please try again.";
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    body.focus();
  });
  dialog.showModal();
}

const picture = (files) => [...(files ?? [])].find((file) => file.type.startsWith("image/"));
document.querySelector("#pick-picture").addEventListener("change", ({ target }) => {
  if (target.files[0]) ask(target.files[0]);
  target.value = "";
});
body.addEventListener("paste", (event) => {
  const file = picture(event.clipboardData?.files);
  if (!file) return;
  event.preventDefault();
  ask(file);
});
body.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
body.addEventListener("drop", (event) => {
  const file = picture(event.dataTransfer?.files);
  if (!file) return;
  event.preventDefault();
  ask(file);
});

// --- The real page beside the text ---------------------------------------------------------------
// A document of its own, so that it is exactly the page, on any width, with none of admin's styles.
// `srcdoc`, because no page of ours may be framed by address (CSP frame-ancestors).
const watch = row.querySelector("[data-do=watch]");
const pane = document.createElement("iframe");
pane.className = "preview";
pane.title = "Preview of the page";
pane.sandbox = "allow-same-origin";
let waiting;

async function refresh() {
  const answer = await fetch(preview.formAction, { method: "POST", body: new FormData(form) });
  if (!answer.ok) return;
  const page = await answer.text();
  const old = pane.contentDocument?.querySelector("main");
  if (!old) {
    pane.srcdoc = page;
    return;
  }
  // Only the middle is exchanged: the reader's place stays.
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("main");
  old.replaceWith(pane.contentDocument.importNode(fresh, true));
}

function keepFresh() {
  clearTimeout(waiting);
  waiting = setTimeout(() => refresh().catch(() => {}), 500);
}

watch.addEventListener("click", () => {
  const isOn = document.body.classList.toggle("watching");
  watch.setAttribute("aria-pressed", isOn);
  if (isOn) {
    // Beside the text where there is room (admin.css), else right below it, where it is seen.
    (matchMedia("(min-width: 75rem)").matches ? form : row).after(pane);
    form.addEventListener("input", keepFresh);
    refresh().catch(() => {});
  } else {
    form.removeEventListener("input", keepFresh);
    pane.removeAttribute("srcdoc");
    pane.remove();
  }
});
