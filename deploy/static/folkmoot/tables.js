// Tables marked data-sortable sort by a click on a heading. Without this script they stay as sent.
// A cell's data-value is what is compared, where its text does not sort by itself.
"use strict";

function cellValue(row, column) {
  const cell = row.cells[column];
  if (!cell) return "";
  return cell.dataset.value ?? cell.textContent.trim();
}

function compare(one, other) {
  if (one === "" || other === "") return (one === "") - (other === "");
  const numbers = [Number(one), Number(other)];
  if (numbers.every((number) => !Number.isNaN(number))) return numbers[0] - numbers[1];
  return one.localeCompare(other, document.documentElement.lang, { numeric: true });
}

function sortBy(table, heading, column) {
  const ascending = heading.getAttribute("aria-sort") !== "ascending";
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((one, other) => {
    const values = [cellValue(one, column), cellValue(other, column)];
    // What is not measured stays last in both directions.
    if (values.includes("")) return compare(...values);
    return ascending ? compare(...values) : -compare(...values);
  });
  body.append(...rows);
}

function makeSortable(table) {
  const headings = table.tHead ? table.tHead.rows[table.tHead.rows.length - 1].cells : [];
  [...headings].forEach((heading, column) => {
    if (heading.dataset.sort === "no" || heading.querySelector("button") || !heading.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(table, heading, column));
  });
}

function makeAllSortable(root) {
  root.querySelectorAll("table[data-sortable]").forEach(makeSortable);
}

makeAllSortable(document);
document.addEventListener("htmx:load", (event) => makeAllSortable(event.detail.elt));
