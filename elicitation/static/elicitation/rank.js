// Bringing answers into order by taps, best first. The places stay in the lists beside them, which
// do the same by themselves; nothing is dragged. All words come from the page.
"use strict";

(() => {
  const lists = (form) => Array.from(form.querySelectorAll("[data-rank-answer] select"));
  const last = (form) => Math.max(0, ...lists(form).map((list) => Number(list.value)));

  // Which taps make sense now, for each answer.
  function show(form) {
    const latest = last(form);
    const isOver = lists(form).every((list) => list.value);
    for (const list of lists(form)) {
      const button = (name) => list.closest("[data-rank-answer]").querySelector(`[data-rank-${name}]`);
      button("next").hidden = Boolean(list.value) || isOver;
      button("tie").hidden = Boolean(list.value) || latest === 0;
      button("undo").hidden = !list.value;
    }
  }

  function tap(form, button) {
    const list = button.closest("[data-rank-answer]").querySelector("select");
    const latest = last(form);
    if ("rankNext" in button.dataset) list.value = String(latest + 1);
    else if ("rankTie" in button.dataset) list.value = String(latest);
    else takeAway(form, list);
    show(form);
    list.focus({ preventScroll: true });
  }

  // Without its place those behind it move up, unless it shared the place.
  function takeAway(form, list) {
    const place = Number(list.value);
    list.value = "";
    if (lists(form).some((other) => Number(other.value) === place)) return;
    for (const other of lists(form)) if (Number(other.value) > place) other.value = String(Number(other.value) - 1);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-rank-next], [data-rank-tie], [data-rank-undo]");
    if (button) tap(button.closest("form"), button);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-rank]");
    if (form) show(form);
  });
  const showAll = () => document.querySelectorAll("form[data-rank]").forEach(show);
  const items = document.querySelector("[data-items]");
  if (items) new MutationObserver(showAll).observe(items, { childList: true });
  showAll();
})();
