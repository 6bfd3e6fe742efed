// Help at hand, on every page; a page is complete without it.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const made = (tag, attributes, ...inside) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...inside);
  return element;
};
const target = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));

// What a link leads to, beside it: where a number was read, an equation, figure, table, claim, or an item's claims.
const peek = made("div", { id: "peek", popover: "auto", role: "dialog", ariaLabel: "Preview" });
document.body.append(peek);
let timer;

function origin(link) {
  const { hash, dataset: { k, v } } = link;
  const told = { file: made("a", { href: hash }, hash.slice(1)), "place": k, [v ? "value in full" : "value"]: v ?? link.textContent,
    "made by": target(link).cells[1].textContent };
  return [made("dl", {}, ...Object.entries(told).flatMap(([name, what]) => [made("dt", {}, name), made("dd", {}, what)]))];
}

function preview(link) {
  const shown = target(link)?.closest(".equation, figure, .claim, .item");
  if (!shown || shown.contains(link)) return [];
  const copy = shown.cloneNode(true);
  for (const one of [copy, ...all("[id]", copy)]) one.removeAttribute("id");
  return [copy];
}

// Returns the link that an event is at, if it has anything to show.
function asked({ target: at }) {
  const link = at.closest?.("main a[href^='#']");
  return link?.matches(".contents a, .number, .source a, .filter a, .counts a") ? null : link;
}

function show(link) {
  const content = link.dataset.k ? origin(link) : preview(link), [box] = link.getClientRects();
  if (!content.length || !box) return;
  clearTimeout(timer);
  peek.hidePopover();
  peek.replaceChildren(...content);
  peek.onkeydown = ({ key }) => { if (key === "Tab") link.focus(); };
  peek.showPopover();
  const room = document.documentElement.clientWidth - peek.offsetWidth - 8;
  // Where there is more room.
  const above = box.top > innerHeight - box.bottom;
  Object.assign(peek.style, { left: `${scrollX + Math.max(8, Math.min(box.left, room))}px`,
    top: `${scrollY + (above ? box.top - peek.offsetHeight - 6 : box.bottom + 6)}px` });
}

const left = (to) => peek.contains(to) || peek.hidePopover();
// Moves alone count: what scrolls by under a pointer at rest is not pointed at.
document.onpointermove = (event) => {
  if (event.pointerType !== "mouse") return;
  clearTimeout(timer);
  const link = asked(event);
  timer = setTimeout(() => link ? show(link) : peek.contains(event.target) || left(document.activeElement), 300);
};
addEventListener("focusin", (event) => {
  if (asked(event)?.matches(":focus-visible") && !peek.contains(event.relatedTarget)) show(asked(event));
});
addEventListener("focusout", (event) => left(event.relatedTarget));
document.onclick = (event) => {
  const link = asked(event);
  if (!link?.dataset.k || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  link.focus();
  show(link);
  peek.querySelector("a").focus();
};
onhashchange = () => peek.hidePopover();

// Tab stops: at numbers if the reader wants that, at what scrolls where it does.
document.querySelector(".skip").after(made("button", { className: "skip", onclick() {
  const on = this.ariaPressed !== "true";
  this.ariaPressed = on;
  for (const link of all("main a[data-k], main .number, .source a, .csv")) link.tabIndex = on ? 0 : -1;
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

// Formulas are copied as LaTeX; one of which a part is marked, whole.
document.oncopy = (event) => {
  const marked = getSelection(), board = event.clipboardData;
  if (marked.isCollapsed) return;
  const range = marked.getRangeAt(0).cloneRange();
  const [first, last] = [range.startContainer, range.endContainer].map((node) => (node.closest ? node : node.parentNode).closest("math"));
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copied = made("div", {}, range.cloneContents()), formulas = all("math", copied);
  if (!formulas[0]) return;
  event.preventDefault();
  board.setData("text/html", copied.innerHTML);
  // Parts of one formula, marked by a sign of no alphabet, are joined.
  for (const formula of formulas)
    formula.replaceWith(`${formula.matches(".on") ? "\ue000" : ""}$${formula.querySelector("annotation").textContent}$`);
  // Where it has lines.
  document.body.append(copied);
  board.setData("text/plain", copied.innerText.replace(/\$\s*\ue000\$/g, " "));
  copied.remove();
};

// What is closed opens for the printer.
let closed = [];
onbeforeprint = () => {
  closed = all("details:not([open])");
  for (const details of closed) details.open = true;
};
onafterprint = () => { for (const details of closed) details.open = false; };
