// Elements marked data-poll are asked for again every 2 s and a little, every 10 s in a hidden tab.
// htmx does the asking (hx-trigger="folkmoot:poll"); this only says when.
"use strict";

function pause() {
  return (document.hidden ? 10000 : 2000) + Math.random() * 1000;
}

function ask() {
  const elements = document.querySelectorAll("[data-poll]");
  elements.forEach((element) => element.dispatchEvent(new Event("folkmoot:poll")));
  if (elements.length > 0) window.setTimeout(ask, pause());
}

window.setTimeout(ask, pause());
