import { Console } from 'node:console';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

// Standard output carries answers only. Imports are hoisted, and the packages read their log filter
// as they are loaded, so they have to be imported after this by hand.
process.env.LOG_FILTER ??= 'error';
globalThis.console = new Console(process.stderr, process.stderr);

const { operations } = await import('./operations.mjs');
const { Reject } = await import('./errors.mjs');
const { closeSession, openSession } = await import('./sessions.mjs');

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

// All packages of the scope are of one version.

const HELLO = {
  tp: 1,
  implementation: {
    name: '@dxos',
    version: dependencies['@dxos/protocols'],
    language: 'typescript',
  },
  ops: [...operations.keys(), 'session.*', 'bench'],
  features: ['suite.p256', 'bench'],
  coarse: ['decode', 'auth'],
};

const protocol = new Map(
  Object.entries({
    hello: () => HELLO,
    'session.open': () => ({ session: openSession() }),
    'session.close': async ({ session }) => {
      await closeSession(session);
      return {};
    },
  }),
);

const answer = async (op, input) => {
  if (op === 'bench') {
    return bench(input);
  }
  const operation = operations.get(op) ?? protocol.get(op);
  if (!operation) {
    return { unsupported: {} };
  }
  try {
    return { ok: await operation(input) };
  } catch (error) {
    // A message may quote one half of a surrogate pair, which is no text.
    const message = (error instanceof Reject ? error.message : String(error)).toWellFormed();
    return error instanceof Reject ? { reject: { class: error.class, message } } : { bug: { message } };
  }
};

/** A rejection is a result and is measured like one; anything else that is not `ok` is answered. */
const bench = async ({ op, in: input, iterations }) => {
  const first = operations.has(op) ? await answer(op, input) : { unsupported: {} };
  if (first.unsupported || first.bug) {
    return first;
  }
  const start = process.hrtime.bigint();
  for (let i = 0; i < iterations; i++) {
    await answer(op, input);
  }
  return { ok: { nanoseconds: String(process.hrtime.bigint() - start) } };
};

const handle = async (line) => {
  let request;
  try {
    request = JSON.parse(line);
  } catch (error) {
    console.error(`ignored a line that is not JSON: ${error.message}`);
    return;
  }
  const { id, op, in: input } = request ?? {};
  if (!Number.isSafeInteger(id)) {
    console.error('ignored a request without id');
    return;
  }
  const wellFormed = typeof op === 'string' && typeof input === 'object' && input !== null;
  const result = wellFormed ? await answer(op, input) : { bug: { message: 'malformed request' } };
  if (!process.stdout.write(`TP1 ${JSON.stringify({ id, ...result })}\n`)) {
    await once(process.stdout, 'drain');
  }
};

/** Split at \n alone: node:readline also splits at U+2028 and U+2029, which JSON may hold as is. */
async function* lines(stream) {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const pieces = chunk.split('\n');
    pieces[0] = rest + pieces[0];
    rest = pieces.pop();
    yield* pieces;
  }
  if (rest) {
    yield rest;
  }
}

for await (const line of lines(process.stdin)) {
  await handle(line);
}
