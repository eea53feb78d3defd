// Sends what waits on this phone, in order, one batch at a time, until the server has acknowledged it.
// Nothing is taken out of the store before; a batch that is sent twice is stored once, by its keys.
"use strict";

folkmoot.sender = ({ url, pulse, person, seat, changed }) => {
  const store = folkmoot.store;
  const MOST = 50;
  const MOST_LETTERS = 400000;
  const PATIENCE = 10000;
  const LONGEST_PAUSE = 15000;
  // As many tries of one answer that the server fails at, while it answers other questions.
  const TRIES = 4;
  let most = MOST;
  let failures = 0;
  let renumbered = 0;
  let timer = 0;
  let running = null;
  let isWanted = false;
  const state = { failing: false, gone: "", sent: 0 };

  function token() {
    const found = document.cookie.split("; ").find((one) => one.startsWith("csrftoken="));
    return found ? found.slice("csrftoken=".length) : "";
  }

  async function ask(address, options) {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const response = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "error", signal: stop.signal, ...options });
      const text = await response.text();
      return { status: response.status, said: parsed(text) };
    } catch {
      return { status: 0, said: {} }; // No connection, or too late.
    } finally {
      clearTimeout(late);
    }
  }

  function parsed(text) {
    try {
      return Object(JSON.parse(text));
    } catch {
      return {}; // A page of some proxy in between.
    }
  }

  function post(batch) {
    const answers = batch.map(({ kind, target, body, key, seq }) => ({ kind, target, body, key, seq }));
    // The seat, because the cookie may be another's by now: people share phones.
    const body = JSON.stringify({ seat: Number(seat), answers });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
    // A request that is kept alive goes on when the page is left; browsers allow that for small ones.
    return ask(url, { method: "POST", headers, body, keepalive: body.length < 15000 });
  }

  function firstOf(waiting) {
    const ready = [...waiting].sort((one, other) => (one.tries >= TRIES) - (other.tries >= TRIES));
    let letters = 0;
    const fits = (one) => { letters += JSON.stringify(one.body).length; return letters < MOST_LETTERS; };
    return ready.slice(0, most).filter((one, place) => fits(one) || place === 0);
  }

  // One batch. Returns "more", "empty", "failed" or "gone".
  async function sendBatch() {
    let waiting = await store.waiting(person);
    if (waiting.some((one) => one.seat !== seat)) {
      await store.renumber(person, seat, folkmoot.floor);
      waiting = await store.waiting(person);
    }
    if (waiting.length === 0) return "empty";
    const batch = firstOf(waiting);
    const { status, said } = await post(batch);
    if (status === 200 && isAbout(said.outcomes, batch)) return settle(batch, said);
    if (status === 403 && ["join_first", "left", "other_seat"].includes(said.code)) return leave(said.code);
    if (status === 413) return tooMuch(batch, said.error);
    if (status === 400 && said.error) return unreadable(batch, said);
    if (status === 403) await ask(location.pathname, { redirect: "follow" }); // Brings a new token.
    if (status === 500) await failedAt(batch);
    return "failed";
  }

  function isAbout(outcomes, batch) {
    return Array.isArray(outcomes) && outcomes.length === batch.length && batch.every((one, place) => one.key === outcomes[place].key);
  }

  async function settle(batch, said) {
    const place = new Map(said.outcomes.map((one) => [one.key, one]));
    const stored = batch.filter((one) => place.get(one.key).stored);
    const others = batch.filter((one) => !place.get(one.key).stored);
    await store.acknowledge(stored);
    state.sent += stored.length;
    most = Math.min(MOST, most * 2);
    const used = others.filter((one) => place.get(one.key).code === "number_used");
    for (const one of others) {
      if (!used.includes(one)) await store.change(one, { refused: place.get(one.key).reason });
    }
    if (used.length > 0) await store.renumber(person, seat, said.seq);
    renumbered = used.length > 0 ? renumbered + 1 : 0;
    return renumbered > 2 ? "failed" : "more";
  }

  async function leave(code) {
    state.gone = code;
    if (code === "left") await store.forget(person);
    return "gone";
  }

  // Without a reason it was some proxy in between, which may let fewer through.
  async function tooMuch(batch, reason) {
    if (batch.length === 1 && !reason) return "failed";
    if (batch.length === 1) await store.change(batch[0], { refused: reason });
    most = Math.max(1, Math.floor(batch.length / 2));
    return "more";
  }

  async function unreadable(batch, said) {
    const place = /^answers\[(\d+)\]/.exec(said.field);
    const one = place && batch[Number(place[1])];
    if (!one) return tooMuch(batch, said.error); // Nobody said which: fewer at once will tell.
    await store.change(one, { refused: said.error });
    return "more";
  }

  // An answer that the server fails at, while it answers otherwise, lets the others go first.
  async function failedAt(batch) {
    most = 1;
    if (batch.length > 1) return;
    const { status } = await ask(pulse, {});
    if (status === 200 || status === 304) await store.change(batch[0], { tries: (batch[0].tries || 0) + 1 });
  }

  async function run() {
    clearTimeout(timer);
    let outcome = "more";
    while (outcome === "more" || (outcome === "empty" && isWanted)) {
      isWanted = false;
      outcome = await store.alone(sendBatch).catch(() => "failed");
      state.failing = outcome === "failed";
      if (!["failed", "taken"].includes(outcome)) failures = 0;
      await changed(state);
    }
    if (["failed", "taken"].includes(outcome)) again();
  }

  function go() {
    if (state.gone) return Promise.resolve();
    running = running || run().finally(() => {
      running = null;
      if (isWanted) go();
    });
    return running;
  }

  function again() {
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** failures) * (0.75 + Math.random() / 2);
    failures += 1;
    timer = setTimeout(go, pause);
  }

  // Send at once, also what was kept while the last batch was on its way.
  function now() {
    failures = 0;
    isWanted = true;
    return go();
  }

  window.addEventListener("online", now);
  window.addEventListener("pageshow", now);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });
  return { now, state };
};
