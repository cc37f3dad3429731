// What somebody can do with a page: node operate.mjs CHROMIUM FILE… uses the copy buttons
// with the mouse and with the clipboard interface gone, types into the filter, and goes
// through the page by keyboard alone. It prints one line of JSON a file.
import puppeteer from 'puppeteer-core';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [chromium, ...files] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'], protocolTimeout: 240000 });

// opened gives a page; without the clipboard interface where that is asked for.
async function opened(file, said, bare) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  page.on('console', (m) => said.console.push(m.text()));
  page.on('pageerror', (e) => said.console.push(String(e)));
  if (bare) await page.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load', timeout: 120000 });
  await page.bringToFront();
  return page;
}

// pasted is what the clipboard holds, seen by pasting it.
async function pasted(page) {
  await page.evaluate(() => {
    const t = document.createElement('textarea');
    t.id = 'pasted';
    t.style.position = 'fixed';
    t.style.top = '0';
    document.body.appendChild(t);
    t.focus();
  });
  await page.keyboard.down('Control');
  await page.keyboard.press('KeyV');
  await page.keyboard.up('Control');
  return page.evaluate(() => {
    const t = document.getElementById('pasted'), text = t.value;
    t.remove();
    return text;
  });
}

async function copies(file, said, bare) {
  const page = await opened(file, said, bare);
  for (const b of await page.$$('button[data-copy]')) {
    const want = await b.evaluate((e) => document.getElementById(e.getAttribute('data-copy')).textContent.trim());
    await b.evaluate((e) => e.scrollIntoView({ block: 'center' }));
    await b.click();
    await page.waitForFunction((e) => e.textContent === 'Copied', { timeout: 30000 }, b).catch(() => {});
    const label = await b.evaluate((e) => e.textContent);
    const got = await pasted(page);
    if (label !== 'Copied' || got.trim() !== want || want === '') said.copy.push({ bare, label, got: got.slice(0, 200), want: want.slice(0, 200) });
    said.copied++;
  }
  await page.close();
}

async function filters(file, said) {
  const page = await opened(file, said, false);
  for (const input of await page.$$('input[data-filter]')) {
    const shown = () => page.$$eval('details.path', (list) => list.filter((d) => d.offsetParent !== null).length);
    const texts = await page.$$eval('details.path', (list) => list.map((d) => d.querySelector('summary').textContent.toLowerCase()));
    await input.focus();
    for (const words of ['AMQP', 'amqp direct', 'no such path']) {
      await page.keyboard.down('Control');
      await page.keyboard.press('KeyA');
      await page.keyboard.up('Control');
      await page.keyboard.type(words);
      const want = texts.filter((t) => words.toLowerCase().split(' ').every((w) => t.includes(w))).length;
      const told = await page.$eval('#shown', (e) => e.textContent);
      if (await shown() !== want || told !== `${want} shown`) said.filter.push({ words, shown: await shown(), told, want });
    }
    for (let i = 0; i < 'no such path'.length; i++) await page.keyboard.press('Backspace');
    if (await shown() !== texts.length) said.filter.push({ words: '', shown: await shown(), want: texts.length });
    said.filtered++;
  }
  await page.close();
}

// keyboard goes through all that can be used, by Tab alone.
async function keyboard(file, said) {
  const page = await opened(file, said, false);
  const all = await page.$$eval('a[href], button, input, summary', (list) => list.filter((e) => e.offsetParent !== null).map((e, i) => { e.dataset.seen = i; return e.outerHTML.slice(0, 80); }));
  const reached = new Set();
  for (let i = 0; i < all.length + 5 && reached.size < all.length; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
      return { seen: e.dataset.seen, marked: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none',
        visible: box.bottom > 0 && box.top < window.innerHeight, html: e.outerHTML.slice(0, 80), tag: e.tagName };
    });
    if (at.seen === undefined) continue;
    reached.add(at.seen);
    if (!at.marked || !at.visible) said.keyboard.push(`${at.marked ? 'out of sight' : 'no mark'}: ${at.html}`);
    if (at.tag === 'SUMMARY') {
      const before = await page.evaluate(() => document.activeElement.parentNode.open);
      await page.keyboard.press('Enter');
      if (await page.evaluate(() => document.activeElement.parentNode.open) === before) said.keyboard.push(`Enter does nothing: ${at.html}`);
      await page.keyboard.press('Enter'); // as it was, so that Tab goes on where it would
    }
  }
  all.forEach((html, i) => { if (!reached.has(String(i))) said.keyboard.push(`not reached: ${html}`); });
  said.reached = reached.size;
  for (const cell of await page.$$('a.cell')) {
    await cell.focus();
    await page.keyboard.press('Enter');
    const open = await cell.evaluate((a) => { const e = document.getElementById(a.getAttribute('href').slice(1)); return e !== null && e.parentNode.open && e.getBoundingClientRect().top < window.innerHeight; });
    if (!open) said.keyboard.push(`the cell leads nowhere: ${await cell.evaluate((a) => a.outerHTML.slice(0, 120))}`);
    said.cells++;
  }
  await page.close();
}

for (const file of files) {
  const said = { file: path.basename(file), console: [], copy: [], filter: [], keyboard: [], copied: 0, filtered: 0, reached: 0, cells: 0 };
  await copies(file, said, false);
  await copies(file, said, true);
  await filters(file, said);
  await keyboard(file, said);
  console.log(JSON.stringify(said));
}
await browser.close();
