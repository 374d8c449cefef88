// "Reply" opens the reply page's own form under the post. Escape or Cancel closes it, keeps what
// was typed, and gives the focus back. When anything fails, the link is followed as ever.
const links = ".acts a[href*='?reply=']";

function close(place) {
  place.hidden = true;
  place.previousElementSibling.querySelector(links).focus();
}

// The page's own composer has the same ids: each copy gets a prefix.
function rename(form, prefix) {
  for (const name of ["id", "for", "aria-describedby", "aria-labelledby"]) {
    for (const part of [form, ...form.querySelectorAll(`[${name}]`)]) {
      const ids = part.getAttribute(name);
      if (ids) part.setAttribute(name, ids.replace(/\S+/g, (id) => prefix + id));
    }
  }
}

async function open(link) {
  const acts = link.closest(".acts");
  let place = acts.nextElementSibling;
  if (!place?.matches(".in-place")) {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = document.importNode(page.querySelector("#composer"), true);
    form.removeAttribute("aria-labelledby");
    form.setAttribute("aria-label", page.querySelector("h1").textContent);
    rename(form, `in-place-${new URL(link.href).searchParams.get("reply")}-`);
    place = document.createElement("div");
    place.className = "in-place";
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "btn quiet small";
    cancel.textContent = "Cancel";
    cancel.addEventListener("click", () => close(place));
    form.querySelector(".under").append(cancel);
    place.append(form);
    acts.after(place);
  }
  document.querySelectorAll(".in-place").forEach((other) => (other.hidden = other !== place));
  place.querySelector("textarea").focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(links);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link).catch(() => location.assign(link.href));
});

document.addEventListener("keydown", (event) => {
  const place = event.key === "Escape" && event.target.closest?.(".in-place");
  if (place) close(place);
});
