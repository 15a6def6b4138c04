// A provider of OpenAI's kind whose model says what it is told to: it repeats the message, or counts until it is stopped.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** Between two numbers of a count, in milliseconds: slow enough for a person to see it and press stop. */
const BEAT = 150;
const COUNTED = 400;

export class Model {
  #server;
  /** How many counts somebody stopped before their end. */
  stopped = 0;

  static async start() {
    const model = new Model();
    model.#server = createServer((request, response) => model.#answer(request, response));
    model.#server.listen(0, '127.0.0.1');
    await once(model.#server, 'listening');
    return model;
  }

  get baseUrl() {
    return `http://127.0.0.1:${this.#server.address().port}/v1`;
  }

  /** How a gateway is told to ask this model. */
  config() {
    const parrot = { id: 'parrot', name: 'Parrot', contextWindow: 32_000, maxTokens: 4096 };
    const local = { baseUrl: this.baseUrl, apiKey: 'none', api: 'openai-completions', models: [parrot] };
    return { models: { providers: { local } }, agents: { defaults: { model: 'local/parrot' } } };
  }

  async until(what, condition, ms = 10_000) {
    const deadline = Date.now() + ms;
    while (!condition()) {
      if (Date.now() > deadline) {
        throw new Error(`waited ${ms} ms until ${what}`);
      }
      await pause(BEAT);
    }
  }

  async #answer(request, response) {
    let body = '';
    for await (const part of request) {
      body += part;
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    const { messages, model } = JSON.parse(body);
    const content = messages.findLast(message => message.role === 'user').content;
    const asked = typeof content === 'string' ? content : content.map(part => part.text ?? '').join('');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const say = (delta, reason = null, usage = undefined) => response.write(`data: ${JSON.stringify(
        { id: 'answer', object: 'chat.completion.chunk', model, choices: [{ index: 0, delta, finish_reason: reason }], usage })}\n\n`);
    say({ role: 'assistant' });
    if (/count/.test(asked)) {
      this.#count(response, say);
      return;
    }
    `You said: ${asked}`.match(/\S+\s*/g).forEach(word => say({ content: word }));
    say({}, 'stop', { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
    response.end('data: [DONE]\n\n');
  }

  #count(response, say) {
    let number = 0;
    const beat = setInterval(() => {
      say({ content: `number-${++number} ` });
      if (number === COUNTED) {
        say({}, 'stop');
        response.end('data: [DONE]\n\n');
      }
    }, BEAT);
    response.once('close', () => {
      clearInterval(beat);
      this.stopped += number < COUNTED ? 1 : 0;
    });
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
