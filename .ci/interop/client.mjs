// Proves that the client library which OpenClaw publishes works against a distribution of Chela, unchanged.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { GatewayClient } from '@openclaw/gateway-client';
import { Gateway } from './gateway.mjs';

const MAIN = 'agent:main:main';
const METHODS = ['health', 'status', 'system-presence', 'system-event', 'last-heartbeat', 'config.get', 'channels.status',
  'agents.list', 'agent.identity.get', 'models.list', 'node.list', 'device.pair.list', 'sessions.list',
  'sessions.subscribe', 'sessions.describe', 'sessions.messages.subscribe', 'sessions.messages.unsubscribe',
  'commands.list', 'talk.mode', 'set-heartbeats', 'wake', 'chat.startup', 'chat.history', 'chat.send', 'chat.abort',
  'agent', 'agent.wait', 'logs.tail', 'hello.greet'];
const EVENTS = ['connect.challenge', 'tick', 'presence', 'health', 'chat', 'agent', 'sessions.changed', 'shutdown'];

const gateway = await Gateway.on(process.argv[2]);
const clients = [];
let passed = 0;
let failed = 0;

/** Some hundred words: the echo engine is busy with them for seconds. */
const longMessage = name => Array.from({ length: 400 }, (_, i) => `${name}${i}`).join(' ');

/** A client that remembers all it was told, and on which one can wait for something to be told. */
class Listener {
  hellos = [];
  events = [];
  closes = [];
  refusals = [];
  pauses = [];
  gaps = [];
  #waiting = [];

  constructor(options = {}) {
    const told = list => (...what) => {
      list.push(what.length === 1 ? what[0] : what);
      this.#waiting.forEach(look => look());
    };
    this.client = new GatewayClient({ url: gateway.url, token: gateway.token, onHelloOk: told(this.hellos),
      onEvent: told(this.events), onClose: told(this.closes), onConnectError: told(this.refusals),
      onReconnectPaused: told(this.pauses), onGap: told(this.gaps), ...options });
    clients.push(this.client);
    this.client.start();
  }

  async until(what, condition, ms = 20_000) {
    await new Promise((resolve, reject) => {
      const deadline = setTimeout(() => done(reject, new Error(`waited ${ms} ms for ${what}`)), ms);
      const look = () => condition() && done(resolve);
      const done = (settle, value) => {
        clearTimeout(deadline);
        this.#waiting = this.#waiting.filter(other => other !== look);
        settle(value);
      };
      this.#waiting.push(look);
      look();
    });
  }

  request(method, params = {}, options = {}) {
    return this.client.request(method, params, options);
  }

  send(message, key) {
    return this.request('chat.send', { sessionKey: MAIN, message, idempotencyKey: key });
  }

  chats(runId) {
    return this.events.filter(event => event.event === 'chat' && event.payload.runId === runId).map(event => event.payload);
  }

  async last(runId, state) {
    await this.until(`chat ${state} of ${runId}`, () => this.chats(runId).at(-1)?.state === state);
    return this.chats(runId).at(-1);
  }
}

const textOf = message => message.content.map(part => part.text).join('');

async function step(name, body) {
  try {
    await body();
    passed++;
    console.log(`ok    ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAIL  ${name}\n${e.stack ?? e}`);
  }
}

let main;

async function greetings() {
  await step('the gateway starts and says where it listens', async () => {
    assert.ok((await gateway.start()).endsWith(gateway.url));
  });
  main = new Listener();
  await step('the client connects', () => main.until('the hello', () => main.hellos.length === 1));
  await step('the hello speaks protocol 4 and tells what there is', () => {
    const hello = main.hellos[0];
    assert.equal(hello.type, 'hello-ok');
    assert.equal(hello.protocol, 4);
    assert.match(hello.server.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(METHODS.filter(method => !hello.features.methods.includes(method)), []);
    assert.deepEqual(EVENTS.filter(event => !hello.features.events.includes(event)), []);
    assert.equal(hello.snapshot.sessionDefaults.mainSessionKey, MAIN);
    assert.equal(hello.auth.role, 'operator');
    assert.ok(hello.policy.maxPayload > 0 && hello.policy.maxBufferedBytes > 0 && hello.policy.tickIntervalMs > 0);
  });
}

async function requests() {
  await step('health is well and names the bundled plugins', async () => {
    const health = await main.request('health');
    assert.equal(health.ok, true);
    assert.deepEqual(health.plugins.errors, []);
    assert.deepEqual(['echo', 'heartbeat', 'hello', 'openai'].filter(id => !health.plugins.loaded.includes(id)), []);
  });
  await step('a method out of a plugin jar answers', async () => {
    assert.deepEqual(await main.request('hello.greet', { name: 'crab' }), { text: 'Hello, crab!' });
  });
  await step('a plugin\'s method refuses what it did not declare', async () => {
    await assert.rejects(main.request('hello.greet', { name: 7 }), error =>
        error.gatewayCode === 'INVALID_REQUEST' && error.message.startsWith('invalid hello.greet params'));
  });
  await step('an unknown method is refused in the known words', async () => {
    await assert.rejects(main.request('no.such.method'), error => {
      assert.equal(error.name, 'GatewayClientRequestError');
      assert.equal(error.gatewayCode, 'INVALID_REQUEST');
      assert.equal(error.message, 'unknown method: no.such.method');
      return true;
    });
  });
}

async function chats() {
  const message = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ');
  await step('chat.send streams its answer, and its final text is the whole', async () => {
    const answer = await main.send(message, 'chat-1');
    assert.equal(answer.status, 'started');
    assert.equal(answer.runId, 'chat-1');
    const final = await main.last('chat-1', 'final');
    const deltas = main.chats('chat-1').filter(chat => chat.state === 'delta');
    assert.ok(deltas.length >= 3, `only ${deltas.length} deltas`);
    assert.equal(main.chats('chat-1').length, deltas.length + 1, 'something besides deltas and one final');
    assert.equal(textOf(final.message), message);
    assert.ok(message.startsWith(deltas.map(delta => delta.deltaText).join('')));
    deltas.forEach(delta => assert.ok(message.startsWith(textOf(delta.message))));
  });
  await step('the same message sent again with its key starts no second run', async () => {
    const before = main.chats('chat-1').length;
    assert.equal((await main.send(message, 'chat-1')).runId, 'chat-1');
    const { messages } = await main.request('chat.history', { sessionKey: MAIN });
    assert.equal(messages.length, 2);
    assert.equal(main.chats('chat-1').length, before);
  });
  await step('agent answers twice: accepted, then final', async () => {
    const stages = [];
    const final = await main.request('agent', { message: 'one two three', sessionKey: MAIN, idempotencyKey: 'agent-1' },
        { expectFinal: true, onAccepted: payload => stages.push(payload) });
    assert.equal(stages.length, 1);
    assert.equal(stages[0].status, 'accepted');
    assert.equal(stages[0].runId, 'agent-1');
    assert.equal(final.status, 'ok');
    assert.equal(final.runId, 'agent-1');
    assert.deepEqual(final.result.payloads.map(payload => payload.text), ['one two three']);
    assert.equal((await main.request('agent.wait', { runId: 'agent-1', timeoutMs: 5_000 })).status, 'ok');
  });
  await step('chat.abort ends a run while it speaks', async () => {
    await main.send(longMessage('stop'), 'abort-1');
    await main.until('a first word', () => main.chats('abort-1').length > 0);
    assert.equal((await main.request('chat.abort', { sessionKey: MAIN, runId: 'abort-1' })).aborted, true);
    await main.last('abort-1', 'aborted');
  });
  await step('no event was lost on the way', () => assert.deepEqual(main.gaps, []));
}

async function callers() {
  await step('a wrong token is refused, and the client sees why and gives up', async () => {
    const stranger = new Listener({ token: 'not-the-token' });
    await stranger.until('the close', () => stranger.closes.length === 1);
    assert.equal(stranger.hellos.length, 0);
    assert.equal(stranger.refusals[0].gatewayCode, 'INVALID_REQUEST');
    assert.match(stranger.refusals[0].message, /^unauthorized: gateway token mismatch/);
    assert.equal(stranger.refusals[0].details.code, 'AUTH_TOKEN_MISMATCH');
    assert.equal(stranger.closes[0][0], 1008);
    assert.equal(stranger.pauses[0].detailCode, 'AUTH_TOKEN_MISMATCH');
    assert.ok(!JSON.stringify([stranger.refusals, stranger.closes]).includes(gateway.token));
  });
  await step('without token and device nobody comes in', async () => {
    const stranger = new Listener({ token: undefined });
    await stranger.until('the close', () => stranger.closes.length === 1);
    assert.equal(stranger.hellos.length, 0);
    assert.equal(stranger.closes[0][0], 1008);
  });
  await step('a device proves itself and receives the scope it asks for, no more', async () => {
    const device = new Listener({ ...identity(payload => payload), clientName: 'cli', mode: 'cli', scopes: ['operator.read'] });
    await device.until('the hello', () => device.hellos.length === 1);
    assert.deepEqual(device.hellos[0].auth.scopes, ['operator.read']);
    assert.equal((await device.request('health')).ok, true);
    await assert.rejects(device.send('hello', 'read-only'), error => error.gatewayCode === 'FORBIDDEN');
    device.client.stop();
  });
  await step('a device with a wrong signature is refused', async () => {
    const device = new Listener({ ...identity(payload => payload + 'x'), clientName: 'cli', mode: 'cli' });
    await device.until('the refusal', () => device.refusals.length > 0);
    device.client.stop();
    assert.equal(device.refusals[0].details.code, 'DEVICE_AUTH_SIGNATURE_INVALID');
    assert.equal(device.hellos.length, 0);
  });
}

/** A device of its own whose signature covers what `forge` makes of the payload. */
function identity(forge) {
  const keys = generateKeyPairSync('ed25519');
  const raw = key => key.export({ format: 'jwk' }).x;
  return {
    deviceIdentity: {
      deviceId: createHash('sha256').update(Buffer.from(raw(keys.publicKey), 'base64url')).digest('hex'),
      publicKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }),
      privateKeyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    },
    hostDeps: {
      signDevicePayload: (key, payload) => sign(null, Buffer.from(forge(payload)), key).toString('base64url'),
      publicKeyRawBase64UrlFromPem: pem => raw(createPublicKey(pem)),
    },
  };
}

async function restarts() {
  await step('SIGTERM tells the clients, closes with 1012 and exits with 0', async () => {
    assert.equal(await gateway.end('SIGTERM'), 0);
    await main.until('the close', () => main.closes.length === 1);
    const goodbye = main.events.filter(event => event.event === 'shutdown');
    assert.equal(goodbye.length, 1);
    assert.equal(typeof goodbye[0].payload.reason, 'string');
    assert.equal(main.closes[0][0], 1012);
  });
  await step('the client comes back by itself to the gateway that started again', async () => {
    await gateway.start();
    await main.until('the second hello', () => main.hellos.length === 2, 40_000);
    assert.notEqual(main.hellos[1].server.bootId, main.hellos[0].server.bootId);
    const { messages } = await main.request('chat.history', { sessionKey: MAIN });
    assert.equal(textOf(messages.findLast(message => message.role === 'assistant' && message.stopReason === 'stop')),
        'one two three');
  });
}

async function crash() {
  await step('kill -9 in the middle of a run loses no accepted message', async () => {
    const spoken = longMessage('spoken');
    await main.send(spoken, 'crash-1');
    await main.until('a first word', () => main.chats('crash-1').length > 0);
    await main.send('still waiting', 'crash-2');
    assert.equal(await gateway.end('SIGKILL'), 'SIGKILL');
    await gateway.start();
    await main.until('the third hello', () => main.hellos.length === 3, 60_000);
    const { messages } = await main.request('chat.history', { sessionKey: MAIN });
    const users = messages.filter(message => message.role === 'user').map(textOf);
    assert.ok(users.includes(spoken), 'the message that was being answered is gone');
    assert.ok(users.includes('still waiting'), 'the message that waited is gone');
  });
  await step('after kill -9 the message that waited is answered', async () => {
    assert.equal((await main.request('agent.wait', { runId: 'crash-2', timeoutMs: 20_000 })).status, 'ok');
    const { messages } = await main.request('chat.history', { sessionKey: MAIN });
    assert.ok(messages.some(message => message.role === 'assistant' && textOf(message) === 'still waiting'));
  });
  await step('after kill -9 the answer that was cut carries a mark', async () => {
    const { messages } = await main.request('chat.history', { sessionKey: MAIN });
    const marks = messages.filter(message => message.role === 'assistant' && message.__openclaw.runId === 'crash-1');
    assert.equal(marks.length, 1);
    assert.match(JSON.stringify(marks[0]), /interrupted/);
  });
  await step('and the gateway ends as it should', async () => {
    main.client.stop();
    assert.equal(await gateway.end('SIGTERM'), 0);
  });
}

try {
  await greetings();
  if (failed === 0) {
    for (const part of [requests, chats, callers, restarts, crash]) {
      await part();
    }
  }
} catch (e) {
  failed++;
  console.log(`FAIL  the job itself\n${e.stack ?? e}`);
} finally {
  clients.forEach(client => client.stop());
  await gateway.discard();
}
if (failed > 0) {
  console.log(`The gateway's last words:\n${gateway.log.split('\n').slice(-40).join('\n')}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
