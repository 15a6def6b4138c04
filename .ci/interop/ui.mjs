// Proves that a person in OpenClaw's Control UI, of either release, can work with a distribution of Chela.
// Arguments: the distribution, where the screenshots are kept, and VERSION=FOLDER for each release's pages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Browser } from './browser.mjs';
import { Gateway } from './gateway.mjs';
import { Model } from './model.mjs';
import { Pages } from './pages.mjs';
import { Stories } from './story.mjs';

const [home, output, ...releases] = process.argv.slice(2);
const TOKEN = 'interop-token-0123456789';
/** What no page may show. */
const TROUBLE = /unknown method|invalid \S+ params|disconnected|unreachable|undefined|NaN|Invalid Date|\[object/;
/** What Chela does not have yet, and the pages do without. */
const NOT_YET = new RegExp('^(cron|exec|plugin|openclaw|update|talk|tasks|progressCard|board|projects|skills|environments'
    + '|diagnostics|sessions\\.(observer|branches|companion|groups|catalog|viewers)|artifacts|taskSuggestions)\\.');

/** One person's work with one release. */
class Work {
  constructor(version, folder) {
    this.version = version;
    this.folder = folder;
  }

  async begin(browser) {
    this.model = await Model.start();
    this.pages = await Pages.serve(this.folder);
    const controlUi = { allowedOrigins: [this.pages.origin] };
    this.gateway = await Gateway.on(home,
        { gateway: { auth: { mode: 'token', token: TOKEN }, controlUi }, ...this.model.config() });
    await this.gateway.start();
    this.page = await browser.page();
  }

  /** Opens the link that names gateway and token, and trusts it, as the page asks. */
  async connect() {
    await this.page.open(`${this.pages.origin}/#token=${TOKEN}&gatewayUrl=${encodeURIComponent(this.gateway.url)}`);
    await this.page.click('button', /^(Confirm|Switch to)/);
  }

  async go(path) {
    await this.page.open(this.pages.origin + path);
  }

  async say(message) {
    await this.page.click('textarea');
    await this.page.type(message);
    await this.page.press('Enter', 'Enter', 13);
  }

  /** Keeps a screenshot of the page, which must show no trouble. */
  async keep(name) {
    await this.page.screenshot(join(output, `ui-${this.version}-${name}.png`));
    const text = await this.page.text();
    assert.doesNotMatch(text, TROUBLE, `${name}: this is on the page:\n${text}`);
    return text;
  }

  /** What the gateway refused must be what it does not have, never what it has. */
  judge() {
    for (const [method, words] of this.page.refused) {
      assert.equal(words, `unknown method: ${method}`);
      assert.match(method, NOT_YET);
    }
    assert.deepEqual(this.page.console.filter(line => /^(thrown|error):/.test(line)), []);
  }

  async look() {
    await this.page.screenshot(join(output, `ui-${this.version}-FAILED.png`));
    return [`The page, also in ui-${this.version}-FAILED.png:`, await this.page.text(),
      'Its console:', ...this.page.console.slice(-20), 'Refused:', ...[...this.page.refused.values()],
      'The gateway\'s last words:', ...this.gateway.log.split('\n').slice(-20)].join('\n');
  }

  async end() {
    await this.gateway?.discard();
    this.pages?.close();
    this.model?.close();
  }
}

async function talk(work, step) {
  await step('a page of an allowed origin connects with the token', async () => {
    await work.connect();
    await work.page.shows(/Health\nOK|Connected/);
    await work.keep('connected');
  });
  await step('a message is answered', async () => {
    await work.say('hello parrot');
    await work.page.shows(/You said: hello parrot/);
    await work.keep('answered');
  });
  await step('an answer streams in, and a press on stop ends it', async () => {
    await work.say('please count');
    await work.page.shows(/number-3\b/);
    await work.keep('streaming');
    await work.page.click('button', /^Stop/);
    await work.model.until('the model is no longer asked', () => work.model.stopped === 1);
    await work.page.gone('button', /^Stop/);
    await work.keep('stopped');
  });
}

async function restart(work, step) {
  await step('after a restart of the gateway the page comes back by itself', async () => {
    assert.equal(await work.gateway.end('SIGTERM'), 0);
    await work.page.shows(/Offline|disconnected|Reconnecting|Connecting/i);
    await work.gateway.start();
    await work.page.until('no trouble', text => /Health\nOK|Connected/.test(text) && !TROUBLE.test(text), { ms: 40_000 });
    await work.keep('back');
  });
  await step('and when it is loaded again the history is there, with what was stopped', async () => {
    await work.page.reload();
    await work.page.shows(/hello parrot[\s\S]*You said: hello parrot[\s\S]*please count[\s\S]*number-1/);
    await work.keep('history');
  });
}

/** The pages of the families that Chela has. */
async function tour(work, step, places) {
  for (const [name, open, pattern] of places) {
    await step(`the page ${name} has its content`, async () => {
      await open();
      await work.page.shows(pattern);
      await work.keep(name);
    });
  }
  await step('nothing was refused that Chela has, and no page threw', () => work.judge());
}

async function protocol3(work, step) {
  const { page } = work;
  await talk(work, step);
  await step('another session begins empty', async () => {
    await work.go('/chat?session=agent:main:second');
    await page.until('the other, empty session', text => /Health\nOK/.test(text) && !/hello parrot/.test(text));
    await work.say('another matter');
    await page.shows(/You said: another matter/);
    await work.keep('second');
  });
  await step('the sessions list shows both, and one can be opened there', async () => {
    await page.click('a', /^Sessions/);
    await page.shows(/agent:main:second\n[\s\S]*18 \/ 32000[\s\S]*agent:main:main\n[\s\S]*18 \/ 32000/);
    await work.keep('sessions');
    await page.click('a', /^agent:main:main$/);
    await page.shows(/You said: hello parrot/);
    assert.doesNotMatch(await work.keep('switched'), /another matter/);
  });
  await restart(work, step);
  await step('"New session" begins anew', async () => {
    await page.click('button', /^New session/);
    await page.until('an empty chat', text => !/hello parrot/.test(text));
    await work.say('a fresh start');
    await page.shows(/You said: a fresh start/);
    assert.doesNotMatch(await work.keep('new'), /hello parrot/);
  });
  const tab = name => () => page.click('a', new RegExp(`^${name}`));
  await tour(work, step, [
    ['Instances', tab('Instances'), /openclaw-control-ui webchat[\s\S]*just now|\ds ago/],
    ['Usage', async () => {
      await tab('Usage')();
      await page.click('button', /^Refresh$/);
    }, /agent:main:second/],
    ['Agents', tab('Agents'), /Primary Model\s+local\/parrot/],
    ['Logs', tab('Logs'), /listening on ws:/],
  ]);
}

async function protocol4(work, step) {
  const { page } = work;
  await talk(work, step);
  await step('a new conversation is a session of its own', async () => {
    await page.click('a', /^New conversation/);
    await page.shows(/What should this session work on\?/);
    await work.say('another matter');
    await page.shows(/You said: another matter/);
    assert.doesNotMatch(await work.keep('second'), /hello parrot/);
  });
  await step('the list of sessions switches between them', async () => {
    await page.click('a', /^Home/);
    await page.shows(/You said: hello parrot/);
    await work.keep('switched');
    await page.click('a', /^another matter/);
    await page.shows(/You said: another matter/);
    await page.click('a', /^Home/);
    await page.shows(/You said: hello parrot/);
  });
  await restart(work, step);
  await step('/reset begins anew', async () => {
    await work.say('/reset');
    await page.until('an empty chat', text => !/You said: hello parrot/.test(text));
    await work.say('a fresh start');
    await page.shows(/You said: a fresh start/);
    assert.doesNotMatch(await work.keep('reset'), /You said: hello parrot/);
  });
  const place = path => () => work.go(path);
  await tour(work, step, [
    ['sessions', place('/sessions'), /agent:main:main[\s\S]*18 \/ 32k[\s\S]*18 \/ 32k/],
    ['agents', place('/agents'), /Assistant\nlocal\/parrot/],
    ['activity', place('/activity'), /another matter/],
    ['dashboards', place('/dashboards'), /No dashboards/],
    ['usage', place('/usage'), /another matter/],
    ['logs', place('/logs'), /gateway\nlistening on ws:/],
  ]);
}

const stories = new Stories();
const browser = await Browser.launch();
for (const release of releases) {
  const [version, folder] = release.split('=');
  const work = new Work(version, folder);
  await stories.tell(`UI ${version}`, async step => {
    await work.begin(browser);
    await (version.startsWith('2026.2') ? protocol3 : protocol4)(work, step);
  }, () => work.look());
  await work.end();
}
await browser.close();
process.exit(stories.end());
