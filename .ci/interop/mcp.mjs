// Proves that a model can call the tools of a real MCP server, as a program and by streamable HTTP. The provider is ours:
// it calls the tool it is asked to and then says what came of it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, Gateway } from './gateway.mjs';

const [home, packageFolder] = process.argv.slice(2);
const entry = join(packageFolder, JSON.parse(readFileSync(join(packageFolder, 'package.json'))).bin['mcp-server-everything']);
const gateway = await Gateway.on(home);
const offered = [];
let passed = 0;
let failed = 0;

/** Answers `call NAME ARGUMENTS` with that call, and a result with its text. */
function provide(body) {
  offered.push((body.tools ?? []).map(tool => tool.function.name));
  const last = body.messages.at(-1);
  if (last.role === 'tool') {
    return [{ delta: { content: `it said: ${last.content}` } }, { delta: {}, finish_reason: 'stop' }];
  }
  const text = typeof last.content === 'string' ? last.content : last.content.map(part => part.text).join('');
  const [, name, args] = text.match(/call (\S+) (\{.*\})/s);
  return [{ delta: { tool_calls: [{ index: 0, id: `call-${offered.length}`, type: 'function', function: { name, arguments: args } }] } },
    { delta: {}, finish_reason: 'tool_calls' }];
}

const provider = createServer(async (request, response) => {
  let text = '';
  for await (const part of request) {
    text += part;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const choice of provide(JSON.parse(text))) {
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
});
provider.listen(0, '127.0.0.1');
await once(provider, 'listening');

async function chela(...args) {
  const { stdout } = await promisify(execFile)(join(home, 'bin', 'chela'),
    [...args, '--url', gateway.url, '--token', gateway.token], { timeout: 60_000, maxBuffer: 1 << 26 });
  return stdout.trim();
}

const call = async (method, params) => JSON.parse(await chela('gateway', 'call', method, '--params', JSON.stringify(params)));

async function until(what, look) {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (await look()) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`waited 60 s for ${what}\n${gateway.log}`);
}

async function toolNames() {
  const effective = await call('tools.effective', { sessionKey: 'main' });
  return effective.groups.filter(group => group.id === 'mcp').flatMap(group => group.tools).map(tool => tool.id);
}

async function check(name, test) {
  try {
    await test();
    passed++;
    console.log(`ok    ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAIL  ${name}\n${e.stack}`);
  }
}

const port = await freePort();
const startWeb = async () => {
  const child = spawn(process.execPath, [entry, 'streamableHttp'], { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
  await until('the server to listen', () => fetch(`http://127.0.0.1:${port}/mcp`).then(() => true, () => false));
  return child;
};
let web = await startWeb();
writeFileSync(join(gateway.state, 'chela.yaml'), JSON.stringify({
  models: { providers: { fake: { baseUrl: `http://127.0.0.1:${provider.address().port}/v1`, apiKey: 'k', api: 'openai-completions' } } },
  agents: { defaults: { model: 'fake/crab-1' } },
  mcp: { servers: {
    program: { command: process.execPath, args: [entry, 'stdio'] },
    web: { url: `http://127.0.0.1:${port}/mcp`, transport: 'streamable-http' } } } }));

try {
  await gateway.start();
  for (const server of ['program', 'web']) {
    await check(`${server}: offers its tools`, () => until(`tools of ${server}`,
      async () => (await toolNames()).includes(`${server}__echo`)));
    await check(`${server}: a model calls echo`, async () => {
      assert.match(await chela('agent', '--message', `call ${server}__echo {"message":"crab"}`), /it said: Echo: crab/);
      assert.ok(offered.at(-1).includes(`${server}__echo`));
    });
    await check(`${server}: a model adds`, async () => {
      assert.match(await chela('agent', '--message', `call ${server}__get-sum {"a":19,"b":23}`), /42/);
    });
    await check(`${server}: a model sees that there is an image`, async () => {
      assert.match(await chela('agent', '--message', `call ${server}__get-tiny-image {}`), /\[image, image\/png, \d+ bytes\]/);
    });
    await check(`${server}: wrong arguments are an error in words`, async () => {
      const outcome = await call('tools.invoke', { name: `${server}__get-sum`, args: { a: 'x' } });
      assert.equal(outcome.ok, false);
      assert.match(outcome.error.message, /invalid/i);
    });
    await check(`${server}: structured content comes through`, async () => {
      const outcome = await call('tools.invoke', { name: `${server}__get-structured-content`, args: { location: 'Chicago' } });
      assert.equal(outcome.ok, true, JSON.stringify(outcome));
      assert.match(outcome.output.content[0].text, /temperature/);
    });
  }
  await check('a server that dies is named, the other goes on, and it comes back', async () => {
    web.kill('SIGKILL');
    await once(web, 'exit');
    const outcome = await call('tools.invoke', { name: 'web__echo', args: { message: 'x' } });
    assert.equal(outcome.ok, false);
    assert.match(outcome.error.message, /MCP server 'web'/);
    assert.equal((await call('tools.invoke', { name: 'program__echo', args: { message: 'x' } })).ok, true);
    web = await startWeb();
    await until('web to be back', async () => (await call('tools.invoke', { name: 'web__echo', args: { message: 'x' } })).ok);
  });
  await check('the gateway ends well and leaves no program behind', async () => {
    assert.equal(await gateway.end('SIGTERM'), 0);
    const left = await promisify(execFile)('pgrep', ['-f', `${entry} stdio`]).then(found => found.stdout, () => '');
    assert.equal(left, '');
  });
} finally {
  web.kill('SIGKILL');
  provider.close();
  await gateway.discard();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
