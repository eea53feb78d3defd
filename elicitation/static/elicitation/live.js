// Asks whether there is something new, every 2 s and a little, every 10 s in a hidden tab; and has
// the pages kept for when there is no connection. Load it before queue.js.
"use strict";
window.folkmoot = window.folkmoot || {};

// Browsers keep pages on https and on localhost only. On a plain address the queue works all the same,
// but a page cannot be loaded again until there is a connection.
folkmoot.keepPages = async (address) => {
  const isFirst = !navigator.serviceWorker.controller;
  try {
    await navigator.serviceWorker.register(address, { scope: "/w/" });
    const { active } = await navigator.serviceWorker.ready;
    const assets = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((one) => one.href || one.src);
    if (isFirst) active.postMessage({ page: location.href, assets });
  } catch {
    // The browser keeps nothing.
  }
};

(() => {
  const { pulseUrl, pulse } = document.body.dataset;
  if (!pulseUrl) return;
  const SETTLED = 10000;
  const PATIENCE = 10000;
  const LEAVING = 8000;
  let left = -LEAVING;
  let tag = `"${pulse}"`;

  function pause() {
    return (document.hidden ? 10000 : 2000) + Math.random() * 1000;
  }

  // Renewing a page would undo a tap that leads to another one.
  const leaves = () => { left = performance.now(); };
  document.addEventListener("click", (event) => { if (event.target.closest?.("a[href]")) leaves(); });
  document.addEventListener("submit", (event) => { if (!event.target.matches("[data-answer]")) leaves(); });

  function isLeaving() {
    return performance.now() - left < LEAVING;
  }

  function isIdle() {
    return folkmoot.isIdle !== undefined && folkmoot.isIdle();
  }

  // Whoever goes through a page by keyboard, or has unfolded something, would lose their place.
  function isHeld() {
    return Boolean(document.activeElement?.matches("a, button, input, select, summary, textarea"));
  }

  async function look() {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const asked = { headers: { "If-None-Match": tag }, cache: "no-store", redirect: "manual", signal: stop.signal };
      const response = await fetch(pulseUrl, asked);
      if (response.type === "opaqueredirect" || response.status === 403) return; // Not known here any more.
      if (response.status === 200 && !isLeaving()) {
        tag = response.headers.get("ETag");
        news();
      } else if (response.status === 304) {
        connected();
      }
    } catch {
      // No connection; ask again.
    } finally {
      clearTimeout(late);
    }
    setTimeout(look, pause());
  }

  // Nothing is taken from under anybody's thumb: they are told, and the page is theirs to renew.
  function news() {
    if (isIdle() && !isHeld()) location.reload();
    else if (isIdle() || (folkmoot.isBusy && folkmoot.isBusy())) document.querySelector("[data-queue=news]").hidden = false;
  }

  // A page that was kept gives way to the real one; not at once, or a slow line would renew for ever.
  function connected() {
    const isStale = document.body.hasAttribute("data-kept") || !document.querySelector("[data-queue=away]").hidden;
    if (isStale && isIdle() && performance.now() > SETTLED && !isHeld() && !isLeaving()) location.reload();
    else if (isStale && folkmoot.connected && !isIdle()) folkmoot.connected();
  }

  setTimeout(look, pause());
})();
