// Help at hand, on every page; a page is complete without it.
"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const made = (tag, attributes, ...inside) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...inside);
  return element;
};
const target = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));

// What a link leads to, beside it: where a number was read, an equation, figure, table, claim, or an item's claims.
const peek = made("div", { id: "peek", popover: "auto", role: "dialog", ariaLabel: "What the link leads to" });
document.body.append(peek);
let timer;

function origin(link) {
  const { hash, dataset: { k, v = link.textContent } } = link;
  const told = { file: made("a", { href: hash }, hash.slice(1)), "place in it": k, "value in full": v,
    "made by rule": target(link).cells[1].textContent };
  return [made("dl", {}, ...Object.entries(told).flatMap(([name, what]) => [made("dt", {}, name), made("dd", {}, what)]))];
}

function preview(link) {
  const shown = target(link)?.closest(".equation, figure, .claim, .item");
  const parts = !shown || shown.contains(link) ? [] : shown.matches(".item") ? all(":scope > h3, :scope > .claims", shown) : [shown];
  return parts.map((part) => {
    const copy = part.cloneNode(true);
    for (const one of [copy, ...all("[id]", copy)]) one.removeAttribute("id");
    return copy;
  });
}

// Returns the link that an event is at, if it has anything to show.
function asked({ target: at }) {
  const link = at.closest?.("main a[href^='#']");
  return link?.matches(".contents a, .number, .source a, .filter a, .counts a") ? null : link;
}

function show(link) {
  const content = link.dataset.k ? origin(link) : preview(link), [box] = link.getClientRects();
  if (!content.length || !box) return;
  peek.hidePopover();
  peek.replaceChildren(...content);
  peek.showPopover();
  const room = document.documentElement.clientWidth - peek.offsetWidth - 8;
  const above = box.top > innerHeight - box.bottom && box.bottom + peek.offsetHeight + 6 > innerHeight;
  peek.style.left = `${scrollX + Math.max(8, Math.min(box.left, room))}px`;
  peek.style.top = `${scrollY + (above ? box.top - peek.offsetHeight - 6 : box.bottom + 6)}px`;
}

addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  clearTimeout(timer);
  const link = asked(event);
  if (link) timer = setTimeout(show, 300, link);
  else if (!peek.contains(event.target)) timer = setTimeout(() => peek.contains(document.activeElement) || peek.hidePopover(), 300);
});
addEventListener("focusin", (event) => {
  const link = event.target.matches(":focus-visible") && !peek.contains(event.relatedTarget) && asked(event);
  if (link) show(link);
});
addEventListener("focusout", ({ relatedTarget }) => peek.contains(relatedTarget) || peek.hidePopover());
addEventListener("click", (event) => {
  const link = asked(event);
  if (!link?.dataset.k || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  clearTimeout(timer);
  link.focus();
  show(link);
  peek.querySelector("a").focus();
});

addEventListener("hashchange", () => peek.hidePopover());

// Tab stops: at numbers if the reader wants that, at what scrolls where it does.
document.querySelector(".ways, header").append(made("button", { className: "tabs", onclick() {
  const on = this.ariaPressed !== "true";
  this.ariaPressed = on;
  for (const link of all("main a[data-k], main .number, .source a")) link.tabIndex = on ? 0 : -1;
} }, "Tab stops at numbers"));
const sizes = new ResizeObserver((seen) => {
  for (const { target: at } of seen)
    at.tabIndex = at.scrollWidth > at.clientWidth || at.scrollHeight > at.clientHeight ? 0 : -1;
});
for (const block of all(".scroll[tabindex], pre[tabindex]")) sizes.observe(block);

// The contents follow the reader: the last section that reaches over a line near the top is marked.
const contents = document.getElementById("contents"), entries = all("a", contents), near = new Set();
const sections = new IntersectionObserver((seen) => {
  for (const { target: section, isIntersecting } of seen) near[isIntersecting ? "add" : "delete"](section.id);
  const now = entries.findLast((entry) => near.has(target(entry).id));
  for (const entry of entries) entry.ariaCurrent = entry === now ? "location" : null;
  if (now) contents.scrollTop = now.offsetTop - contents.clientHeight / 2;
}, { rootMargin: "-20% 0px -79% 0px" });
entries.forEach((entry) => sections.observe(target(entry)));

// Tables can be saved as CSV, as they are shown but with values in full; a cell stands wherever it reaches.
const field = (cell) => {
  const copy = cell.cloneNode(true);
  for (const value of all("[data-v]", copy)) value.textContent = value.dataset.v;
  for (const formula of all("math", copy)) formula.replaceWith(formula.getAttribute("alttext"));
  const text = copy.textContent.trim().replace(/\s+/g, " ").replace(/^[=+@]/, "'$&"); // what a spreadsheet would run
  return `"${text.replaceAll('"', '""')}"`;
};
const csv = (table) => {
  const grid = [...table.rows].map(() => []);
  [...table.rows].forEach((row, r) => [...row.cells].forEach((cell) => {
    let c = 0;
    while (grid[r][c] !== undefined) c++;
    for (let i = 0; i < cell.rowSpan; i++) for (let j = 0; j < cell.colSpan; j++) grid[r + i][c + j] = field(cell);
  }));
  return grid.map((row) => row.join() + "\r\n").join("");
};
for (const figure of all("figure.table:not(.sets-table)")) {
  const link = document.createElement("a");
  Object.assign(link, { className: "csv", textContent: "CSV", title: "Save the table", download: `${figure.id}.csv`, href: `#${figure.id}` });
  link.onclick = () => { link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(csv(figure.querySelector("table")))}`; };
  figure.querySelector("figcaption").append(" ", link);
}

// Formulas are copied as LaTeX; one of which a part is marked, whole.
addEventListener("copy", (event) => {
  const marked = getSelection();
  if (!marked.rangeCount) return;
  const range = marked.getRangeAt(0).cloneRange(), copied = document.createElement("div");
  const around = (node) => (node.closest ? node : node.parentElement).closest("math");
  if (around(range.startContainer)) range.setStartBefore(around(range.startContainer));
  if (around(range.endContainer)) range.setEndAfter(around(range.endContainer));
  copied.append(range.cloneContents());
  const formulas = copied.querySelectorAll("math");
  if (!formulas.length) return;
  event.clipboardData.setData("text/html", copied.innerHTML);
  for (const formula of formulas) formula.replaceWith(`$${formula.getAttribute("alttext")}$`);
  document.body.append(copied); // where it has lines
  event.clipboardData.setData("text/plain", copied.innerText.replace(/\$\s+\$/g, " "));
  copied.remove();
  event.preventDefault();
});

// What is closed opens for the printer, and where a link leads.
const closed = [];
addEventListener("beforeprint", () => {
  closed.push(...document.querySelectorAll("details:not([open])"));
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => { for (const details of closed.splice(0)) details.open = false; });
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (target?.closest("details")) target.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();
