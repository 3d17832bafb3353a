import { FeedFactory } from '@dxos/feed-store';
import { PublicKey } from '@dxos/keys';
import { StorageType, createStorage } from '@dxos/random-access-storage';

import { bytes, hex } from '../bytes.mjs';
import { Reject } from '../errors.mjs';
import { block } from './feed.mjs';

/** Some key: what is done with it here depends on no key. */
const ANY_KEY = '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5';

const KINDS = ['open', 'options', 'status', 'have', 'unhave', 'want', 'unwant', 'request', 'cancel', 'data', 'close', 'extension'];

/** How replication is begun in DXOS. */
export const REPLICATION = { live: true, noise: false, encrypted: false, maxRequests: 1024 };

/** A real feed with its files in memory, open. */
export const openFeed = async (key, signer, options) => {
  const root = createStorage({ type: StorageType.RAM }).createDirectory();
  const wrapper = await new FeedFactory({ root, signer }).createFeed(PublicKey.from(bytes(key)), options);
  await wrapper.open();
  return wrapper;
};

const scratchFeed = async () => (await openFeed(ANY_KEY, { sign: async () => Buffer.alloc(64) })).core;

let protocol;

/** The class that encodes and decodes frames is only found on a stream. */
const protocolClass = async () => {
  if (!protocol) {
    const stream = (await scratchFeed()).replicate(true, REPLICATION);
    protocol = stream.state.constructor;
    stream.destroy();
  }
  return protocol;
};

const CLASSES = [
  ['Incoming message is larger than max size', 'frame.oversize'],
  ['Incoming varint is invalid', 'decode.varint'],
  ['Decoded message is not valid', 'decode'],
  ['Could not decode varint', 'decode'],
  ['Groups are not supported', 'decode'],
  ['Unknown wire type', 'decode'],
  ['Invalid RLE bitfield', 'decode'],
];

/** The class of an error with which reading ends, if it is known. */
export const frameClass = ({ message }) => CLASSES.find(([start]) => message.startsWith(start))?.[1];

/** The pieces of a stream that a request gives. */
export const pieces = ({ bytes: whole, chunks, split }) => {
  if (chunks) {
    return chunks.map(block);
  }
  const stream = block(whole);
  const found = [];
  for (let at = 0; at < stream.length; at += split ?? stream.length) {
    found.push(stream.subarray(at, at + (split ?? stream.length)));
  }
  return found;
};

/** The real code decodes a bitfield only where a peer says what it has. */
export const decodeBitfield = async (bitfield) => {
  const core = await scratchFeed();
  const stream = core.replicate(true, { ...REPLICATION, download: false });
  try {
    const [peer] = core.peers;
    peer.onhave({ start: 0, length: 8192, bitfield, ack: false });
    const bits = Buffer.alloc(Math.ceil(peer.remoteLength / 8));
    for (let index = 0; index < peer.remoteLength; index++) {
      if (peer.remoteBitfield.get(index)) {
        bits[index >> 3] |= 0x80 >> (index & 7);
      }
    }
    return bits;
  } finally {
    stream.destroy();
  }
};

export const encodeBitfield = async (bits) => {
  const core = await scratchFeed();
  for (let index = 0; index < bits.length * 8; index++) {
    if (bits[index >> 3] & (0x80 >> (index & 7))) {
      core.bitfield.set(index, true);
    }
  }
  return core.bitfield.compress(0, Math.max(8192, Math.ceil((bits.length * 8) / 8192) * 8192));
};

/** A message as answers show it: with its defaults, without what is absent. */
const described = async (channel, type, message) => {
  const { extensions, ack } = message;
  const data = (name) => (message[name] ? { [name]: hex(message[name]) } : {});
  const rest = {
    open: () => ({ discovery_key: hex(message.discoveryKey), ...data('capability') }),
    options: () => ({ extensions, ack }),
    status: () => ({ uploading: message.uploading, downloading: message.downloading }),
    have: async () => ({
      start: message.start,
      length: message.length,
      ...(message.bitfield ? { bits: hex(await decodeBitfield(message.bitfield)) } : {}),
      ack,
    }),
    unhave: () => ({ start: message.start, length: message.length }),
    want: () => ({ start: message.start, length: message.length }),
    unwant: () => ({ start: message.start, length: message.length }),
    request: () => ({ index: message.index, bytes: message.bytes, hash: message.hash, nodes: message.nodes }),
    cancel: () => ({ index: message.index, bytes: message.bytes, hash: message.hash }),
    data: () => ({
      index: message.index,
      ...data('value'),
      nodes: message.nodes.map(({ index, hash, size }) => [index, hex(hash), size]),
      ...data('signature'),
    }),
    close: () => (message.discoveryKey ? { discovery_key: hex(message.discoveryKey) } : {}),
    extension: () => ({ id: message.id, payload: hex(message.payload) }),
  };
  return { channel, type, ...(await rest[type]()) };
};

/** Reads pieces with the real code. */
const read = async (chunks) => {
  const found = [];
  let failure;
  const handlers = { encrypted: false, noise: false, send: () => {}, destroy: (error) => (failure = error) };
  for (const kind of KINDS) {
    handlers[`on${kind}`] = (channel, message) => found.push([channel, kind, message]);
  }
  handlers.onextension = (channel, id, payload) => found.push([channel, 'extension', { id, payload }]);
  const reader = new (await protocolClass())(true, handlers);
  for (const chunk of chunks) {
    reader.recv(chunk);
  }
  if (failure) {
    const found = frameClass(failure);
    throw found ? new Reject(found, failure.message) : failure;
  }
  return found;
};

/** All messages in their order, and those of each kind: Requests and Data by block. */
const frames = async (input) => {
  const messages = [];
  for (const [channel, type, message] of await read(pieces(input))) {
    messages.push(await described(channel, type, message));
  }
  const answer = { messages };
  for (const kind of KINDS) {
    answer[kind] = messages
      .filter(({ type }) => type === kind)
      .map(({ type: _, ...message }) => message)
      .sort((a, b) => (['request', 'data'].includes(kind) ? a.channel - b.channel || a.index - b.index : 0));
  }
  answer.digests = answer.request.map(({ channel, index, nodes }) => [channel, index, nodes]);
  answer.request = answer.request.map(({ nodes: _, ...message }) => message);
  answer.requests = answer.request.length;
  return answer;
};

const encode = async ({ messages }) => {
  const sent = [];
  const writer = new (await protocolClass())(true, {
    encrypted: false,
    noise: false,
    send: (data) => sent.push(data),
  });
  const data = (value) => (value === undefined ? undefined : block(value));
  for (const { channel, type, ...message } of messages) {
    const numbers = Object.fromEntries(
      ['start', 'length', 'index', 'bytes', 'nodes'].filter((name) => ['string', 'number'].includes(typeof message[name]))
        .map((name) => [name, Number(message[name])]),
    );
    if (type === 'extension') {
      writer.extension(channel, message.id, bytes(message.payload));
      continue;
    }
    writer[type](channel, {
      ...message,
      ...numbers,
      discoveryKey: data(message.discovery_key),
      capability: data(message.capability),
      bitfield: message.bits === undefined ? undefined : await encodeBitfield(bytes(message.bits)),
      value: data(message.value),
      signature: data(message.signature),
      nodes: Array.isArray(message.nodes)
        ? message.nodes.map(([index, hash, size]) => ({ index: Number(index), hash: bytes(hash), size: Number(size) }))
        : numbers.nodes,
    });
  }
  return { bytes: hex(Buffer.concat(sent)) };
};

const refusing = async (action) => {
  try {
    return await action();
  } catch (error) {
    const found = error instanceof Reject ? undefined : frameClass(error);
    throw found ? new Reject(found, error.message) : error;
  }
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const codec = {
  'echo.replication.frames': (input) => refusing(() => frames(input)),
  'echo.replication.encode': encode,
  'echo.replication.bitfield.decode': ({ bitfield }) =>
    refusing(async () => ({ bits: hex(await decodeBitfield(bytes(bitfield))) })),
  'echo.replication.bitfield.encode': async ({ bits }) => ({ bitfield: hex(await encodeBitfield(block(bits))) }),
};
