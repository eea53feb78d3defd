// A phone's answers: kept here at once, sent when there is a connection, and the next item shown
// without waiting. Every word that people see comes with the page (parts/queue.html).
"use strict";

(() => {
  const box = document.getElementById("queue");
  if (!box || !window.indexedDB) return; // Forms send themselves.
  const { url, pulse, person, seat, home } = box.dataset;
  const store = folkmoot.store;
  const channel = window.BroadcastChannel ? new BroadcastChannel("folkmoot") : null;
  const CONTROL = ["csrfmiddlewaretoken", "kind", "target", "key", "next", "seq"];
  const AHEAD = 2;
  const PATIENCE = 10000;
  const SETTLING = 350;
  const items = document.querySelector("[data-items]");
  const ahead = [];
  const past = [];
  const done = new Set();
  let shown = null;
  let asking = null;
  let slow = 0;
  let isRenewed = false;
  folkmoot.floor = Number(box.dataset.seq);
  const sender = folkmoot.sender({ url, pulse, person, seat, changed });

  // ---- what is sent and what waits

  async function changed() {
    await paint();
    if (channel) channel.postMessage("changed");
    if (past.length > 0) await renewNone();
  }

  async function paint() {
    const mine = await store.all(person);
    const waiting = mine.filter((one) => one.refused === undefined);
    box.dataset.waits = waiting.length;
    box.dataset.delivered = sender.state.sent;
    box.dataset.refused = mine.length - waiting.length;
    clearTimeout(slow);
    if (waiting.length > 0 && !sender.state.failing) {
      say("", 0);
      slow = setTimeout(() => say("sending", waiting.length), 700);
    } else if (waiting.length > 0) say("failing", waiting.length);
    else if (sender.state.sent > 0 || box.dataset.said !== undefined) say("sent", 0);
    part("change").hidden = past.length === 0;
    part("kept").hidden = !isKept();
    box.classList.toggle("quiet", box.dataset.said === undefined && past.length === 0 && !isKept());
    if (sender.state.gone) showGone(waiting);
    showRefused(mine.filter((one) => one.refused !== undefined));
  }

  function part(name) {
    return document.querySelector(`[data-queue=${name}]`);
  }

  // The words change only when there is something else to say: they are read out.
  function say(name, count) {
    const words = name && box.dataset[name].replace("#", count);
    if (part("words").textContent !== words) part("words").textContent = words;
    box.dataset.said = name;
    box.classList.remove("quiet");
  }

  function wordsOf(value) {
    if (typeof value === "string") return value.trim().includes(" ") ? [value] : [];
    return value && typeof value === "object" ? Object.values(value).flatMap(wordsOf) : [];
  }

  function showRefused(refused) {
    const list = part("refused");
    const keys = refused.map((one) => one.key);
    list.querySelectorAll("[data-key]").forEach((one) => { if (!keys.includes(one.dataset.key)) one.remove(); });
    refused.filter((one) => !list.querySelector(`[data-key="${one.key}"]`)).forEach((one) => {
      const shape = part("refusal").content.firstElementChild.cloneNode(true);
      shape.dataset.key = one.key;
      shape.querySelector("[data-reason]").textContent = one.refused;
      const typed = wordsOf(one.body).join("\n\n");
      shape.querySelector("[data-typed]").hidden = typed === "";
      shape.querySelector("textarea").value = typed;
      shape.querySelector("button").addEventListener("click", () => store.remove(one.key).then(changed));
      list.append(shape);
    });
  }

  function showGone(waiting) {
    if (sender.state.gone === "left") return shown ? location.assign(home) : undefined;
    part("gone").hidden = false;
    const words = waiting.map((one) => wordsOf(one.body).join("\n")).filter((text) => text !== "");
    part("gone").querySelector("[data-typed]").hidden = words.length === 0;
    part("gone").querySelector("textarea").value = words.join("\n\n");
    return undefined;
  }

  // ---- one item a screen

  function nameOf(section) {
    return section.dataset.item;
  }

  function numberOf(name) {
    return name.slice(name.indexOf(":") + 1);
  }

  function isKept() {
    return document.body.hasAttribute("data-kept");
  }

  function take(page) {
    const known = new Set([...ahead.map(nameOf), ...done, ...past.map(nameOf), shown ? nameOf(shown) : ""]);
    page.querySelectorAll("[data-items] > .item, [data-items] > template[data-item]").forEach((found) => {
      const section = found.content ? found.content.firstElementChild : found;
      if (section && !known.has(nameOf(section))) ahead.push(document.adoptNode(section));
    });
    const [none, newer] = [document, page].map((one) => one.querySelector("[data-none]"));
    if (none && newer && !none.querySelector(":focus")) none.replaceChildren(...newer.childNodes);
  }

  async function begin() {
    if (!items) return;
    shown = items.querySelector(":scope > .item");
    items.querySelectorAll(":scope > template[data-item]").forEach((found) => {
      if (found.content.firstElementChild) ahead.push(document.adoptNode(found.content.firstElementChild));
      found.remove();
    });
    const answered = (await store.waiting(person)).map((one) => `${one.kind}:${one.target}`);
    if (isKept()) answered.push(...await store.saidSince(person, folkmoot.floor));
    answered.forEach((name) => done.add(name));
    const asked = new URLSearchParams(location.search).has("item") && !isKept();
    if (shown && done.has(nameOf(shown)) && !asked) {
      shown.remove();
      await next();
    } else if (shown) {
      startWatch(shown);
      ask();
    }
  }

  async function next() {
    shown = null;
    if (!ahead.some((section) => !done.has(nameOf(section)))) await whileWaiting(ask());
    while (ahead.length > 0 && !shown) {
      const section = ahead.shift();
      if (!done.has(nameOf(section))) show(section);
    }
    if (shown) ask();
    else showNone();
  }

  async function whileWaiting(work) {
    const soon = setTimeout(() => { part("moment").hidden = false; }, 300);
    await work;
    clearTimeout(soon);
    part("moment").hidden = true;
  }

  function show(section) {
    shown = section;
    isRenewed = false;
    showNone(false);
    settle(section);
    items.prepend(section);
    startWatch(section);
    focusOn(section);
    window.scrollTo(0, 0);
  }

  function showNone(isOver = true) {
    const none = document.querySelector("[data-none]");
    const away = sender.state.failing || isKept();
    part("away").hidden = !(isOver && away);
    if (none) none.hidden = !isOver || away;
    if (!isOver) return;
    focusOn(away || !none ? part("away") : none);
    window.scrollTo(0, 0);
  }

  // Readers go on from the beginning of what is new.
  function focusOn(element) {
    element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
  }

  // Ask for more items while there are few; what this phone has or has answered is left out.
  function ask() {
    if (!items || !items.dataset.more || ahead.length >= AHEAD) return null;
    asking = asking || fetchMore().catch(() => {}).finally(() => { asking = null; });
    return asking;
  }

  async function fetchMore() {
    const waiting = (await store.waiting(person)).map((one) => String(one.target));
    const here = [...ahead, ...(shown ? [shown] : [])].map((section) => numberOf(nameOf(section)));
    const address = new URL(items.dataset.more, location.href);
    address.searchParams.set("skip", [...new Set([...waiting, ...here])].join(","));
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE);
    const response = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: stop.signal });
    const text = await response.text();
    clearTimeout(late);
    if (response.ok && !response.redirected) take(new DOMParser().parseFromString(text, "text/html"));
  }

  // What the page says when nothing is left was written before these answers: ask for it anew.
  async function renewNone() {
    if (!items || shown || isRenewed || box.dataset.waits !== "0" || sender.state.failing) return;
    isRenewed = true;
    await ask();
    if (ahead.length > 0 || !part("away").hidden) await next();
  }

  // How long an item was on the screen, without the time in which the page was hidden.
  function startWatch(section) {
    section.seen = 0;
    section.since = document.hidden ? null : performance.now();
  }

  function seenFor(section) {
    return Math.round(section.seen + (section.since === null ? 0 : performance.now() - section.since));
  }

  document.addEventListener("visibilitychange", () => {
    if (!shown) return;
    if (document.hidden) [shown.seen, shown.since] = [seenFor(shown), null];
    else shown.since = performance.now();
  });

  // ---- answering

  // The fields as the server's own reading of a form (views/answers.py, body_of) nests them.
  function bodyOf(fields) {
    const body = {};
    for (const [name, value] of fields) {
      const [outer, ...inner] = name.split(":");
      if (CONTROL.includes(name) || typeof value !== "string") continue;
      if (name.endsWith("[]")) (body[name.slice(0, -2)] = body[name.slice(0, -2)] || []).push(value);
      else if (inner.length > 0) (body[outer] = body[outer] || {})[inner.join(":")] = value;
      else body[name] = value;
    }
    return body;
  }

  function fieldsOf(form, button) {
    const fields = [...new FormData(form)];
    if (button && button.name) fields.push([button.name, button.value]);
    return fields;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-forget]")) return stopHere(event, form);
    if (!form.matches("[data-answer]")) return;
    event.preventDefault();
    if (form.classList.contains("busy")) return;
    form.classList.add("busy"); // A second tap on the way to the next item is the same answer.
    keep(form, event.submitter).catch(() => sendByItself(form, event.submitter));
  });

  async function keep(form, button) {
    const section = form.closest("[data-items] > .item");
    const fields = fieldsOf(form, button);
    const field = Object.fromEntries(fields);
    const body = bodyOf(fields);
    if (section && section.since !== undefined) body.ms = seenFor(section);
    const answer = { key: store.number(), person, seat, kind: field.kind, target: Number(field.target) || 0, body };
    await store.add(answer, folkmoot.floor);
    form.classList.remove("busy");
    if (section && staysHere(field.next)) {
      setAside(section, form, button);
      await changed();
      await next();
      sender.now();
    } else {
      await goOn(form, answer, field.next);
    }
  }

  function staysHere(address) {
    return !address || new URL(address, location.href).pathname === location.pathname;
  }

  function setAside(section, form, button) {
    section.querySelectorAll("button:is([aria-pressed], [aria-current])").forEach((one) => {
      one.removeAttribute("aria-pressed");
      one.removeAttribute("aria-current");
    });
    if (button) button.setAttribute("aria-pressed", "true");
    done.add(nameOf(section));
    past.push(section);
    section.remove();
  }

  // The second of two quick taps is not meant for the item that came in between.
  function settle(section) {
    section.classList.add("fresh");
    setTimeout(() => section.classList.remove("fresh"), SETTLING);
  }

  // A form by itself: wait a little for the server, which shows what became of it.
  async function goOn(form, answer, address) {
    await changed();
    await Promise.race([sender.now(), new Promise((resolve) => { setTimeout(resolve, 4000); })]);
    const left = (await store.all(person)).find((one) => one.key === answer.key);
    if (!left) location.assign(address || location.href);
    else if (left.refused === undefined) form.reset();
    await paint();
  }

  // Where nothing can be kept on this phone, the form goes as if there were no script.
  function sendByItself(form, button) {
    if (button && button.name) {
      const field = document.createElement("input");
      [field.type, field.name, field.value] = ["hidden", button.name, button.value];
      form.append(field);
    }
    HTMLFormElement.prototype.submit.call(form);
  }

  part("change").addEventListener("click", () => {
    const section = past.pop();
    if (!section) return;
    if (shown) { shown.remove(); ahead.unshift(shown); }
    done.delete(nameOf(section));
    show(section);
    paint();
  });

  // ---- leaving

  // Stopping forgets this phone; what was not sent yet would be lost, so that is asked.
  async function stopHere(event, form) {
    event.preventDefault();
    await Promise.race([sender.now(), new Promise((resolve) => { setTimeout(resolve, 3000); })]);
    const waiting = await store.waiting(person);
    if (waiting.length === 0 || form.dataset.sure) {
      await store.forget(person);
      return sendByItself(form, null);
    }
    form.dataset.sure = "yes";
    part("unsent").hidden = false;
    return focusOn(part("unsent"));
  }

  if (channel) channel.onmessage = paint;
  store.open().then(begin).then(paint).then(sender.now).catch(() => {});
  if (navigator.serviceWorker) folkmoot.keepPages(box.dataset.worker);
  folkmoot.isIdle = () => !shown && (items !== null || location.pathname === home || document.querySelector("[data-live]") !== null);
  folkmoot.isBusy = () => shown !== null;
  folkmoot.connected = () => { document.body.removeAttribute("data-kept"); paint(); };
})();
