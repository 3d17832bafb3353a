/*
 * How the cost of work on feeds grows: asks a testee to measure, and keeps the answers in growth.json.
 *
 *   node spec/figures/growth.mjs NAME COMMAND…
 *
 * NAME is what the testee is called in the figure; COMMAND starts it, as in `dxspec run`.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const FILE = new URL('growth.json', import.meta.url);

const CURVES = {
  download: [500, 1000, 2000, 5000, 10_000, 20_000].map((blocks) => ({
    at: blocks,
    in: { what: 'replicate', blocks, batch: 100, size: 1024 },
  })),
  deliver: [10, 30, 100, 300, 1000].map((feeds) => ({ at: feeds, in: { what: 'deliver', feeds, blocks: 100 } })),
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
await ask(id, 'hello', { tp: 1 });
const measured = {};
for (const [curve, points] of Object.entries(CURVES)) {
  measured[curve] = [];
  for (const { at, in: input } of points) {
    id += 1;
    const items = input.blocks * (input.feeds ?? 1);
    const bench = { op: 'echo.measure', in: input, iterations: Math.max(1, Math.round(2000 / items)) };
    const { nanoseconds } = await ask(id, 'bench', bench);
    const microseconds = Number(nanoseconds) / 1000 / bench.iterations / items;
    measured[curve].push([at, Number(microseconds.toPrecision(4))]);
    console.error(`${name} ${curve} ${at}: ${microseconds.toFixed(2)} µs each`);
  }
}
testee.stdin.end();
const all = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
all[name] = measured;
const lines = Object.entries(all).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`);
