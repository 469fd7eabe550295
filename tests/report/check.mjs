// Looks at a report page in Chromium and fails when a rule of WCAG 2.2 A or AA is broken, when something stands out of the
// screen, or when the page loads anything.
//
//   node check.mjs PAGE.html SCREENSHOT-FOLDER
//
// HOMELINE_NODE_MODULES names the folder with axe-core and playwright-core, HOMELINE_CHROMIUM the browser.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.HOMELINE_NODE_MODULES, 'here.js'));
const { chromium } = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');

// 320 px wide is WCAG 1.4.10; twice the text on a phone is 1.4.4.
const views = [
  { name: 'desk', width: 1000, height: 1300, zoom: 1 },
  { name: 'phone', width: 360, height: 780, zoom: 1 },
  { name: 'narrow', width: 320, height: 640, zoom: 1 },
  { name: 'phone-large-text', width: 360, height: 780, zoom: 2 },
];
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const [page_file, folder] = process.argv.slice(2);
const url = pathToFileURL(resolve(page_file)).href;
const browser = await chromium.launch({
  executablePath: process.env.HOMELINE_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const faults = [];
try {
  for (const view of views) {
    const page = await browser.newPage({ viewport: { width: view.width, height: view.height } });
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) faults.push(`${view.name}: loads ${request.url()}`);
    });
    await page.goto(url);
    if (view.zoom !== 1) await page.addStyleTag({ content: `html { font-size: ${view.zoom * 100}% }` });
    await page.addScriptTag({ path: axe });
    const result = await page.evaluate((tags) => window.axe.run({ runOnly: { type: 'tag', values: tags } }), rules);
    if (result.passes.length < 10) faults.push(`${view.name}: axe-core looked at ${result.passes.length} rules only`);
    for (const broken of result.violations) {
      const where = broken.nodes.slice(0, 3).map((node) => node.target.join(' ')).join('; ');
      faults.push(`${view.name}: ${broken.id} (${broken.impact}): ${broken.help}: ${where}`);
    }
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (beyond > 1) faults.push(`${view.name}: ${beyond} px stand out of the screen`);
    await page.screenshot({ path: join(folder, `${view.name}.png`), fullPage: true });
    await page.close();
  }
  const paper = await browser.newPage();
  await paper.goto(url);
  await paper.pdf({ path: join(folder, 'printed.pdf'), format: 'A4' });
} finally {
  await browser.close();
}
if (faults.length > 0) {
  console.log(faults.join('\n'));
  process.exit(1);
}
console.log(`${views.length} views, no fault`);
