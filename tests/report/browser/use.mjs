// Uses a report as its readers do, in Chromium or Firefox, and prints what it finds as JSON; the tests set the goals.
// node use.mjs chromium|firefox REPORT.html
import { address, launched, opened } from "./browsers.mjs";

const [engine, report] = process.argv.slice(2);
const browser = await launched(engine);
const open = (options, look) => opened(browser, address(report), options, look);
const found = { sideways: {}, small: {}, firstPaintMs: [], complaints: [] };

for (const width of [320, 390, 768, 1280])
  await open({ width }, async (page, requests, complaints) => {
    found.sideways[width] = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    // What is too small to hit with a finger, but for what stands in running text.
    found.small[width] = await page.evaluate(() => {
      const targets = [...document.querySelectorAll("a[href], button, input, summary")];
      const alone = (target) => {
        let block = target.parentElement;
        while (getComputedStyle(block).display === "inline") block = block.parentElement;
        const copy = block.cloneNode(true);
        copy.querySelectorAll("a, button, input, summary, math, svg").forEach((part) => part.remove());
        return getComputedStyle(target).display !== "inline" || !copy.textContent.trim();
      };
      const small = (target) => Math.min(target.getBoundingClientRect().width, target.getBoundingClientRect().height) < 24;
      return targets.filter((target) => target.checkVisibility() && !target.matches(".skip") && small(target) && alone(target))
        .map((target) => `${target.closest("[id]").id}: ${target.outerHTML.slice(0, 80)}`);
    });
    found.complaints.push(...complaints);
  });

for (let i = 0; i < 5 || (i < 20 && Math.min(...found.firstPaintMs) > 1000); i++)
  await open({ width: 1280 }, async (page) => {
    found.firstPaintMs.push(await page.evaluate(() => new Promise((done) => new PerformanceObserver((list) =>
      list.getEntriesByName("first-contentful-paint").forEach((entry) => done(entry.startTime)))
      .observe({ type: "paint", buffered: true }))));
  });

// Keyboard, on a phone's width, where everything stands in one column: each Tab stop in sight, with a ring around it
// that stands out from the page, and after the one before it, until the last has been left.
await open({ width: 390 }, async (page) => {
  const rings = new Set(), hidden = [], disordered = [];
  let stops = 0, before = { top: 0, bottom: 0, left: 0 };
  for (; stops < 999; stops++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement, style = getComputedStyle(element);
      if (element === document.body || document.seenBefore?.has(element)) return null;
      (document.seenBefore ??= new Set()).add(element);
      const box = element.getBoundingClientRect(), first = element.getClientRects()[0];
      return {
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        ring: `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`,
        name: element.outerHTML.slice(0, 80), fixed: ["absolute", "fixed"].includes(style.position),
        top: first.top + scrollY, bottom: first.bottom + scrollY, left: first.left + (element.closest(".scroll")?.scrollLeft ?? 0),
      };
    });
    if (!at) break;
    rings.add(at.ring);
    if (!at.seen) hidden.push(at.name);
    const sameLine = at.top < before.bottom - 2 && at.bottom > before.top + 2;
    if (!at.fixed && (sameLine ? at.left < before.left - 1 : at.top < before.top)) disordered.push(at.name);
    before = at.fixed ? before : at;
  }
  found.keyboard = { stops, rings: [...rings], hidden, disordered };
});

// The ledger's filter, without any script: from a tile to the claims of its verdict, and back to all of them.
await open({ width: 1280, javaScriptEnabled: engine !== "chromium" }, async (page) => {
  const rows = () => page.locator("#tab-ledger tbody tr:visible .badge").allInnerTexts();
  found.filter = { all: await rows() };
  const tile = page.locator(".counts a").first();
  found.filter.chosen = (await tile.locator("[data-p]").innerText());
  await tile.click();
  found.filter.some = await rows();
  found.filter.focused = await page.locator(":focus").innerText();
  await page.locator("#only-all").click();
  found.filter.back = await rows();
});

// A number shows where it stands what it carries; a reference shows what it names; Escape closes, the focus returns.
await open({ width: 1280 }, async (page) => {
  const open = () => page.evaluate(() => document.getElementById("peek").matches(":popover-open"));
  const number = page.locator("main a[data-k]:visible").first();
  const carried = await number.evaluate((link) => [link.hash.slice(1), link.dataset.k, link.dataset.v ?? link.textContent]);
  await number.click();
  const shown = await page.locator("#peek dd").allInnerTexts();
  found.peek = { carried, shown, stayed: await page.evaluate(() => location.hash === "") };
  await page.keyboard.press("Escape");
  found.peek.closed = !(await open()) && await number.evaluate((link) => link === document.activeElement);
  const reference = page.locator("main p a[href^='#claim-'], main li a[href^='#claim-'], main th a[href^='#claim-']").first();
  found.preview = { named: await reference.evaluate((link) => document.getElementById(link.hash.slice(1)).querySelector(".says").innerText) };
  await page.mouse.move(1270, 700); // a pointer that came to rest takes nothing away
  await reference.focus();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Tab");
  await page.waitForTimeout(500);
  found.preview.shown = await open() && await page.locator("#peek .says").innerText();
  found.preview.repeated = await page.locator("#peek [id]").count();
  await page.keyboard.press("Escape");
  await reference.hover();
  await page.waitForTimeout(500);
  found.preview.hovered = await open() && await page.locator("#peek .says").innerText();
  await page.mouse.move(1279, 1);
  await page.waitForTimeout(500);
  found.preview.left = !(await open());
  // The contents mark where the reader is; all numbers become tab stops when they are asked to.
  const last = page.locator(".contents a").last();
  await last.click();
  await page.waitForFunction(() => document.querySelector(".contents [aria-current]"));
  found.current = { asked: await last.innerText(), marked: await page.locator(".contents [aria-current]").allInnerTexts() };
  await page.locator("button.skip").press("Enter");
  found.stopsAtNumbers = await page.evaluate(() => [...document.querySelectorAll("main a[data-k]")].every((link) => link.tabIndex === 0));
  // A slider moves the cursors in the drawings beside it, whose axes are the same.
  const slider = page.locator("[data-networks] input").first();
  if (await slider.count()) {
    const at = () => page.evaluate(() => [...document.querySelectorAll(".cursor.line")].map((line) => line.getAttribute("d")));
    const before = await at();
    await slider.focus();
    await page.keyboard.press("End");
    found.cursors = { before, after: await at() };
  }
});

await browser.close();
console.log(JSON.stringify(found));
