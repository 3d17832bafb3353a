import { Worker } from 'node:worker_threads';

import { Reject, assertPass, decodeClass } from '../errors.mjs';
import { WORDS } from './words.mjs';

/** How long one credential may take before it counts as one that the real code never returns from. */
const LIMIT_MS = Number(process.env.DXOS_SPACE_LIMIT_MS ?? 2_000);

/** The real code runs in a thread of its own, which can be ended when it does not return. */
let thread;

const start = () => {
  const env = { ...process.env, LOG_FILTER: 'warn' };
  thread ??= new Worker(new URL('space-machine.mjs', import.meta.url), { env });
  thread.unref();
  return thread;
};

const stop = async () => {
  const stopped = thread;
  thread = undefined;
  await stopped?.terminate();
};

/**
 * What the real state machine makes of entries: its answer, or, without `view`, the words for as many as it came to.
 * How many those are is in memory that both threads share, since a thread that does not return says nothing.
 */
const run = (input, entries) =>
  new Promise((resolve, reject) => {
    const shared = new Uint8Array(new SharedArrayBuffer(entries.length + 1));
    const machine = start();
    const words = () => [...shared].slice(0, entries.length).map((code) => WORDS[code]);
    let [came, since, ready] = [0, performance.now(), false];
    const timer = setInterval(() => {
      const now = words().findIndex((word) => word === undefined);
      if (now !== came || !ready) {
        [came, since] = [now, performance.now()];
        ready ||= shared[entries.length] === 1;
      } else if (performance.now() - since > LIMIT_MS) {
        settle();
        const past = words().slice(0, came);
        stop().then(() => resolve({ results: [...past, 'endless'] }), reject);
      }
    }, 50);
    const fail = (error) => {
      settle();
      stop().then(() => reject(error), reject);
    };
    const answer = (result) => {
      settle();
      return result.error ? reject(new Error(result.error)) : resolve({ results: words(), ...result });
    };
    const settle = () => {
      clearInterval(timer);
      machine.off('message', answer).off('error', fail);
    };
    machine.on('message', answer).on('error', fail);
    machine.postMessage({ spaceKey: input.space_key, now: input.now, entries, shared });
  });

const REASONS = [
  ['Space already has a genesis credential', 'state.duplicate'],
  ['Space genesis credential must be issued by space', 'auth.role'],
  ['Space genesis credential must be issued to space', 'schema.constraint'],
  ['Space must have a genesis credential before', 'state.order'],
  ['not authorized to invite new members', 'auth.role'],
];

const INVALID = 'Invalid credential: ';

/** The state machine answers `false`, and says why in its log. */
const refuse = (reason) => {
  const invalid = reason.indexOf(INVALID);
  if (invalid >= 0) {
    assertPass({ kind: 'fail', errors: [reason.slice(invalid + INVALID.length)] });
  }
  const rejectClass = REASONS.find(([sentence]) => reason.includes(sentence))?.[1];
  throw rejectClass ? new Reject(rejectClass, reason) : new Error(`unknown refusal: ${reason}`);
};

/** Operation name → function of `in` that gives `ok`, or throws.  There is one rule in the packages, by any name. */
export const space = {
  'halo.space.replay': async (input) => {
    const { results, view } = await run(input, input.entries);
    return { results, ...view };
  },

  'halo.space.process': async (input) => {
    const { results, view, reason, undecodable } = await run(input, [...input.entries, input.entry]);
    const last = results.at(-1);
    if (undecodable !== undefined) {
      throw new Reject(decodeClass({ message: undecodable }), undecodable);
    }
    if (last === 'refused') {
      refuse(reason);
    }
    if (last !== 'accepted') {
      throw new Reject('state.conflict', reason ?? last);
    }
    return { results, ...view };
  },
};
