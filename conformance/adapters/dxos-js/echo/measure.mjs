import { webcrypto } from 'node:crypto';

import { FeedFactory, FeedStore } from '@dxos/feed-store';
import { PublicKey } from '@dxos/keys';
import { StorageType, createStorage } from '@dxos/random-access-storage';
import { Timeframe } from '@dxos/timeframe';

import { echoPipeline } from './pipeline.mjs';

/*
 * The work that `dxspec bench` compares, at feeds in memory. What an iteration needs is made once and
 * kept, so that the first one, which is not counted, pays for it.
 */

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** As the deployed replicator calls it. */
const REPLICATION = {
  live: true,
  upload: true,
  download: true,
  noise: false,
  encrypted: false,
  maxRequests: 1024,
};

/** A feed that grew to so many blocks is begun anew. */
const FULL = 10_000;

const LIMITS = { batch: 1000, size: 65_536, blocks: 200_000, feeds: 1000 };

/** Frames in the timeframe of a message, at most. */
const FRAMES = 10;

const bounded = (input, member) => {
  const value = input[member];
  if (!Number.isSafeInteger(value) || value < 1 || value > LIMITS[member]) {
    throw new Error(`the member "${member}" is not within its limits`);
  }
  return value;
};

const newKey = async () => {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const raw = new Uint8Array(await webcrypto.subtle.exportKey('raw', publicKey));
  const signer = { sign: async (_key, message) => new Uint8Array(await webcrypto.subtle.sign(ECDSA, privateKey, message)) };
  return { key: PublicKey.from(raw), signer };
};

const storeOf = (signer, hypercore) => {
  const root = createStorage({ type: StorageType.RAM }).createDirectory('feeds');
  return new FeedStore({ factory: new FeedFactory({ root, signer, hypercore }) });
};

const newFeed = async (hypercore) => {
  const { key, signer } = await newKey();
  const store = storeOf(signer, hypercore);
  return { key, signer, store, feed: await store.openFeed(key, { writable: true }) };
};

const blocksOf = (count, size) => Array.from({ length: count }, (_, index) => Buffer.alloc(size, index));

const kept = new Map();

/** What was made for the same words before, or is made now. */
const keep = async (words, make) => {
  const name = words.join(' ');
  if (!kept.has(name)) {
    kept.set(name, await make());
  }
  return kept.get(name);
};

const append = async (input) => {
  const batch = bounded(input, 'batch');
  const blocks = blocksOf(batch, bounded(input, 'size'));
  const place = await keep(['append'], () => ({}));
  if (!place.feed || place.feed.length + batch > FULL) {
    await place.store?.close();
    Object.assign(place, await newFeed());
  }
  await place.feed.append(blocks.length === 1 ? blocks[0] : blocks);
  return { blocks: batch };
};

const filled = (blocks, batch, size) =>
  keep(['filled', blocks, batch, size], async () => {
    const made = await newFeed();
    while (made.feed.length < blocks) {
      await made.feed.append(blocksOf(Math.min(batch, blocks - made.feed.length), size));
    }
    return made;
  });

const replicate = async (input) => {
  const blocks = bounded(input, 'blocks');
  const { key, signer, feed } = await filled(blocks, bounded(input, 'batch'), bounded(input, 'size'));
  const store = storeOf(signer);
  const reader = await store.openFeed(key);
  const there = feed.replicate(true, REPLICATION);
  const here = reader.replicate(true, REPLICATION);
  let left = blocks;
  await new Promise((resolve, reject) => {
    reader.on('download', () => {
      left -= 1;
      if (left === 0) {
        resolve();
      }
    });
    here.on('error', reject);
    there.pipe(here).pipe(there);
  });
  there.destroy();
  here.destroy();
  await store.close();
  return { blocks };
};

/** Each queue that ends says so as an error of several lines. */
const quietly = async (work) => {
  const { log } = console;
  console.log = () => {};
  await work();
  console.log = log;
};

const messages = (feeds, blocks) =>
  keep(['messages', feeds, blocks], async () => {
    const { valueEncoding } = await echoPipeline();
    const made = [];
    for (let index = 0; index < feeds; index++) {
      made.push(await newFeed({ valueEncoding }));
    }
    for (const [index, { feed }] of made.entries()) {
      const list = Array.from({ length: blocks }, (_, seq) => {
        const others = Array.from({ length: Math.min(FRAMES, feeds - 1) }, (_, offset) => made[(index + offset + 1) % feeds].key);
        const frames = seq === 0 ? [] : others.map((key) => [key, seq - 1]);
        return { timeframe: new Timeframe(frames), payload: { data: { batch: { objects: [] } } } };
      });
      await feed.append(list);
    }
    return made.map(({ feed }) => feed);
  });

const deliver = async (input) => {
  const feeds = bounded(input, 'feeds');
  const blocks = bounded(input, 'blocks');
  const list = await messages(feeds, blocks);
  const { Pipeline } = await echoPipeline();
  const pipeline = new Pipeline();
  for (const feed of list) {
    await pipeline.addFeed(feed);
  }
  await pipeline.start();
  let delivered = 0;
  for await (const _ of pipeline.consume()) {
    delivered += 1;
    if (delivered === feeds * blocks) {
      break;
    }
  }
  // A consumer that leaves never says that it is done with its last message, which stop() would wait for.
  pipeline._processingTrigger.wake();
  await quietly(() => pipeline.stop());
  return { messages: delivered };
};

const open = async (input) => {
  const blocks = bounded(input, 'blocks');
  const made = await filled(blocks, Math.min(blocks, LIMITS.batch), 16);
  const storage = await keep(['storage', blocks], async () => {
    await made.store.close();
    return made.store._factory;
  });
  const store = new FeedStore({ factory: storage });
  const feed = await store.openFeed(made.key, { writable: true });
  const { length } = feed;
  await store.close();
  return { blocks: length };
};

const kinds = { append, replicate, deliver, open };

/** Operation name → function of `in` that gives `ok`, or throws. */
export const measure = {
  'echo.measure': async (input) => {
    const work = Object.hasOwn(kinds, input.what) && kinds[input.what];
    if (!work) {
      throw new Error('the member "what" is none of append, replicate, deliver, open');
    }
    return work(input);
  },
};
