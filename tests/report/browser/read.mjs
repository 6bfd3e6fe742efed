// Reads a report on a phone and takes parts of it along, in Chromium or Firefox; prints what it finds as JSON.
// node read.mjs chromium|firefox REPORT.html
import { readFileSync } from "node:fs";
import { address, launched, opened } from "./browsers.mjs";

const [engine, report] = process.argv.slice(2);
const browser = await launched(engine);
const open = (options, look) => opened(browser, address(report), options, look);
const found = {};

// Firefox's scroll bar takes 12 px here, as on no phone.
await open({ width: engine === "firefox" ? 402 : 390 }, async (page) => {
  Object.assign(found, await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    // A path that is longer than a line is broken anywhere.
    const fits = (text, at, around) => {
      const start = text.data.slice(0, at).search(/\S*$/), end = at + text.data.slice(at).search(/\s|$/);
      range.setStart(text, start);
      range.setEnd(text, end);
      return [...range.getClientRects()].reduce((sum, line) => sum + line.width, 0) < room(around);
    };
    // Words and numbers on two lines that are not longer than one; in a cell, whatever its width, not long at all.
    const room = (around) => Math.max(around.getBoundingClientRect().width - 2, around.closest("th, td") ? 100 : 0);
    const broken = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (words.nextNode()) {
      const text = words.currentNode, around = text.parentElement;
      if (around.closest("svg, math, script, style, pre, .hidden, .skip") || !around.checkVisibility()) continue;
      for (const word of text.data.matchAll(/[\p{L}\p{M}\p{N}_.,\u202f]+/gu)) {
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = [...range.getClientRects()];
        const width = lines.reduce((sum, line) => sum + line.width, 0);
        const apart = new Set(lines.map((line) => Math.round(line.top))).size > 1;
        if (apart && width < room(around) && fits(text, word.index, around)) broken.push(`${around.closest("[id]").id}: ${word[0]}`);
      }
    }
    const scrolled = [...document.querySelectorAll(".scroll")].filter((box) => box.scrollWidth > box.clientWidth + 1);
    const part = (box) => Math.max(...[...box.querySelectorAll("math")].map((math) => math.getBoundingClientRect().width));
    return {
      broken,
      formulas: scrolled.filter((box) => !box.querySelector("table, svg") && part(box) < box.clientWidth).map((box) => box.closest("[id]").id),
      tables: scrolled.filter((box) => box.querySelector("table")).map((box) => box.closest("[id]").id),
    };
  }));
});

await open({ width: 1280 }, async (page) => {
  // A formula of which the selection has but a part, and the words around it.
  found.copied = await page.evaluate(() => {
    const formula = [...document.querySelectorAll("p > math + math.on, p > math")].find((math) => math.previousSibling?.data?.trim());
    const range = document.createRange(), event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true });
    range.setStart(formula.previousSibling, 0);
    range.setEnd(formula.firstElementChild, 0);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.dispatchEvent(event);
    const expected = `${formula.previousSibling.data}$${formula.querySelector("annotation").textContent}$`;
    return { expected, text: event.clipboardData.getData("text/plain"), html: event.clipboardData.getData("text/html") };
  });
  const table = await page.evaluate(() => document.querySelector("figure.table:not(details *):has([data-v]):has(.csv)").id);
  found.full = await page.evaluate((id) => [...document.querySelectorAll(`#${id} tbody [data-v]`)].map((value) => value.dataset.v), table);
  found.saved = {};
  for (const id of [table, "tab-ledger"]) {
    const link = page.locator(`#${id} .csv`);
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    // What Firefox saves cannot be read through the protocol that drives it: it is taken from the link.
    found.saved[download.suggestedFilename()] = engine === "chromium" ? readFileSync(await download.path(), "utf8")
      : decodeURIComponent((await link.getAttribute("href")).split(",")[1]);
  }
});

// A link to what is folded away opens it.
await open({ width: 1280 }, async (page) => {
  const target = await page.evaluate(() => document.querySelector("details [id]")?.id);
  if (target) await page.evaluate((id) => { location.hash = id; }, target);
  found.revealed = !target || await page.locator(`[id="${target}"]`).isVisible();
});

await browser.close();
console.log(JSON.stringify(found));
