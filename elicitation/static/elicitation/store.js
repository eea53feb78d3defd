// What waits on this phone: answers stay in IndexedDB until the server has acknowledged them.
// All seats of this browser share it; a person's rows carry the person, so nobody sends another's.
"use strict";
window.folkmoot = window.folkmoot || {};

folkmoot.store = (() => {
  // A tab that was closed in the midst of sending holds its lease no longer than one request may take.
  const LEASE = 15000;
  const me = number();
  let opening = null;
  let seen = { beat: null, since: 0 };

  function open() {
    opening = opening || new Promise((resolve, reject) => {
      const asked = indexedDB.open("folkmoot", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("answers", { keyPath: "key" });
        asked.result.createObjectStore("said", { keyPath: ["person", "item"] });
        asked.result.createObjectStore("counters", { keyPath: "name" });
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        resolve(asked.result);
      };
      asked.onerror = () => reject(asked.error);
    });
    return opening;
  }

  // One transaction; resolves with what `work` gave back once it is on the disk.
  async function within(names, mode, work) {
    const database = await open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode, { durability: "strict" });
      let result;
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error);
      work((name) => transaction.objectStore(name), (value) => { result = value; });
    });
  }

  // crypto.randomUUID is there on https only, and a hall may be served by a plain address.
  function number() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // floor: the highest number that the server knows of this seat. The count never looks at a clock.
  function add(answer, floor) {
    return within(["answers", "counters"], "readwrite", (at, give) => {
      at("counters").get(`seat ${answer.seat}`).onsuccess = (event) => {
        const seq = Math.max(event.target.result ? event.target.result.seq : 0, floor) + 1;
        at("counters").put({ name: `seat ${answer.seat}`, seq });
        at("answers").add({ ...answer, seq });
        give(seq);
      };
    });
  }

  function all(person) {
    return within(["answers"], "readonly", (at, give) => {
      at("answers").getAll().onsuccess = (event) => give(event.target.result.filter((one) => one.person === person).sort(inOrder));
    });
  }

  function inOrder(one, other) {
    return Number(one.seat) - Number(other.seat) || one.seq - other.seq;
  }

  async function waiting(person) {
    return (await all(person)).filter((one) => one.refused === undefined);
  }

  // Number anew what waits: after coming back by a code, or where the server knows higher numbers.
  function renumber(person, seat, floor) {
    return within(["answers", "counters"], "readwrite", (at) => {
      at("counters").get(`seat ${seat}`).onsuccess = (counted) => {
        let seq = Math.max(counted.target.result ? counted.target.result.seq : 0, floor);
        at("answers").getAll().onsuccess = (event) => {
          event.target.result.filter((one) => one.person === person && one.refused === undefined).sort(inOrder)
            .forEach((one) => { seq += 1; at("answers").put({ ...one, seat, seq }); });
          at("counters").put({ name: `seat ${seat}`, seq });
        };
      };
    });
  }

  function acknowledge(answers) {
    return within(["answers", "said"], "readwrite", (at) => answers.forEach((one) => {
      at("answers").delete(one.key);
      at("said").put({ person: one.person, item: `${one.kind}:${one.target}`, seq: one.seq });
    }));
  }

  function change(answer, changes) {
    return within(["answers"], "readwrite", (at) => at("answers").put({ ...answer, ...changes }));
  }

  function remove(key) {
    return within(["answers"], "readwrite", (at) => at("answers").delete(key));
  }

  // The items answered since a page was made: numbered above the floor that the page came with.
  function saidSince(person, floor) {
    return within(["said"], "readonly", (at, give) => {
      at("said").getAll().onsuccess = (event) => give(event.target.result.filter((one) => one.person === person && one.seq > floor).map((one) => one.item));
    });
  }

  function forget(person) {
    return within(["answers", "said"], "readwrite", (at) => ["answers", "said"].forEach((name) => {
      at(name).openCursor().onsuccess = (event) => {
        const cursor = event.target.result;
        if (!cursor) return;
        if (cursor.value.person === person) cursor.delete();
        cursor.continue();
      };
    }));
  }

  // Of several tabs one sends at a time. Without locks (plain http) a lease does: its holder counts it
  // up, and who has seen the same count for long enough takes it. No clock of the day is asked.
  async function alone(work) {
    if (navigator.locks) return navigator.locks.request("folkmoot-send", work);
    if (!(await takeLease())) return "taken";
    try {
      return await work();
    } finally {
      await within(["counters"], "readwrite", (at) => at("counters").delete("lease"));
    }
  }

  function takeLease() {
    return within(["counters"], "readwrite", (at, give) => {
      at("counters").get("lease").onsuccess = (event) => {
        const held = event.target.result;
        const beat = held ? `${held.owner} ${held.beat}` : null;
        if (beat !== seen.beat) seen = { beat, since: performance.now() };
        const free = !held || held.owner === me || performance.now() - seen.since > LEASE;
        if (free) at("counters").put({ name: "lease", owner: me, beat: held ? held.beat + 1 : 0 });
        give(free);
      };
    });
  }

  return { open, add, all, waiting, renumber, acknowledge, change, remove, saidSince, forget, alone, number };
})();
