// Measures a report in headless Chromium, what only that can tell, and prints what it finds as JSON; use.mjs has the rest,
// and the tests beside it set the goals.
// node measure.mjs REPORT.html FOLDER (where A4.pdf and Letter.pdf are written)
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { HtmlValidate } from "html-validate";
import { address, launched, opened } from "./browsers.mjs";

const [report, folder] = process.argv.slice(2);
const url = address(report);
const html = readFileSync(report, "utf8");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await launched("chromium");
const open = (options, look) => opened(browser, url, options, look);
const found = { bytes: Buffer.byteLength(html) };

const { results } = await new HtmlValidate({ root: true, extends: ["html-validate:standard"] }).validateString(html);
found.invalid = results.flatMap(({ messages }) => messages).map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`);

found.axe = [];
for (const colorScheme of ["light", "dark"])
  for (const width of [1280, 390])
    for (const script of [true, false])
      await open({ width, colorScheme, bypassCSP: true, javaScriptEnabled: script }, async (page) => {
        let checked = page;
        if (!script) {
          // axe itself is a script, so it looks at the page as that is without any, in a context that allows one.
          const content = (await page.content()).replace(/<script>[^]*<\/script>/, "");
          checked = await (await browser.newContext({ viewport: { width, height: 844 }, colorScheme, bypassCSP: true })).newPage();
          await checked.setContent(content);
        }
        await checked.evaluate(axe);
        for (const { id, nodes } of (await checked.evaluate(() => window.axe.run())).violations)
          found.axe.push(`${colorScheme}, ${width} px, ${script ? "with" : "without"} script: ${id} ${nodes[0].target}`);
        if (!script) await checked.context().close();
      });

await open({ width: 1280 }, async (page, requests, complaints) => {
  // Opens everything and saves a program, so that the policy has its say on that too.
  for (const summary of await page.locator("summary").all()) await summary.click();
  if (await page.locator("a[download$='.py']").count()) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a[download$='.py']").first().click()]);
    found.saved = readFileSync(await download.path(), "utf8");
  }
  Object.assign(found, await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    const links = [...document.querySelectorAll("[href^='#']")].map((a) => a.getAttribute("href").slice(1));
    const named = (element, name) => element.getAttribute(name)?.split(" ").every((id) => document.getElementById(id)?.textContent.trim());
    return {
      elements: document.querySelectorAll("*").length,
      repeatedIds: ids.filter((id, i) => ids.indexOf(id) !== i),
      deadLinks: links.filter((id) => !document.getElementById(id)),
      unnamed: [...document.querySelectorAll("svg")].filter((svg) => !named(svg, "aria-labelledby") ||
        !svg.querySelector(":scope > title") || !svg.querySelector(":scope > desc")).map((svg) => svg.closest("[id]")?.id)
        .concat([...document.images].filter((image) => !image.alt).map((image) => image.closest("[id]").id)),
      mathFont: document.fonts.check("16px 'STIX Two Math'"),
    };
  }));
  found.requests = requests.filter((asked) => asked !== url && !asked.startsWith("data:"));
  found.complaints = complaints;
});

// Without scrolling: what stands in the first screen.
found.firstScreen = {};
for (const [width, height] of [[1280, 800], [390, 844]])
  await open({ width, height }, async (page) => {
    found.firstScreen[width] = await page.evaluate(() => ["h1", ".lead", ".counts", ".ways", ".cards h3"].filter((part) => {
      const box = document.querySelector(part)?.getBoundingClientRect();
      return box && box.bottom <= innerHeight && box.right <= innerWidth;
    }));
  });

found.clipped = [];
await open({ width: 794 }, async (page) => {
  await page.emulateMedia({ media: "print" });
  for (const [format, width] of [["A4", 794], ["Letter", 816]]) {
    const inside = width - 121; // less two margins of 16 mm
    await page.setViewportSize({ width: inside, height: 1000 });
    found.clipped.push(...await page.evaluate(([format, limit]) => [...document.querySelectorAll("table, svg, math, img, pre")]
      .filter((element) => element.getBoundingClientRect().right > limit + 1)
      .map((element) => `${format}: ${element.tagName} in ${element.closest("[id]")?.id}`), [format, inside]));
    await page.pdf({ format, path: join(folder, `${format}.pdf`) });
  }
  found.headings = await page.evaluate(() => [...document.querySelectorAll("h1, h2, h3, h4")]
    .filter((heading) => heading.checkVisibility()).map((heading) => heading.innerText));
  found.captions = await page.evaluate(() => [...document.querySelectorAll("figcaption")].map((caption) => {
    const copy = caption.cloneNode(true);
    copy.querySelectorAll("math").forEach((math) => math.replaceWith("\n")); // formulas come out in another order
    copy.querySelector(".csv")?.remove();
    return copy.textContent;
  }));
  found.chapters = await page.evaluate(() => [...document.querySelectorAll("h2")].map((heading) => heading.innerText));
  found.contents = await page.evaluate(() => [...document.querySelectorAll(".contents a")].map((link) => link.innerText));
  found.programs = await page.evaluate(() => [...document.querySelectorAll("details pre")].map((pre) => pre.textContent));
  found.ledger = await page.evaluate(() => [...document.querySelectorAll("#tab-ledger td:last-child > [data-p]")].map((says) => says.innerText));
  found.claims = await page.evaluate(() => [...document.querySelectorAll(".claim .says")].map((says) => says.innerText));
});

await browser.close();
console.log(JSON.stringify(found));
