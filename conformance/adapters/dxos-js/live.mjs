/*
 * A live peer with the deployed packages: one feed in a directory, TCP on the loopback interface.
 *
 *   node live.mjs DIRECTORY KEY [PKCS8]
 *
 * KEY is the hex of the public key of the feed; with PKCS8, hex of its private key, the feed is writable.
 * Commands come as lines of JSON on standard input, and each is answered with one line; nothing else is
 * written there but `{"ended": …}` when a connection ends. The end of standard input ends the process.
 */
import { Console } from 'node:console';
import { createHash, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

process.env.LOG_FILTER ??= 'error';
globalThis.console = new Console(process.stderr, process.stderr);

const { FeedFactory, FeedStore } = await import('@dxos/feed-store');
const { PublicKey } = await import('@dxos/keys');
const { StorageType, createStorage } = await import('@dxos/random-access-storage');

const [root, keyHex, pkcs8] = process.argv.slice(2);

/** As the deployed replicator calls it. */
const REPLICATION = {
  live: true,
  upload: true,
  download: true,
  noise: false,
  encrypted: false,
  maxRequests: 1024,
};

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const privateKey =
  pkcs8 && (await webcrypto.subtle.importKey('pkcs8', Buffer.from(pkcs8, 'hex'), ECDSA, false, ['sign']));

const signer = {
  sign: async (_key, message) => new Uint8Array(await webcrypto.subtle.sign(ECDSA, privateKey, message)),
};

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const storage = createStorage({ type: StorageType.NODE, root });
const factory = new FeedFactory({ root: storage.createDirectory('feeds'), signer });
const store = new FeedStore({ factory });
const feed = await store.openFeed(PublicKey.from(keyHex), { writable: Boolean(privateKey) });
const core = feed.core;

const held = (from, to) => core.downloaded(from, to);

/** The length of each block as four bytes, and the block. */
const digestOf = async (from, to) => {
  const hash = createHash('sha256');
  const length = Buffer.alloc(4);
  for (let index = from; index < to; index++) {
    const block = await feed.get(index);
    length.writeUInt32BE(block.length);
    hash.update(length).update(block);
  }
  return hash.digest('hex');
};

/** A block that says which it is, of a length that differs from its neighbours'. */
const numbered = (index, salt) => Buffer.from(`${salt} ${index} ${'.'.repeat((index * 37) % 200)}`);

const change = () =>
  new Promise((resolve) => {
    const events = ['download', 'append', 'sync'];
    const done = () => {
      events.forEach((event) => core.off(event, done));
      resolve();
    };
    events.forEach((event) => core.on(event, done));
  });

const sockets = new Set();

const replicate = (socket) => {
  sockets.add(socket);
  socket.setNoDelay(true);
  const stream = feed.replicate(true, REPLICATION);
  let reason = null;
  stream.on('error', (error) => {
    reason ??= error.message;
  });
  socket.on('error', (error) => {
    reason ??= error.message;
  });
  stream.on('close', () => socket.destroy());
  socket.on('close', () => {
    sockets.delete(socket);
    stream.destroy();
    say({ ended: reason });
  });
  socket.pipe(stream).pipe(socket);
};

const commands = {
  state: () => ({ length: feed.length, byte_length: core.byteLength, held: held(0, feed.length) }),
  append: async ({ count, batch, salt }) => {
    let seq = null;
    for (let done = 0; done < count; done += batch) {
      const blocks = Array.from({ length: Math.min(batch, count - done) }, (_, offset) =>
        numbered(feed.length + offset, salt),
      );
      const first = await feed.append(blocks);
      seq ??= first;
    }
    return { seq, length: feed.length };
  },
  clear: async ({ from, to }) => {
    await feed.clear(from, to);
    return {};
  },
  listen: async () => {
    const server = createServer(replicate).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: server.address().port };
  },
  dial: async ({ port }) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    replicate(socket);
    return {};
  },
  hang_up: () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    return {};
  },
  /** Until so many blocks are held; the test's own limit ends a wait that is in vain. */
  wait: async ({ length }) => {
    while (feed.length < length || held(0, length) < length) {
      await change();
    }
    return { length: feed.length };
  },
  /** From now on every proof is whole, whatever the other side says that it knows. */
  prove_all: () => {
    const { proof } = core;
    core.proof = (index, options, callback) => proof.call(core, index, { hash: options.hash }, callback);
    return {};
  },
  digest: async ({ from, to }) => ({ digest: await digestOf(from, to) }),
  audit: () =>
    new Promise((resolve, reject) => {
      core.audit((error, report) =>
        error ? reject(error) : resolve({ valid: report.valid, invalid: report.invalid }),
      );
    }),
  close: async () => {
    await store.close();
    return {};
  },
};

say({ ready: feed.length });

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...members } = JSON.parse(line);
  try {
    say(await commands[command](members));
  } catch (error) {
    say({ error: String(error) });
  }
}
process.exit(0);
