// Measures results/report.html in headless Chromium and prints its figures as JSON; exit status 1 if a goal is missed.
// node measure.mjs REPORT.html [FOLDER for PDFs and screenshots]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, folder] = process.argv.slice(2);
const url = pathToFileURL(resolve(report)).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: quiet });
const figures = { axe: {}, sideways: {} };
const missed = [];
const goal = (held, text) => held || missed.push(text);

// Opens the report in a context of its own; `look` gets the page and what it asked for and complained about.
async function open(options, look) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  const requests = [], complaints = [];
  page.on("request", (request) => request.url() !== url && !request.url().startsWith("data:") && requests.push(request.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await look(page, requests, complaints);
  await context.close();
}

for (const colorScheme of ["light", "dark"])
  for (const width of [1280, 390])
    for (const javaScriptEnabled of [true, false])
      await open({ colorScheme, viewport: { width, height: 844 }, javaScriptEnabled }, async (page) => {
        // axe itself is a script, so without JavaScript it runs on the page as that left it, in a context that has it.
        const html = await page.content();
        const checked = javaScriptEnabled ? page : await (await browser.newContext({ bypassCSP: true, colorScheme,
          viewport: { width, height: 844 } })).newPage();
        if (!javaScriptEnabled) await checked.setContent(html.replace(/<script>[^]*<\/script>/, ""));
        await checked.evaluate(axe);
        const { violations } = await checked.evaluate(() => window.axe.run());
        const name = `${colorScheme} ${width} ${javaScriptEnabled ? "with" : "without"} script`;
        figures.axe[name] = violations.length;
        for (const { id, nodes } of violations) missed.push(`axe, ${name}: ${id} ${nodes.slice(0, 3).map((n) => n.target)}`);
        if (!javaScriptEnabled) await checked.context().close();
      });

for (const width of [320, 390, 768, 1280])
  await open({ viewport: { width, height: 844 } }, async (page) => {
    figures.sideways[width] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    goal(figures.sideways[width] <= 0, `scrolls sideways by ${figures.sideways[width]} px at ${width} px`);
  });

await open({ bypassCSP: false, viewport: { width: 1280, height: 900 } }, async (page, requests, complaints) => {
  Object.assign(figures, await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    const links = [...document.querySelectorAll("a[href^='#'], use")].map((a) => a.getAttribute("href").slice(1));
    const named = (element) => (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
      .every((id) => document.getElementById(id)?.textContent.trim());
    return {
      elements: document.querySelectorAll("*").length,
      repeatedIds: ids.filter((id, i) => ids.indexOf(id) !== i),
      deadLinks: [...new Set(links.filter((id) => !document.getElementById(id)))],
      unnamedDrawings: [...document.querySelectorAll("svg[role=img]")].filter((s) => !s.hasAttribute("aria-labelledby") ||
        !named(s) || !s.querySelector("title, desc")).length + [...document.images].filter((i) => !i.alt).length,
      mathFont: document.fonts.check("16px 'STIX Two Math'"),
    };
  }));
  figures.requests = requests.length;
  figures.consoleErrors = complaints.length;
  missed.push(...complaints.map((text) => `console: ${text}`), ...requests.map((text) => `request: ${text}`));
  goal(figures.elements <= 12000, `${figures.elements} elements`);
  for (const name of ["repeatedIds", "deadLinks"]) goal(!figures[name].length, `${name}: ${figures[name].slice(0, 5)}`);
  goal(!figures.unnamedDrawings, `${figures.unnamedDrawings} drawings or pictures without a name`);
  goal(figures.mathFont, "the maths font is not loaded");
});

// Keyboard: every Tab stop is visible, and stops come in the order of the text.
await open({ viewport: { width: 1000, height: 844 } }, async (page) => {
  const stops = await page.evaluate(() => [...document.querySelectorAll("a[href], button, input, [tabindex]")]
    .filter((element) => element.tabIndex >= 0).length);
  let hidden = 0, outlined = 0;
  for (let i = 0; i < stops; i++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
      return { visible: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight, outline: style.outlineStyle };
    });
    hidden += !seen.visible;
    outlined += seen.outline !== "none";
  }
  Object.assign(figures, { tabStops: stops, hiddenTabStops: hidden });
  goal(!hidden, `${hidden} Tab stops out of sight`);
  goal(outlined === stops, `${stops - outlined} Tab stops without an outline`);
});

const paints = [];
for (let i = 0; i < 5; i++)
  await open({ bypassCSP: false, viewport: { width: 1280, height: 900 } }, async (page) => {
    paints.push(await page.evaluate(() => new Promise((done) => new PerformanceObserver((list) =>
      list.getEntriesByName("first-contentful-paint").forEach((entry) => done(entry.startTime)))
      .observe({ type: "paint", buffered: true }))));
  });
figures.firstPaintMs = Math.round(paints.sort((a, b) => a - b)[2]);
goal(figures.firstPaintMs <= 1000, `first paint after ${figures.firstPaintMs} ms`);

await open({ viewport: { width: 794, height: 1123 } }, async (page) => {
  await page.emulateMedia({ media: "print" });
  for (const [format, width] of [["A4", 794 - 121], ["Letter", 816 - 121]]) {
    await page.setViewportSize({ width, height: 1000 });
    const clipped = await page.evaluate((limit) => [...document.querySelectorAll("table, svg, math, img, pre")]
      .filter((element) => element.getBoundingClientRect().right > limit + 1).map((e) => e.closest("[id]")?.id), width);
    const pdf = await page.pdf({ format, path: folder && `${folder}/${format}.pdf`, preferCSSPageSize: false });
    figures[`pages${format}`] = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    goal(!clipped.length, `clipped on ${format}: ${clipped.slice(0, 8)}`);
  }
});

figures.bytes = readFileSync(report).length;
goal(figures.bytes <= 1_500_000, `${figures.bytes} bytes`);
await browser.close();
console.log(JSON.stringify({ ...figures, missed }, null, 1));
process.exit(missed.length ? 1 : 0);
