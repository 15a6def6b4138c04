// A program in a terminal of its own, used as a person uses it: reads the screen and presses keys. The terminal is tmux.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How often the screen is looked at while something is awaited. */
const LOOK = 100;

export class Terminal {
  #folder = mkdtempSync(join(tmpdir(), 'chela-terminal-'));

  /** Starts a command line with exactly these variables in its environment. */
  constructor(command, environment) {
    const variables = Object.entries({ TERM: 'screen-256color', LANG: 'C.UTF-8', ...environment })
        .map(([name, value]) => `${name}=${value}`);
    // The screen stays when the program has ended, so that its last words can be read.
    this.#tmux('new-session', '-d', '-x', '140', '-y', '60', 'env', '-i', ...variables, ...command, ';',
        'set-option', 'remain-on-exit', 'on');
  }

  #tmux(...args) {
    return execFileSync('tmux', ['-S', join(this.#folder, 'socket'), '-f', '/dev/null', ...args],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, LANG: 'C.UTF-8' } });
  }

  screen() {
    return this.#tmux('capture-pane', '-p', '-J').split('\n').map(line => line.trimEnd()).join('\n').trimEnd();
  }

  /** Waits until `condition` holds for what is on the screen. */
  async until(what, condition, ms = 20_000) {
    const deadline = Date.now() + ms;
    for (;;) {
      const screen = this.screen();
      if (condition(screen)) {
        return screen;
      } else if (Date.now() > deadline) {
        throw new Error(`waited ${ms} ms for ${what}`);
      }
      await pause(LOOK);
    }
  }

  async shows(pattern, ms) {
    return await this.until(pattern, screen => pattern.test(screen), ms);
  }

  press(key) {
    this.#tmux('send-keys', key);
  }

  /** Types a line, and presses Enter when all of it has arrived. */
  async enter(line) {
    this.#tmux('send-keys', '-l', line);
    await this.until(`the line "${line}" between the rules`, screen => {
      const typed = screen.split(/^[─]{20,}.*$/m);
      return typed.slice(1).some(part => part.includes(line));
    });
    this.press('Enter');
  }

  /** Resolves when the program has ended, with the status it ended with. */
  async ended() {
    await this.until('the end of the program', () => this.#tmux('display', '-p', '#{pane_dead}').trim() === '1');
    return Number(this.#tmux('display', '-p', '#{pane_dead_status}').trim());
  }

  close() {
    try {
      this.#tmux('kill-server');
    } catch {
      // it is gone already
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
