// Opens a page in a browser that is on the machine: Chromium, or Firefox, which is driven over WebDriver BiDi.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, firefox } from "playwright-core";

const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export const address = (file) => pathToFileURL(resolve(file)).href;

export const launched = (engine) => engine === "firefox"
  ? firefox.launch({ channel: "moz-firefox", executablePath: process.env.FIREFOX })
  : chromium.launch({ executablePath: process.env.CHROMIUM, args: quiet });

// Opens a page in a context of its own; `look` gets it, and what it asked for and complained about.
export async function opened(browser, url, { width, height = 844, ...options }, look) {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const requests = [], complaints = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await look(page, requests, complaints);
  await context.close();
}
