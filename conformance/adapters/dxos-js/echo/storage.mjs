import { FeedFactory } from '@dxos/feed-store';
import { PublicKey } from '@dxos/keys';
import { StorageType, createStorage } from '@dxos/random-access-storage';

import { bytes, hex } from '../bytes.mjs';
import { Reject } from '../errors.mjs';
import { signerOf } from '../halo.mjs';
import { session } from '../sessions.mjs';
import { block, called } from './feed.mjs';

const FILES = ['key', 'secret_key', 'data', 'tree', 'signatures', 'bitfield'];
const HEADER = 32;
const BLOCK_BITS = 1024;
const NODE_BITS = 2048;

const CLASSES = [
  ['Another hypercore is stored here', 'state.conflict'],
  ['No node found', 'state.unknown_ref'],
  ['Block not downloaded', 'state.unknown_ref'],
  ['Could not satisfy length', 'decode.length'],
  ['This feed is not writable', 'auth.key'],
  ['Individual blocks has be less than 8MB', 'resource.size'],
  ['Missing tree roots needed for verify', 'decode.missing'],
  ['Remote did not include a signature', 'auth.signature'],
  ['Remote signature could not be verified', 'auth.signature'],
  ['Remote checksum failed', 'auth.signature'],
];

/** Calls the real code and turns its refusals into rejections; other errors pass as they are. */
const refusing = async (action) => {
  try {
    return await action();
  } catch (error) {
    const found = CLASSES.find(([text]) => String(error?.message).startsWith(text));
    throw found ? new Reject(found[1], error.message) : error;
  }
};

const image = (value) => {
  if (typeof value === 'string') {
    return bytes(value);
  }
  const all = Buffer.alloc(value.len);
  for (const [at, part] of value.parts) {
    bytes(part).copy(all, at);
  }
  return all;
};

/** A directory in memory with a directory for the feed, and the names of files as they are written. */
const prepare = async (key, files) => {
  const root = createStorage({ type: StorageType.RAM }).createDirectory('feeds');
  const directory = root.createDirectory(key);
  const written = [];
  for (const name of FILES) {
    const file = directory.getOrCreateFile(name);
    const content = files[name] === undefined ? Buffer.alloc(0) : image(files[name]);
    if (content.length > 0) {
      await file.write(0, content);
    }
    const { native } = file;
    const write = native.write.bind(native);
    native.write = (...args) => {
      written.push(name);
      return write(...args);
    };
  }
  return { root, directory, written };
};

const openStored = async ({ key, files = {}, writable, signer }) => {
  const place = await prepare(key, files);
  const factory = new FeedFactory({ root: place.root, signer });
  const wrapper = await factory.createFeed(PublicKey.from(bytes(key)), { writable, sparse: true });
  // What opening fails with is emitted, too, and nobody listening would end the process.
  wrapper.core.on('error', () => {});
  await refusing(() => wrapper.open());
  return { ...place, wrapper, core: wrapper.core, signer };
};

/** Signs with the key of the latest request that has one, and keeps what it signs. */
class Pen {
  made = [];
  #keyring;

  /** Gives the public key, if the request has a private one. */
  async take(input) {
    if (input.private_key === undefined) {
      return undefined;
    }
    const { keyring, signingKey } = await signerOf(input);
    this.#keyring = keyring;
    return signingKey.toHex();
  }

  async sign(key, message) {
    const signature = await this.#keyring.sign(key, message);
    this.made.push({ signable: hex(message), signature: hex(signature) });
    return signature;
  }
}

const heldRanges = ({ core }) => {
  const held = [];
  for (let index = 0; index < core.length; index++) {
    if (core.has(index)) {
      const last = held.at(-1);
      if (last?.[1] === index) {
        last[1]++;
      } else {
        held.push([index, index + 1]);
      }
    }
  }
  return held;
};

const stateOf = (stored) => ({
  length: stored.core.length,
  byte_length: stored.core.byteLength,
  held: heldRanges(stored),
});

const content = async (directory, name) => {
  const file = directory.getOrCreateFile(name);
  const { size } = await file.stat();
  return size === 0 ? Buffer.alloc(0) : file.read(0, size);
};

const trimmed = (bits) => {
  let end = bits.length;
  while (end > 0 && bits[end - 1] === 0) {
    end--;
  }
  return hex(bits.subarray(0, end));
};

/** The real code writes zeros for a node to come. */
const withoutEmptyNodes = (tree) => tree.replace(/(0{80})+$/, '');

const filesOf = async ({ directory }) => {
  const answer = {};
  for (const name of FILES.filter((name) => name !== 'bitfield')) {
    answer[name] = hex(await content(directory, name));
  }
  answer.tree = withoutEmptyNodes(answer.tree);
  const bitfield = await content(directory, 'bitfield');
  answer.header = hex(bitfield.subarray(0, HEADER));
  answer.pages = [];
  const size = bitfield.readUInt16BE(5);
  for (let at = HEADER, page = 0; at < bitfield.length; at += size, page++) {
    const blocks = bitfield.subarray(at, at + BLOCK_BITS);
    const nodes = bitfield.subarray(at + BLOCK_BITS, at + BLOCK_BITS + NODE_BITS);
    answer.pages.push([page, trimmed(blocks), trimmed(nodes)]);
  }
  return answer;
};

const storedOf = (name) => {
  const { stored } = session(name);
  if (!stored) {
    throw new Reject('state.order', 'no feed was opened');
  }
  return stored;
};

const keep = (name, stored) => {
  const owner = session(name);
  owner.stored = stored;
  owner.closers.push(() => stored.wrapper.close());
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const storage = {
  'echo.feed.append': async (input) => {
    const owner = session(input.session);
    const pen = owner.stored?.signer ?? new Pen();
    const key = await pen.take(input);
    if (!owner.stored) {
      keep(input.session, await openStored({ key, writable: true, signer: pen }));
    }
    const { core, wrapper } = owner.stored;
    pen.made.length = 0;
    const seq = await refusing(() => wrapper.append(input.blocks.map(block)));
    return { seq, length: core.length, byte_length: core.byteLength, ...pen.made.at(-1) };
  },

  'echo.feed.storage.open': async (input) => {
    const signer = new Pen();
    await signer.take(input);
    const stored = await openStored({ ...input, signer });
    keep(input.session, stored);
    return stateOf(stored);
  },

  'echo.feed.storage.write': async ({ feed: { key, blocks, appends, signatures } }) => {
    const rest = signatures.map(bytes);
    const signer = { sign: async () => rest.shift() };
    const stored = await openStored({ key, writable: true, signer });
    let start = 0;
    for (const size of appends) {
      await refusing(() => stored.wrapper.append(blocks.slice(start, start + size).map(block)));
      start += size;
    }
    return { ...(await filesOf(stored)), last: stored.written.at(-1) };
  },

  'echo.feed.storage.directory': async ({ key }) => {
    const root = createStorage({ type: StorageType.RAM }).createDirectory('feeds');
    const names = [];
    const createDirectory = root.createDirectory.bind(root);
    root.createDirectory = (name) => {
      names.push(name);
      return createDirectory(name);
    };
    const wrapper = await new FeedFactory({ root, signer: new Pen() }).createFeed(PublicKey.from(bytes(key)));
    await wrapper.open();
    await wrapper.close();
    return { directory: names[0] };
  },

  'echo.feed.storage.get': async (input) => {
    const { wrapper } = storedOf(input.session);
    return { block: hex(await refusing(() => wrapper.get(input.index, { wait: false }))) };
  },

  'echo.feed.storage.put': async (input) => {
    const stored = storedOf(input.session);
    const { index, value, nodes, signature } = input.data;
    const proof = {
      nodes: nodes.map(([node, hash, size]) => ({ index: node, hash: bytes(hash), size })),
      signature: signature === undefined ? null : bytes(signature),
    };
    await refusing(() => called((done) => stored.core._putBuffer(index, block(value), proof, null, done)));
    return stateOf(stored);
  },

  'echo.feed.storage.clear': async (input) => {
    const stored = storedOf(input.session);
    await refusing(() => stored.wrapper.clear(input.from, input.to));
    return stateOf(stored);
  },

  'echo.feed.storage.audit': async (input) => {
    const { core } = storedOf(input.session);
    return refusing(() => called((done) => core.audit(done)));
  },

  'echo.feed.storage.files': async (input) => filesOf(storedOf(input.session)),
};
