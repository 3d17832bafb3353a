/*
 * How the cost of work on feeds and of the members of spaces grows: asks a testee to measure, and keeps the answers in
 * growth.json.
 *
 *   node spec/figures/growth.mjs NAME COMMAND…
 *
 * NAME is what the testee is called in the figure; COMMAND starts it, as in `dxspec run`. CURVES=heads,merges in the
 * environment measures these alone and keeps the others.
 */
import { spawn } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const FILE = new URL('growth.json', import.meta.url);

/** What is measured at one point: how many items there are, and the request. */
const feeds = (input) => async () => ({ items: input.blocks * (input.feeds ?? 1), op: 'echo.measure', in: input });

const CURVES = {
  download: [500, 1000, 2000, 5000, 10_000, 20_000].map((blocks) => [
    blocks,
    feeds({ what: 'replicate', blocks, batch: 100, size: 1024 }),
  ]),
  deliver: [10, 30, 100, 300, 1000].map((count) => [count, feeds({ what: 'deliver', feeds: count, blocks: 100 })]),
  heads: [25, 50, 100, 200, 400].map((count) => [count, () => space(count, (_, [owner]) => [owner])]),
  merges: [25, 50, 100, 200].map((count) => [count, () => space(count, forked)]),
};

/** Two beside each other, and a third that names both. */
const forked = (index, ids) => {
  const last = ids.length - 1;
  return [[ids[last]], [ids[last - 1]], [ids[last], ids[last - 1]]][index % 3];
};

const [name, command, ...args] = process.argv.slice(2);
const testee = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
const answers = createInterface({ input: testee.stdout })[Symbol.asyncIterator]();

const ask = async (id, op, input) => {
  testee.stdin.write(`${JSON.stringify({ id, op, in: input })}\n`);
  for (;;) {
    const { value, done } = await answers.next();
    if (done) {
      throw new Error('the testee has ended');
    }
    if (value.startsWith('TP1 ')) {
      const answer = JSON.parse(value.slice(4));
      if (!answer.ok) {
        throw new Error(JSON.stringify(answer));
      }
      return answer.ok;
    }
  }
};

let id = 0;
const call = (op, input) => ask((id += 1), op, input);

const keyPair = () => {
  const pair = createECDH('prime256v1');
  const key = pair.generateKeys('hex');
  return { key, private: pair.getPrivateKey('hex').padStart(64, '0') };
};

/** A field of bytes shorter than 128, in hex. */
const field = (number, bytes) =>
  [(number << 3) | 2, bytes.length / 2].map((byte) => byte.toString(16).padStart(2, '0')).join('') + bytes;
const publicKey = (number, key) => field(number, field(1, key));
const OWNER = '04';
const EDITOR = '02';

/** A space whose owner admits so many members, each with the parents that are asked for. */
const space = async (count, parentsOf) => {
  const [key, owner] = [keyPair(), keyPair()];
  const entries = [];
  const issue = async (issuer, subject, type, value, parents) => {
    const { credential } = await call('halo.credential.issue', {
      suite: 'p256',
      private_key: issuer.private,
      issuer: issuer.key,
      subject,
      assertion: { type: `dxos.halo.credentials.${type}`, value },
      date: '1700000000000',
      parents,
    });
    entries.push({ credential, source_feed: owner.key });
    return (await call('halo.credential.id', { credential })).id;
  };
  const member = (issuer, subject, role, parents) =>
    issue(issuer, subject, 'SpaceMember', publicKey(1, key.key) + '10' + role + publicKey(4, owner.key), parents);
  await issue(key, key.key, 'SpaceGenesis', publicKey(1, key.key), []);
  const ids = [await member(key, owner.key, OWNER, [])];
  for (let index = 0; index < count; index += 1) {
    ids.push(await member(owner, `04${randomBytes(64).toString('hex')}`, EDITOR, parentsOf(index, ids)));
  }
  return { items: count, op: 'halo.space.replay', in: { space_key: key.key, rule: 'convergent', entries } };
};

await call('hello', { tp: 1 });
const measured = {};
for (const [curve, points] of Object.entries(CURVES)) {
  if (process.env.CURVES && !process.env.CURVES.split(',').includes(curve)) {
    continue;
  }
  measured[curve] = [];
  for (const [at, prepare] of points) {
    const { items, op, in: input } = await prepare();
    const iterations = Math.max(1, Math.round(2000 / items));
    const { nanoseconds } = await call('bench', { op, in: input, iterations });
    const microseconds = Number(nanoseconds) / 1000 / iterations / items;
    measured[curve].push([at, Number(microseconds.toPrecision(4))]);
    console.error(`${name} ${curve} ${at}: ${microseconds.toFixed(2)} µs each`);
  }
}
testee.stdin.end();
const all = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
all[name] = { ...all[name], ...measured };
const lines = Object.entries(all).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`);
