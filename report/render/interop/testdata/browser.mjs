// What a browser and axe-core say of pages: node browser.mjs CHROMIUM SHOTS FILE…
// opens every file at phone and desktop widths, dark and light, and prints one line of
// JSON a file: requests that left it, policy violations and other console messages,
// accessibility violations, whether it is wider than the window. With SHOTS other than
// - it leaves pictures and a PDF there.
import puppeteer from 'puppeteer-core';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import fs from 'node:fs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [chromium, shots, ...files] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'], protocolTimeout: 240000 });
for (const file of files) {
  const said = { file: path.basename(file), requests: [], console: [], violations: [], wide: [], checked: 0 };
  for (const width of [360, 768, 1280]) for (const scheme of ['light', 'dark']) {
    const page = await browser.newPage();
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const own = pathToFileURL(file).href;
    page.on('request', (r) => { if (r.url().split('#')[0] !== own && !r.url().startsWith('data:')) said.requests.push(r.url()); });
    page.on('console', (m) => said.console.push(m.text()));
    page.on('pageerror', (e) => said.console.push(String(e)));
    await page.evaluateOnNewDocument(() => { window.refused = []; document.addEventListener('securitypolicyviolation', (e) => window.refused.push(e.violatedDirective + ' ' + e.blockedURI)); });
    await page.goto(own, { waitUntil: 'load', timeout: 120000 });
    if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) said.wide.push(width);
    if (shots !== '-') await page.screenshot({ path: path.join(shots, `${path.basename(file, '.html')}-${width}-${scheme}.png`), fullPage: true });
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
    if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) said.wide.push(width + ' opened');
    await page.evaluate(axe); // the debugger's way in: the page's policy does not see it
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    said.checked += found.passes.length;
    for (const v of found.violations) said.violations.push(`${width} ${scheme}: ${v.id}: ${v.nodes.map((n) => n.target + ' ' + (n.any[0]?.message ?? '')).slice(0, 3).join('; ')}`);
    said.console.push(...await page.evaluate(() => window.refused));
    if (shots !== '-' && width === 1280 && scheme === 'light') await page.pdf({ path: path.join(shots, `${path.basename(file, '.html')}.pdf`), format: 'A4' });
    await page.close();
  }
  console.log(JSON.stringify(said));
}
await browser.close();
