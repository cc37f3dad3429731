// What a markdown renderer makes of files: node markdown.mjs FILE… prints a line of
// JSON for each: the elements and links in it that edgenet itself never writes, and
// how many tables there are. HTML and bare links are allowed, as on GitHub.
import MarkdownIt from 'markdown-it';
import fs from 'node:fs';
import path from 'node:path';

const own = new Set(['h2', 'h3', 'p', 'ul', 'ol', 'li', 'strong', 'code', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'hr', 'br']);
const md = new MarkdownIt({ html: true, linkify: true });
for (const file of process.argv.slice(2)) {
  const html = md.render(fs.readFileSync(file, 'utf8'));
  const foreign = [...html.matchAll(/<\/?([a-zA-Z][\w-]*)([^>]*)>/g)].filter((m) => !own.has(m[1].toLowerCase())).map((m) => m[0]);
  console.log(JSON.stringify({ file: path.basename(file), foreign: [...new Set(foreign)], tables: (html.match(/<table>/g) ?? []).length }));
}
