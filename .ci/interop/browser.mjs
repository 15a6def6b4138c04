// Headless Chromium, used as a person uses it: looks at what is visible, clicks and types. Spoken to by its own protocol.
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** How often a page is looked at while something is awaited. */
const LOOK = 50;

function program() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // the next name, then
    }
  }
  throw new Error('Chromium is needed (on Debian: apt-get install chromium)');
}

export class Browser {
  #child;
  #socket;
  #calls = new Map();
  #pages = new Map();
  #count = 0;

  static async launch() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'chela-browser-'));
    // No sandbox: CI is root in a container, and the only page it opens is one it brought itself.
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-extensions', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--hide-scrollbars', '--lang=en-US', '--remote-debugging-port=0', `--user-data-dir=${browser.profile}`, 'about:blank'];
    browser.#child = spawn(program(), options, { stdio: ['ignore', 'ignore', 'pipe'] });
    const address = await new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('Chromium said nothing for 60 s')), 60_000);
      browser.#child.once('exit', code => reject(new Error(`Chromium ended with ${code}`)));
      createInterface({ input: browser.#child.stderr }).on('line', line => {
        const found = /DevTools listening on (\S+)/.exec(line);
        if (found) {
          clearTimeout(deadline);
          resolve(found[1]);
        }
      });
    });
    browser.#socket = new WebSocket(address);
    browser.#socket.addEventListener('message', message => browser.#receive(JSON.parse(message.data)));
    await once(browser.#socket, 'open');
    return browser;
  }

  #receive(message) {
    if (message.id === undefined) {
      this.#pages.get(message.sessionId)?.told(message);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error) {
      call.reject(new Error(`${call.method}: ${message.error.message}`));
    } else {
      call.resolve(message.result);
    }
  }

  async ask(method, params = {}, sessionId) {
    const id = ++this.#count;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return await new Promise((resolve, reject) => this.#calls.set(id, { method, resolve, reject }));
  }

  /** A new window of a person who was never here before. */
  async page() {
    const { browserContextId } = await this.ask('Target.createBrowserContext');
    const { targetId } = await this.ask('Target.createTarget',
        { url: 'about:blank', browserContextId, width: 1400, height: 900 });
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, sessionId);
    this.#pages.set(sessionId, page);
    await page.prepare();
    return page;
  }

  async close() {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What runs in the page: all that is visible there, through the shadow roots of its components too. */
const EYES = `(() => {
  const children = node => node.shadowRoot ? node.shadowRoot.childNodes
      : node instanceof HTMLSlotElement && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
  const visible = element => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      || getComputedStyle(element).display === 'contents';
  const walk = function* (node) {
    for (const child of children(node)) {
      if (child instanceof Element) {
        yield child;
        yield* walk(child);
      }
    }
  };
  const text = node => {
    if (node.nodeType === Node.TEXT_NODE) {
      return node.textContent;
    } else if (!(node instanceof Element) || /^(SCRIPT|STYLE|TEMPLATE|NOSCRIPT)$/.test(node.tagName) || !visible(node)) {
      return '';
    } else if (node instanceof HTMLTextAreaElement || node instanceof HTMLInputElement) {
      return '';
    }
    const display = getComputedStyle(node).display;
    const inner = [...children(node)].map(text).join('');
    return display.startsWith('inline') || display === 'contents' ? inner : '\\n' + inner + '\\n';
  };
  const name = element => (element.getAttribute('aria-label') || element.getAttribute('title')
      || element.getAttribute('placeholder') || text(element)).replace(/\\s+/g, ' ').trim();
  globalThis.eyes = {
    text: selector => [...walk(document.documentElement)]
        .filter(element => selector ? element.matches(selector) : element === document.body)
        .map(text).join('\\n').replace(/[ \\t]+/g, ' ').replace(/ ?\\n[\\s]*/g, '\\n').trim(),
    find: (selector, pattern) => [...walk(document.documentElement)].filter(element => element.matches(selector)
        && visible(element) && !element.disabled && (!pattern || new RegExp(pattern).test(name(element)))),
    name,
  };
})()`;

export class Page {
  /** What the page wrote to its console, and what it threw. */
  console = [];
  /** The methods whose calls the gateway refused, with its words. */
  refused = new Map();
  /** How often each method was called. */
  called = new Map();
  #asked = new Map();
  #browser;
  #session;

  constructor(browser, session) {
    this.#browser = browser;
    this.#session = session;
  }

  async prepare() {
    await this.#ask('Page.enable');
    await this.#ask('Runtime.enable');
    await this.#ask('Network.enable');
    await this.#ask('Emulation.setDeviceMetricsOverride', { width: 1400, height: 900, deviceScaleFactor: 1, mobile: false });
    await this.#ask('Page.addScriptToEvaluateOnNewDocument', { source: EYES });
  }

  told({ method, params }) {
    if (method === 'Runtime.consoleAPICalled') {
      this.console.push(`${params.type}: ${params.args.map(arg => arg.value ?? arg.description ?? arg.type).join(' ')}`);
    } else if (method === 'Runtime.exceptionThrown') {
      const { text, exception } = params.exceptionDetails;
      this.console.push(`thrown: ${exception?.description ?? text}`);
    } else if (method === 'Page.javascriptDialogOpening') {
      // A person who presses "delete" means it.
      this.#ask('Page.handleJavaScriptDialog', { accept: true });
    } else if (method === 'Network.webSocketFrameSent') {
      this.#sent(JSON.parse(params.response.payloadData));
    } else if (method === 'Network.webSocketFrameReceived') {
      this.#received(JSON.parse(params.response.payloadData));
    }
  }

  #sent(frame) {
    this.#asked.set(frame.id, frame.method);
    this.called.set(frame.method, (this.called.get(frame.method) ?? 0) + 1);
  }

  #received(frame) {
    if (frame.type === 'res' && !frame.ok) {
      this.refused.set(this.#asked.get(frame.id), frame.error.message);
    }
  }

  async #ask(method, params) {
    return await this.#browser.ask(method, params, this.#session);
  }

  async open(url) {
    await this.#ask('Page.navigate', { url });
  }

  async reload() {
    await this.#ask('Page.reload');
  }

  async evaluate(body, ...args) {
    const expression = `(${body})(...${JSON.stringify(args)})`;
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate',
        { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Everything that can be read on the page, or in the elements of a selector. */
  async text(selector) {
    return await this.evaluate(wanted => globalThis.eyes?.text(wanted) ?? '', selector ?? '');
  }

  /** Waits until `condition` holds for what can be read. */
  async until(what, condition, { selector, ms = 20_000 } = {}) {
    const deadline = Date.now() + ms;
    for (;;) {
      // A page that is just being replaced has nothing to say.
      const seen = await this.text(selector).catch(() => '');
      if (condition(seen)) {
        return seen;
      } else if (Date.now() > deadline) {
        throw new Error(`waited ${ms} ms for ${what}; the page shows:\n${await this.text().catch(String)}`);
      }
      await pause(LOOK);
    }
  }

  async shows(pattern, options) {
    return await this.until(`/${pattern.source}/`, seen => pattern.test(seen), options);
  }

  /** The place of the first thing that can be clicked under this name, once it is there and stands still. */
  async #place(selector, pattern, ms) {
    const deadline = Date.now() + ms;
    for (let before = ''; ;) {
      const found = await this.evaluate((wanted, name) => {
        const element = globalThis.eyes?.find(wanted, name)[0];
        element?.scrollIntoView({ block: 'nearest' });
        const box = element?.getBoundingClientRect();
        // Where the name begins: on what is behind it, other buttons may appear under the pointer.
        return box && box.width > 0 ? { x: box.x + Math.min(box.width / 2, 20), y: box.y + box.height / 2 } : null;
      }, selector, pattern?.source ?? '').catch(() => null);
      if (found && before === JSON.stringify(found)) {
        return found;
      } else if (Date.now() > deadline) {
        throw new Error(`nothing to click: ${selector} ${pattern ?? ''}; the page shows:\n${await this.text().catch(String)}`);
      }
      before = JSON.stringify(found);
      await pause(LOOK);
    }
  }

  async has(selector, pattern) {
    return await this.evaluate((wanted, name) => (globalThis.eyes?.find(wanted, name).length ?? 0) > 0,
        selector, pattern?.source ?? '').catch(() => false);
  }

  async gone(selector, pattern, ms = 20_000) {
    const deadline = Date.now() + ms;
    while (await this.has(selector, pattern)) {
      if (Date.now() > deadline) {
        throw new Error(`waited ${ms} ms for ${selector} ${pattern} to go away`);
      }
      await pause(LOOK);
    }
  }

  async click(selector, pattern, ms = 20_000) {
    const { x, y } = await this.#place(selector, pattern, ms);
    await this.#ask('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.#ask('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }
  }

  async type(text) {
    await this.#ask('Input.insertText', { text });
  }

  async press(key, code = key, keyCode = 0) {
    const stroke = { key, code, windowsVirtualKeyCode: keyCode, text: key === 'Enter' ? '\r' : undefined };
    await this.#ask('Input.dispatchKeyEvent', { type: 'keyDown', ...stroke });
    await this.#ask('Input.dispatchKeyEvent', { type: 'keyUp', ...stroke, text: undefined });
  }

  async screenshot(file) {
    const { data } = await this.#ask('Page.captureScreenshot', { format: 'png' });
    writeFileSync(file, Buffer.from(data, 'base64'));
  }
}
