// Keys for the moderators' queue: they act on the post that has the focus, and never while somebody
// types. Without this file every act is a button.
const posts = [...document.querySelectorAll("#queue li[id]")];
document.querySelector("[data-keys]")?.removeAttribute("hidden");
const go = { j: 1, k: -1 };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const here = posts.indexOf(event.target.closest("#queue li[id]"));
  if (event.key in go) {
    posts[Math.min(Math.max(here + go[event.key], 0), posts.length - 1)]?.focus();
  } else {
    const act = posts[here]?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!act) return;
    act.focus();
    if (event.key !== "n") act.click();
    if (event.key === "x") posts[here].focus();
  }
  event.preventDefault();
});
