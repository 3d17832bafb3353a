import { FeedFactory } from '@dxos/feed-store';
import { PublicKey } from '@dxos/keys';
import { StorageType, createStorage } from '@dxos/random-access-storage';

import { bytes, hex } from '../bytes.mjs';
import { Reject } from '../errors.mjs';
import { session } from '../sessions.mjs';

/** Bits of a tree that are looked through for an answer; far beyond the feeds that are asked about. */
const MAX_BITS = 1 << 16;

/** A block of a request: hex, or so many equal bytes. */
export const block = (value) =>
  typeof value === 'string' ? bytes(value) : Buffer.alloc(value.count, bytes(value.byte));

const nobody = {
  sign: async () => {
    throw new Error('a reader does not sign');
  },
};

/** A real feed with its files in memory, open. */
const openFeed = async (key, signer, options) => {
  const root = createStorage({ type: StorageType.RAM }).createDirectory();
  const wrapper = await new FeedFactory({ root, signer }).createFeed(PublicKey.from(bytes(key)), options);
  await wrapper.open();
  return wrapper;
};

/** A feed to which blocks were appended, so many at a time; the signatures are handed out in turn, later ones from `rest`. */
export const writtenFeed = async ({ key, blocks, appends, signatures }, writable = true) => {
  const rest = signatures.map(bytes);
  const wrapper = await openFeed(key, { sign: async () => rest.shift() }, { writable });
  let start = 0;
  for (const size of appends) {
    await wrapper.append(blocks.slice(start, start + size).map(block));
    start += size;
  }
  return { wrapper, rest };
};

/**
 * Calls a function with a callback. What the real code throws out of a callback of its own would end the
 * process; here it is the error of this call.
 */
export const called = (start) =>
  new Promise((resolve, reject) => {
    const settle = (error, result) => {
      process.off('uncaughtException', settle);
      return error ? reject(error) : resolve(result);
    };
    process.on('uncaughtException', settle);
    try {
      start(settle);
    } catch (error) {
      settle(error);
    }
  });

const CLASSES = [
  ['No proof available for this index', 'state.unknown_ref'],
  ['Missing tree roots needed for verify', 'decode.missing'],
  ['Remote did not include a signature', 'auth.signature'],
  ['Remote signature could not be verified', 'auth.signature'],
  ['Remote checksum failed', 'auth.signature'],
  ['Signature verification failed', 'auth.signature'],
];

/** Calls the real code and turns its refusals into rejections; other errors pass as they are. */
const refusing = async (start) => {
  try {
    return await called(start);
  } catch (error) {
    const found = CLASSES.find(([text]) => error.message === text);
    throw found ? new Reject(found[1], error.message) : error;
  }
};

const described = ({ index, hash, size }) => [index, hex(hash), size];

const storedNode = (core, index) => called((done) => core._storage.getNode(index, done));

let anyFeed;

/** The class of the real code's trees is only found on a feed. */
const newTree = async (nodes) => {
  const generator = '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
    + '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5';
  anyFeed ??= await openFeed(generator, nobody);
  const tree = new anyFeed.core.tree.constructor();
  for (const node of nodes) {
    tree.set(Number(node));
  }
  return tree;
};

const setBits = ({ bitfield }) => {
  const found = [];
  for (let bit = 0; bit < Math.min(bitfield.length, MAX_BITS); bit++) {
    if (bitfield.get(bit)) {
      found.push(bit);
    }
  }
  return found;
};

const treeProof = (tree, index, options) => {
  const proof = tree.proof(2 * Number(index), options);
  if (!proof) {
    throw new Reject('state.unknown_ref', 'no proof');
  }
  return proof;
};

/** A read-only feed, and a record of what the real code writes to its storage. */
const openReader = async (key) => {
  const wrapper = await openFeed(key, nobody, { writable: false, sparse: true });
  const reader = { wrapper, core: wrapper.core, nodes: [], slots: [] };
  const { _storage: storage, tree } = reader.core;
  const { putNode, putSignature } = storage;
  storage.putNode = (index, node, done) => {
    if (!tree.get(index)) {
      reader.nodes.push(index);
    }
    putNode.call(storage, index, node, done);
  };
  storage.putSignature = (slot, signature, done) => {
    reader.slots.push(slot);
    putSignature.call(storage, slot, signature, done);
  };
  return reader;
};

const offsetOf = ({ core }, index) =>
  called((done) => core._storage.dataOffset(index, [], (error, offset) => done(error, offset)));

const readBlock = async ({ core }, index) => {
  const size = await called((done) =>
    core._storage.dataOffset(index, [], (error, _, bytesOfBlock) => done(error, bytesOfBlock)),
  );
  // Storage in memory reads nothing at its very end.
  return size === 0 ? Buffer.alloc(0) : called((done) => core._storage.getData(index, done));
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const feed = {
  'echo.feed.identity': async ({ key }) => {
    const { core } = await openFeed(key, nobody);
    return { hypercore_key: hex(core.key), discovery_key: hex(core.discoveryKey) };
  },

  'echo.tree.hash': async ({ blocks }) => {
    const signed = [];
    const signer = {
      sign: async (_, message) => {
        signed.push(message);
        return Buffer.alloc(64, 1);
      },
    };
    const key = `04${'11'.repeat(64)}`;
    const { core, append } = await openFeed(key, signer, { writable: true });
    await append(blocks.map(block));
    const nodes = [];
    for (const index of setBits(core.tree)) {
      nodes.push(described(await storedNode(core, index)));
    }
    return { nodes, roots: core.tree.roots(), signable: hex(signed[0]) };
  },

  'echo.tree.proof': async ({ length, known, earlier = [], index, digest, hash }) => {
    const tree = await newTree(known ?? Array.from({ length }, (_, i) => 2 * i));
    const remote = await newTree([]);
    for (const request of earlier) {
      treeProof(tree, request.index, { digest: Number(request.digest), tree: remote });
    }
    const { nodes, verifiedBy } = treeProof(tree, index, { digest: Number(digest), hash, tree: remote });
    return { nodes, verified_by: verifiedBy, remote: setBits(remote) };
  },

  'echo.tree.digest': async ({ known, index }) => ({
    digest: (await newTree(known)).digest(2 * Number(index)),
  }),

  'echo.feed.proof': async ({ feed: given, index, digest, hash }) => {
    const { core } = (await writtenFeed(given)).wrapper;
    const options = { digest: Number(digest), hash };
    const { nodes, signature } = await refusing((done) => core.proof(Number(index), options, done));
    return { nodes: nodes.map(described), signature: signature ? hex(signature) : undefined };
  },

  'echo.feed.audit': async (given) => {
    const { core } = (await writtenFeed(given)).wrapper;
    let length = 0;
    for (const [at, size] of given.appends.entries()) {
      length += size;
      await refusing((done) => core.verify(length - 1, bytes(given.signatures[at]), done));
    }
    return { length: core.length, byte_length: core.byteLength };
  },

  'echo.feed.verify': async ({ session: name, key, data }) => {
    const kept = session(name);
    kept.reader ??= await openReader(key);
    const { reader } = kept;
    reader.nodes = [];
    const slots = reader.slots.length;
    const index = Number(data.index);
    const value = data.value === undefined ? null : block(data.value);
    const proof = {
      nodes: data.nodes.map(([node, hash, size]) => ({
        index: Number(node),
        hash: bytes(hash),
        size: Number(size),
      })),
      signature: data.signature === undefined ? null : bytes(data.signature),
    };
    await refusing((done) => reader.core._putBuffer(index, value, proof, null, done));
    return {
      length: reader.core.length,
      byte_length: reader.core.byteLength,
      stored: [...new Set(reader.nodes)].sort((a, b) => a - b),
      offset: value ? await offsetOf(reader, index) : undefined,
      slot: reader.slots[slots],
    };
  },

  'echo.feed.reader': async ({ session: name }) => {
    const { reader } = session(name);
    const blocks = [];
    for (let index = 0; index < reader.core.length; index++) {
      if (reader.core.bitfield.get(index)) {
        blocks.push([index, hex(await readBlock(reader, index))]);
      }
    }
    return {
      length: reader.core.length,
      byte_length: reader.core.byteLength,
      nodes: setBits(reader.core.tree),
      blocks,
      signed: [...new Set(reader.slots)].sort((a, b) => a - b),
      // Nothing in it notices a second history.
      equivocation: false,
    };
  },
};
