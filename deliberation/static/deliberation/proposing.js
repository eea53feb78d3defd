// While somebody writes: how many letters are left, whether it may be two thoughts, and what others
// have said like it. Tips only; without a script the same is shown after sending.
"use strict";

(() => {
  const form = document.querySelector("form[data-propose]");
  if (!form) return;
  const several = new RegExp(form.dataset.several, "iu");
  const tip = form.querySelector("[data-tip]");
  const left = form.querySelector("[data-left]");
  const found = form.querySelector("[data-found]");
  const boxes = [...form.querySelectorAll("textarea:not([data-why])")];
  let timer = 0;
  let asked = "";

  function text() {
    return boxes.map((box) => box.value.trim()).filter(Boolean).join(" ");
  }

  async function lookForAlike() {
    const now = text();
    if (now === asked || now.length < 12) return;
    asked = now;
    try {
      const address = `${form.dataset.alike}?${new URLSearchParams({ text: now })}`;
      const response = await fetch(address, { credentials: "same-origin", redirect: "error" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (response.ok && now === asked) found.replaceChildren(...page.body.children);
    } catch {
      // No connection: the hint comes after sending.
    }
  }

  function look() {
    tip.hidden = !several.test(boxes[boxes.length - 1].value.trim());
    left.hidden = false;
    left.querySelector("output").value = Number(form.dataset.longest) - text().length;
    clearTimeout(timer);
    timer = setTimeout(lookForAlike, 900);
  }

  form.addEventListener("input", look);
  form.addEventListener("reset", () => { tip.hidden = true; found.replaceChildren(); });
})();
