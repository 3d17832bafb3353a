import { setImmediate } from 'node:timers/promises';

import { bytes, hex } from '../bytes.mjs';
import { Reject } from '../errors.mjs';
import { closeSession, openSession, session } from '../sessions.mjs';
import { Clock } from './clock.mjs';
import { block, writtenFeed } from './feed.mjs';
import { REPLICATION, codec, frameClass, pieces } from './frames.mjs';

/** Turns of the event loop in which nothing happens before the real code is taken to be done. */
const QUIET = 12;

const CLASSES = [
  ['Missing tree roots needed for verify', 'decode.missing'],
  ['Remote did not include a signature', 'auth.signature'],
  ['Remote signature could not be verified', 'auth.signature'],
  ['Remote checksum failed', 'auth.signature'],
  ['No proof available for this index', 'state.unknown_ref'],
  ['ETIMEDOUT', 'resource.time'],
  ['Request timeout', 'resource.time'],
];

const streamClass = (error) => CLASSES.find(([text]) => error.message === text)?.[1] ?? frameClass(error);

/** Hands on the results of signature checks in the order in which the checks began: threads end in any order. */
const deliver = (checks) => {
  if (checks[0]?.results) {
    const { done, results } = checks.shift();
    try {
      done(...results);
    } finally {
      deliver(checks);
    }
  }
};

/** A feed as a request gives it; keeps the checks that are under way. */
const makeFeed = async (wire, { feed, writable, upload = true, download = true }) => {
  const { wrapper, rest } = await writtenFeed(feed, writable || feed.blocks.length > 0);
  const { core } = wrapper;
  const { verify } = core.crypto;
  core.crypto = {
    ...core.crypto,
    verify: (message, signature, publicKey, done) => {
      const check = { done };
      wire.checks.push(check);
      verify(message, signature, publicKey, (...results) => {
        check.results = results;
        deliver(wire.checks);
      });
    },
  };
  return { wrapper, core, rest, transfer: { upload, download } };
};

const idle = async (wire) => {
  for (let quiet = 0; quiet < QUIET; quiet++) {
    const before = wire.activity;
    await setImmediate();
    if (wire.checks.length > 0 || wire.activity !== before) {
      quiet = -1;
    }
  }
};

const connect = (wire, initiator) => {
  const end = { out: [] };
  for (const feed of wire.feeds) {
    end.stream = feed.core.replicate(end.stream ?? initiator, { ...REPLICATION, ...feed.transfer });
  }
  end.stream.on('data', (data) => {
    wire.activity++;
    end.out.push(hex(data));
  });
  end.stream.on('error', (error) => (end.error ??= error));
  end.stream.on('close', () => (end.closed = true));
  wire.ends.push(end);
};

const held = ({ length, bitfield }) => {
  const ranges = [];
  for (let index = 0; index < length; index++) {
    if (!bitfield.get(index)) {
      continue;
    }
    const last = ranges.at(-1);
    if (last && last[1] + 1 === index) {
      last[1] = index;
    } else {
      ranges.push([index, index]);
    }
  }
  return ranges;
};

const peerOf = ({ core }, { stream }) => core.peers.find((peer) => peer.stream.stream === stream);

/** Carries out `action`, waits until nothing more happens, and answers with what was sent and what is held. */
const step = async (wire, at, action) => {
  let uncaught;
  const catcher = (error) => (uncaught ??= error);
  process.on('uncaughtException', catcher);
  try {
    await wire.clock.within(async () => {
      await action();
      await idle(wire);
    });
  } finally {
    process.off('uncaughtException', catcher);
  }
  if (uncaught) {
    throw uncaught;
  }
  const end = wire.ends[at];
  if (end.error) {
    const found = streamClass(end.error);
    throw found ? new Reject(found, end.error.message) : end.error;
  }
  const outs = wire.ends.map(({ out }) => out.splice(0));
  return {
    out: outs[at],
    open: !end.closed,
    feeds: wire.feeds.map((feed) => ({
      length: feed.core.length,
      blocks: held(feed.core),
      open: Boolean(peerOf(feed, end)?.remoteOpened),
    })),
    ...(outs.length > 1 ? { outs } : {}),
  };
};

const on = (action) => async (input) => {
  const { wire } = session(input.session);
  const at = input.stream ?? 0;
  return step(wire, at, () => action(input, wire, wire.ends[at], wire.feeds[input.feed ?? 0]));
};

const open = async ({ stack, role, feeds, now }) => {
  if (stack !== 'echo.replication') {
    throw new Error(`no such stack: ${stack}`);
  }
  const name = openSession();
  try {
    const kept = session(name);
    const wire = { clock: new Clock(now), feeds: [], ends: [], checks: [], activity: 0 };
    kept.wire = wire;
    kept.closers.push(() => wire.clock.within(async () => wire.ends.forEach(({ stream }) => stream.destroy())));
    for (const feed of feeds) {
      wire.feeds.push(await makeFeed(wire, feed));
    }
    const answer = await step(wire, 0, () => connect(wire, role === 'initiator'));
    return { session: name, ...answer };
  } catch (error) {
    await closeSession(name);
    throw error;
  }
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const replication = {
  ...codec,

  'wire.open': open,

  'wire.feed': on(async (input, wire, { stream }) => {
    for (const piece of pieces(input)) {
      stream.write(piece);
      await setImmediate();
    }
  }),

  'wire.tick': on(({ now }, wire) => wire.clock.advance(now)),

  'echo.replication.connect': async (input) => {
    const { wire } = session(input.session);
    return step(wire, 1, () => connect(wire, true));
  },

  'echo.replication.append': on(async ({ blocks, signature }, _wire, _end, { wrapper, rest }) => {
    rest.push(bytes(signature));
    await wrapper.append(blocks.map(block));
  }),

  'echo.replication.clear': on(
    ({ start, length }, _wire, _end, { core }) =>
      new Promise((resolve, reject) =>
        core.clear(start, start + length, (error) => (error ? reject(error) : resolve())),
      ),
  ),

  'echo.replication.open': on(({ upload = true, download = true }, wire, _end, { core }) => {
    wire.ends.forEach(({ stream }) => core.replicate(stream, { ...REPLICATION, upload, download }));
  }),

  'echo.replication.close': on((_input, wire, _end, { core }) => {
    wire.ends.forEach(({ stream }) => stream.close(core.discoveryKey));
  }),

  'echo.replication.transfer': on(({ upload = true, download = true }, _wire, end, feed) => {
    const peer = peerOf(feed, end);
    peer.setUploading(upload);
    peer.setDownloading(download);
  }),
};
