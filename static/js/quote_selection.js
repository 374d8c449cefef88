// Selecting words in one passage offers to discuss exactly them. The link beside each passage does
// the same without a selection, so nobody needs this.
const offer = document.createElement("a");
offer.className = "btn small discuss-this";
offer.textContent = "Discuss this";

function quotation(range) {
  const words = range.cloneContents();
  words.querySelectorAll("sup, .passage, .margin, .vh").forEach((part) => part.remove());
  return words.textContent.replace(/\s+/g, " ").trim();
}

document.addEventListener("selectionchange", () => {
  offer.remove();
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const within = range.commonAncestorContainer;
  const passage = (within.closest ? within : within.parentElement).closest(".prose [id^='p-']");
  const link = passage && document.querySelector(`a.passage[href$='/${passage.id.slice(2)}/']`);
  const quote = link && quotation(range);
  if (!quote || quote.length < 3 || quote.length > 600) return;
  const box = range.getBoundingClientRect();
  const room = document.documentElement.clientWidth - 150;
  offer.href = `${link.getAttribute("href")}?quote=${encodeURIComponent(quote)}`;
  offer.style.insetBlockStart = `${scrollY + box.bottom + 8}px`;
  offer.style.insetInlineStart = `${Math.max(8, Math.min(box.left, room))}px`;
  document.body.append(offer);
});

// Pressing on the offer must not lose the selection, and with it the offer, before the click.
offer.addEventListener("pointerdown", (event) => event.preventDefault());
