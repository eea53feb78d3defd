// Exploring an analysis: one drawing of several at a time, a field that finds rows of a long table,
// and on paper everything that is folded. Without this script all of it stands on the page.
"use strict";

const LONG = 12;

function labelled(control, words, id) {
  const box = document.createElement("p");
  const label = document.createElement("label");
  box.className = "explore";
  control.id = id;
  label.htmlFor = id;
  label.textContent = words;
  box.append(label, control);
  return box;
}

// <div data-choose="What the map shows"> with <div data-name="…"> in it: a list of names chooses one.
function makeChooser(place, number) {
  const figures = [...place.querySelectorAll(":scope > [data-name]")];
  if (figures.length < 2) return;
  const select = document.createElement("select");
  figures.forEach((figure, at) => {
    select.add(new Option(figure.dataset.name, at));
  });
  const show = () => figures.forEach((figure, at) => figure.classList.toggle("unchosen", at !== Number(select.value)));
  select.addEventListener("change", show);
  place.prepend(labelled(select, place.dataset.choose, `choose-${number}`));
  show();
}

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

// Rows are looked for by every word that is typed, in any order, with or without accents.
function makeFinder(table, number) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length <= LONG) return;
  const texts = rows.map((row) => plain(row.textContent));
  const field = document.createElement("input");
  const said = document.createElement("span");
  field.type = "search";
  field.autocomplete = "off";
  said.setAttribute("role", "status");
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      if (!row.hidden) found += 1;
    });
    said.textContent = words.length ? `${found} of ${rows.length}` : "";
  });
  const box = labelled(field, "Find in this table", `find-${number}`);
  box.append(said);
  table.closest(".table").before(box);
}

// A warning stays closed on paper: nobody meets what it covers who did not ask for it.
function unfoldForPaper() {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open], .warned)")];
    opened.forEach((one) => { one.open = true; });
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((one) => { one.open = false; });
  });
}

// A part of the page that came anew is as its reader left it: the same map, the same things unfolded.
let left = { open: [], chosen: 0 };

document.addEventListener("htmx:beforeSwap", () => {
  const select = document.querySelector("#live [data-choose] select");
  left = {
    open: [...document.querySelectorAll("#live details[id][open]")].map((one) => one.id),
    chosen: select ? select.selectedIndex : 0,
  };
});

document.addEventListener("htmx:afterSettle", () => {
  left.open.forEach((id) => { const one = document.getElementById(id); if (one) one.open = true; });
  const place = document.querySelector("#live [data-choose]:not(:has(> .explore))");
  if (!place) return;
  makeChooser(place, 0);
  const select = place.querySelector("select");
  if (select && left.chosen < select.length) {
    select.selectedIndex = left.chosen;
    select.dispatchEvent(new Event("change"));
  }
});

document.querySelectorAll("[data-choose]").forEach(makeChooser);
document.querySelectorAll("main .table > table[data-sortable]").forEach(makeFinder);
unfoldForPaper();
