// Proves that a person at OpenClaw's terminal UI, of either release, can work with a distribution of Chela.
// Arguments: the distribution, where the screens are kept, and VERSION=FOLDER for each release.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Gateway } from './gateway.mjs';
import { Model } from './model.mjs';
import { Stories } from './story.mjs';
import { Terminal } from './terminal.mjs';

const [home, output, ...releases] = process.argv.slice(2);
const TOKEN = 'interop-token-0123456789';
/** What no screen may show. */
const TROUBLE = /unknown method|invalid .* params|failed|error|undefined|NaN|\[object/i;

/** One person's work with one release. */
class Work {
  constructor(version, folder) {
    this.version = version;
    this.folder = folder;
    this.log = join(output, `tui-${version}.log`);
    this.person = mkdtempSync(join(tmpdir(), 'chela-person-'));
    writeFileSync(this.log, '');
  }

  async begin() {
    this.model = await Model.start();
    this.gateway = await Gateway.on(home, { gateway: { auth: { mode: 'token', token: TOKEN } }, ...this.model.config() });
    await this.gateway.start();
  }

  async open() {
    this.terminal = new Terminal([process.execPath, join(this.folder, 'openclaw.mjs'), 'tui', '--url', this.gateway.url,
      '--token', TOKEN], { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: this.person,
      OPENCLAW_STATE_DIR: join(this.person, 'state'), NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' });
    await this.terminal.shows(/connected \| idle/, 60_000);
  }

  async quit() {
    await this.terminal.enter('/quit');
    assert.equal(await this.terminal.ended(), 0);
    this.terminal.close();
  }

  /** Keeps the screen, which must show no trouble. */
  keep(name, screen = this.terminal.screen()) {
    appendFileSync(this.log, `==== ${name}\n${screen}\n\n`);
    assert.doesNotMatch(screen, TROUBLE, `${name}: this is on the screen:\n${screen}`);
    return screen;
  }

  look() {
    const screen = this.terminal ? this.terminal.screen() : '(no terminal yet)';
    return `The screen:\n${screen}\nThe gateway's last words:\n${this.gateway?.log.split('\n').slice(-20).join('\n')}`;
  }

  async end() {
    this.terminal?.close();
    await this.gateway?.discard();
    this.model?.close();
    rmSync(this.person, { recursive: true, force: true });
  }
}

async function talk(work, step) {
  await step('it connects and shows the main session', async () => {
    await work.open();
    assert.match(work.keep('connected'), /session agent:main:main/);
  });
  await step('a message is answered', async () => {
    await work.terminal.enter('hello parrot');
    const screen = await work.terminal.shows(/You said: hello parrot[\s\S]*connected \| idle/);
    assert.equal(screen.match(/You said/g).length, 1);
    await work.terminal.shows(/parrot.*tokens 18\/32k/);
    work.keep('answered');
  });
  await step('an answer streams in, and Escape stops it', async () => {
    await work.terminal.enter('please count');
    await work.terminal.shows(/number-3/);
    work.keep('streaming');
    work.terminal.press('Escape');
    await work.terminal.shows(/run aborted/);
    await work.terminal.shows(/connected \| (idle|aborted)/);
    await work.model.until('the model is no longer asked', () => work.model.stopped === 1);
    work.keep('stopped');
  });
}

async function sessions(work, step) {
  await step('another session begins empty', async () => {
    await work.terminal.enter('/session second');
    await work.terminal.until('the other, empty session', screen =>
        /session agent:main:second[\s\S]*\| session second/.test(screen) && !/hello parrot/.test(screen));
    await work.terminal.enter('another matter');
    await work.terminal.shows(/You said: another matter/);
    work.keep('second');
  });
  await step('/sessions lists both with their titles and last words', async () => {
    await work.terminal.enter('/sessions');
    await work.terminal.shows(/another matter \(second\)\s.*You said: another matter/);
    await work.terminal.shows(/hello parrot \(main\)\s.*number-1/);
    work.keep('sessions');
  });
  await step('picking the other one switches back to it', async () => {
    work.terminal.press('Down');
    await work.terminal.shows(/→ hello parrot \(main\)/);
    work.terminal.press('Enter');
    await work.terminal.until('the main session alone', screen =>
        /\| session main/.test(screen) && /You said: hello parrot/.test(screen) && !/another matter/.test(screen));
    work.keep('switched');
  });
}

async function restart(work, step) {
  await step('/quit ends it', () => work.quit());
  await step('the gateway restarts', async () => {
    assert.equal(await work.gateway.end('SIGTERM'), 0);
    await work.gateway.start();
  });
  await step('the history is there again, with what was stopped', async () => {
    await work.open();
    await work.terminal.shows(/hello parrot[\s\S]*You said: hello parrot[\s\S]*please count[\s\S]*number-1/);
    work.keep('history');
  });
}

/** Last, because protocol 4's opens a new session for it, to which it comes back from then on. */
async function reset(work, step) {
  await step('/reset begins anew', async () => {
    await work.terminal.enter('/reset');
    await work.terminal.until('an empty screen', screen => !/hello parrot/.test(screen));
    await work.terminal.shows(/tokens (\?|0)\/32k/);
    await work.terminal.enter('a fresh start');
    await work.terminal.shows(/You said: a fresh start/);
    assert.doesNotMatch(work.keep('reset'), /hello parrot/);
  });
  await step('/new begins anew, too', async () => {
    await work.terminal.enter('/new');
    await work.terminal.until('an empty screen', screen => !/a fresh start/.test(screen));
    await work.terminal.enter('after it');
    await work.terminal.shows(/You said: after it/);
    assert.doesNotMatch(work.keep('new'), /a fresh start/);
  });
  await step('and /quit ends it', () => work.quit());
}

const stories = new Stories();
for (const release of releases) {
  const [version, folder] = release.split('=');
  const work = new Work(version, folder);
  await stories.tell(`TUI ${version}`, async step => {
    await work.begin();
    for (const part of [talk, sessions, restart, reset]) {
      await part(work, step);
    }
  }, async () => work.look());
  await work.end();
}
process.exit(stories.end());
