// A gateway of an unpacked distribution as a child process, on one port and one state folder through all its lives.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A free port below the ephemeral range, so that no outgoing connection takes it while the gateway restarts. */
export async function freePort() {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 12000);
    const server = createServer();
    const free = await new Promise(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) {
      return port;
    }
  }
}

export class Gateway {
  #child;
  #exited;

  /** @param config what is in its configuration file; none without it */
  static async on(home, config) {
    const gateway = new Gateway();
    gateway.home = home;
    gateway.port = await freePort();
    gateway.url = `ws://127.0.0.1:${gateway.port}`;
    gateway.state = mkdtempSync(join(tmpdir(), 'chela-interop-'));
    gateway.log = '';
    if (config) {
      writeFileSync(join(gateway.state, 'chela.yaml'), JSON.stringify(config), { mode: 0o600 });
    }
    return gateway;
  }

  get token() {
    return readFileSync(join(this.state, 'gateway.token'), 'utf8').trim();
  }

  /** Resolves with the line that says where it listens. */
  async start() {
    const environment = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(CHELA|OPENCLAW|OPENAI)_/.test(name) || name === 'CHELA_JAVA_HOME'));
    const args = ['gateway', 'run', '--port', String(this.port), '--state-dir', this.state];
    this.#child = spawn(join(this.home, 'bin', 'chela'), args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => signal ?? code);
    this.#child.stderr.on('data', text => this.log += text);
    return await new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('the gateway said nothing for 30 s')), 30_000);
      createInterface({ input: this.#child.stdout }).on('line', line => {
        this.log += line + '\n';
        if (line.includes('listens on')) {
          clearTimeout(deadline);
          resolve(line);
        }
      });
      this.#exited.then(how => reject(new Error(`the gateway ended with ${how}`)));
    });
  }

  /** Sends a signal and resolves with the exit code, or the signal that ended the process. */
  async end(signal) {
    this.#child.kill(signal);
    return await this.#exited;
  }

  async discard() {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      await this.end('SIGKILL');
    }
    rmSync(this.state, { recursive: true, force: true });
  }
}
