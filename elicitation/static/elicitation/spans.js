// Marking the passage that decided an answer: select it, then press the button that appears.
// Without this the same is said by copying the words into a box. All words come from the page.
"use strict";

(() => {
  // Positions count characters as people's texts are stored: code points, not UTF-16 units.
  const length = (text) => Array.from(text).length;
  const slice = (text, start, end) => Array.from(text).slice(start, end).join("");
  const itemOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".item");

  const fields = (item) => item.querySelectorAll('[data-marks] input');

  // What is selected within one answer, as {words, start, end}; null for anything else.
  function selected() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const at = range.commonAncestorContainer;
    const words = (at.nodeType === Node.ELEMENT_NODE ? at : at.parentElement)?.closest("[data-side]");
    if (!words) return null;
    const before = document.createRange();
    before.setStart(words, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const start = length(before.toString());
    const end = start + length(range.toString());
    return end > start ? { words, start, end } : null;
  }

  function nameOf({ words, start, end }) {
    const locale = words.dataset.locale;
    return `${words.dataset.side}:${start}:${end}${locale ? `:${locale}` : ""}`;
  }

  function wordsOf(item, name) {
    const [side, start, end, locale = ""] = name.split(":");
    const words = item.querySelector(`[data-side="${side}"]`);
    if (!words || (words.dataset.locale ?? "") !== locale) return null;
    return { words, start: Number(start), end: Number(end) };
  }

  // One line in the list of what is marked; unticking it takes the mark back.
  function add(item, name) {
    const list = item.querySelector("[data-marks]");
    const place = wordsOf(item, name);
    if (!place || Array.from(fields(item)).some((field) => field.value === name)) return;
    const line = item.querySelector("template[data-mark-line]").content.firstElementChild.cloneNode(true);
    line.querySelector("q").textContent = slice(place.words.textContent, place.start, place.end);
    line.querySelector("input").value = name;
    list.append(line);
    paint(item);
  }

  // Show what is marked in the answers themselves.
  function paint(item) {
    const names = Array.from(fields(item)).filter((field) => field.checked).map((field) => field.value);
    for (const words of item.querySelectorAll("[data-side]")) {
      const letters = Array.from(words.textContent);
      const isMarked = letters.map(() => false);
      for (const place of names.map((name) => wordsOf(item, name))) {
        if (place?.words === words) isMarked.fill(true, place.start, place.end);
      }
      words.replaceChildren();
      for (let from = 0; from < letters.length;) {
        let to = from;
        while (to < letters.length && isMarked[to] === isMarked[from]) to += 1;
        const piece = document.createTextNode(letters.slice(from, to).join(""));
        const mark = isMarked[from] ? document.createElement("mark") : null;
        mark?.append(piece);
        words.append(mark ?? piece);
        from = to;
      }
    }
  }

  // Some phones drop the selection as the button is touched: what was selected holds a little longer.
  const LINGER = 400;
  let latest = null;
  let leaving = 0;

  function offer(found) {
    latest = found;
    const item = found && itemOf(found.words);
    for (const button of document.querySelectorAll("[data-mark]")) button.hidden = itemOf(button) !== item;
  }

  document.addEventListener("selectionchange", () => {
    clearTimeout(leaving);
    const found = selected();
    if (found) offer(found);
    else leaving = setTimeout(() => offer(null), LINGER);
  });
  document.addEventListener("pointerdown", (event) => { if (event.target.closest?.("[data-mark]")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const found = event.target.closest?.("[data-mark]") ? latest : null;
    if (!found) return;
    const item = itemOf(found.words);
    add(item, nameOf(found));
    item.querySelector("[data-marks]").closest("details").open = true;
    document.getSelection().removeAllRanges();
    offer(null);
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("[data-marks]")) paint(itemOf(event.target));
  });
  // Items come and go; what was marked before is shown again.
  const paintAll = () => document.querySelectorAll("[data-items] .item").forEach(paint);
  const items = document.querySelector("[data-items]");
  if (items) new MutationObserver(paintAll).observe(items, { childList: true });
  paintAll();
})();
