import { Stream } from '@dxos/codec-protobuf';
import { schema } from '@dxos/protocols/proto';
import { RpcPeer, createProtoRpcPeer } from '@dxos/rpc';

import { bytes, hex } from '../bytes.mjs';
import { Reject } from '../errors.mjs';
import { closeSession, openSession, session } from '../sessions.mjs';
import { Clock } from './clock.mjs';

const codec = schema.getCodecForType('dxos.rpc.RpcMessage');
const AS_IT_IS = { preserveAny: true };

const STATES = { INITIAL: 'opening', OPENING: 'opening', OPENED: 'open', CLOSING: 'closing', CLOSED: 'closed' };

const any = ({ type, value }) => ({ '@type': 'google.protobuf.Any', type_url: type, value: bytes(value) });

/** A message as answers show it; of an error its name alone. */
const told = ({ request, response, open, openAck, streamClose, bye }) => {
  if (request) {
    const { id, method, payload, stream } = request;
    return { request: id, method, type: payload.type_url, value: hex(payload.value), stream };
  }
  if (response) {
    const { id, payload, error, close, streamReady } = response;
    if (payload) {
      return { answer: id, type: payload.type_url, value: hex(payload.value) };
    }
    if (error) {
      return { error: id, ...(error.name === undefined ? {} : { name: error.name }) };
    }
    return close ? { close: id } : streamReady ? { ready: id } : { nothing: id };
  }
  if (open) {
    return { open: true };
  }
  if (openAck) {
    return { open_ack: true };
  }
  if (streamClose) {
    return { stream_close: streamClose.id };
  }
  return bye ? { bye: true } : undefined;
};

const said = ({ name, message, context }) => ({
  ...(name === undefined ? {} : { name }),
  ...(message === undefined ? {} : { message }),
  ...(context === undefined ? {} : { context }),
});

const decode = ({ bytes: encoded }) => {
  let message;
  try {
    message = codec.decode(bytes(encoded), AS_IT_IS);
  } catch (error) {
    throw new Reject('decode', error.message);
  }
  const shown = told(message);
  if (!shown) {
    // The peer says so too, after it has decoded it.
    throw new Reject('decode.missing', 'Malformed message.');
  }
  return { message: { ...shown, ...(message.response?.error ? said(message.response.error) : {}) } };
};

const untold = (message) => {
  if ('request' in message) {
    const { request: id, method, stream } = message;
    return { request: { id, method, payload: any(message), stream } };
  }
  const response = (content, id) => ({ response: { id, ...content } });
  if ('answer' in message) {
    return response({ payload: any(message) }, message.answer);
  }
  if ('error' in message) {
    return response({ error: said(message) }, message.error);
  }
  if ('close' in message) {
    return response({ close: true }, message.close);
  }
  if ('ready' in message) {
    return response({ streamReady: true }, message.ready);
  }
  if ('stream_close' in message) {
    return { streamClose: { id: message.stream_close } };
  }
  return 'open' in message ? { open: true } : 'open_ack' in message ? { openAck: true } : { bye: {} };
};

/** What a handler throws: an error of that name, or a text. */
const thrown = ({ name, message, context }) =>
  name === undefined ? message : Object.assign(new Error(message), { name, ...(context ? { context } : {}) });

/** Failures that arise at the caller have classes of their own. */
const nameOf = (error) => {
  if (error.constructor.name === 'TimeoutError' && error.message.startsWith('Timeout')) {
    return 'TIMEOUT';
  }
  return error.message === 'Malformed response.' ? 'PROTOCOL_ERROR' : error.name;
};

const step = async (wire, action) => {
  const catcher = (error) => console.error('not caught:', error);
  process.on('uncaughtException', catcher);
  process.on('unhandledRejection', catcher);
  let answer;
  try {
    await wire.clock.within(async () => {
      answer = await action();
      await wire.clock.advance(wire.clock.now);
    });
  } finally {
    process.off('uncaughtException', catcher);
    process.off('unhandledRejection', catcher);
  }
  const sent = wire.sent.splice(0);
  const messages = sent.map((message) => codec.decode(message, AS_IT_IS));
  const failed = messages.filter(({ response }) => response?.error);
  return {
    ...answer,
    out: messages.map(told),
    sent: sent.map(hex),
    events: wire.events.splice(0),
    errors: failed.map(({ response: { id, error } }) => ({ error: id, ...said(error) })),
    stacks: failed.filter(({ response }) => response.error.stack !== undefined).length,
    state: STATES[wire.peer._state],
  };
};

/** The handlers do not hear the number of a request; messages come one at a time. */
const received = (wire, method, stream) => {
  const { id, payload } = wire.request;
  wire.events.push({ request: id, method, value: hex(payload.value), stream });
  return id;
};

const callHandler = (wire) => (method) => {
  const id = received(wire, method, false);
  return new Promise((resolve, reject) => wire.calls.set(id, { resolve, reject }));
};

const streamHandler = (wire) => (method) => {
  const id = received(wire, method, true);
  return new Stream(({ ready, next, close }) => {
    const producer = { ready, next, close, ended: false };
    wire.producers.set(id, producer);
    return () => {
      if (!producer.ended) {
        producer.ended = true;
        wire.events.push({ cancelled: id });
      }
    };
  });
};

/** Services of the deployed schemas, whose handlers are as those without. */
const serve = (wire, services) => {
  const exposed = {};
  const handlers = {};
  for (const [service, methods] of Object.entries(services)) {
    exposed[service] = schema.getService(service);
    handlers[service] = {};
    for (const [method, stream] of Object.entries(methods)) {
      const handler = (stream ? streamHandler : callHandler)(wire);
      handlers[service][method[0].toLowerCase() + method.slice(1)] = () => handler(`${service}.${method}`);
    }
  }
  return { exposed, handlers };
};

/** Where there are services the real code encodes results itself. */
const result = (wire, { type, value }) =>
  wire.typed ? schema.getCodecForType(type).decode(bytes(value)) : any({ type: `.${type}`, value });

const on = (action) => async (input) => {
  const { wire } = session(input.session);
  return step(wire, () => action(input, wire));
};

const open = async ({ handshake, timeout, first_id: first, services, now }) => {
  const name = openSession();
  try {
    const kept = session(name);
    const wire = { clock: new Clock(now), sent: [], events: [], calls: new Map(), producers: new Map(), streams: new Map() };
    kept.wire = wire;
    const port = {
      send: (message) => void wire.sent.push(message),
      subscribe: (receive) => {
        wire.receive = receive;
        return () => (wire.receive = undefined);
      },
    };
    const options = { port, noHandshake: !handshake, ...(timeout === undefined ? {} : { timeout }) };
    if (services) {
      wire.typed = createProtoRpcPeer({ ...options, ...serve(wire, services) });
      wire.peer = wire.typed._peer;
    } else {
      wire.peer = new RpcPeer({ ...options, callHandler: callHandler(wire), streamHandler: streamHandler(wire) });
    }
    const answer = await step(wire, () => {
      void wire.peer.open();
      if (first !== undefined) {
        wire.peer._nextId = first;
      }
    });
    kept.closers.push(() => wire.clock.within(() => wire.peer.abort()));
    return { session: name, ...answer };
  } catch (error) {
    await closeSession(name);
    throw error;
  }
};

const feed = async ({ bytes: one, messages = [one] }, wire) => {
  for (const message of messages.map(bytes)) {
    try {
      wire.request = codec.decode(message, AS_IT_IS).request;
    } catch {
      wire.request = undefined;
    }
    wire.receive?.(message);
    await wire.clock.advance(wire.clock.now);
  }
};

const call = ({ method, type, value, stream = false }, wire) => {
  const { peer, events, streams } = wire;
  const id = peer._nextId;
  const asked = any({ type: `.${type}`, value });
  const refused = (error) => new Reject('state.order', error.message);
  if (!stream) {
    let refusal;
    const answered = peer.call(method, asked).then(
      (payload) => events.push({ answer: id, value: hex(payload.value) }),
      (error) => {
        if (peer._nextId === id) {
          refusal = error;
        } else {
          events.push({ answer: id, error: nameOf(error) });
        }
      },
    );
    return peer._nextId === id ? answered.then(() => Promise.reject(refused(refusal))) : {};
  }
  let items;
  try {
    items = peer.callStream(method, asked);
  } catch (error) {
    throw refused(error);
  }
  const follow = { cancelled: false, items };
  streams.set(id, follow);
  const tell = (event) => {
    if (!follow.cancelled) {
      events.push(event);
    }
  };
  items.onReady(() => tell({ ready: id }));
  items.subscribe(
    (payload) => tell({ item: id, value: hex(payload.value) }),
    (error) => tell({ ended: id, ...(error ? { error: nameOf(error) } : {}) }),
  );
  return {};
};

const end = ({ id, error }, { producers }) => {
  const producer = producers.get(id);
  if (producer && !producer.ended) {
    producer.ended = true;
    producer.close(error ? thrown(error) : undefined);
  }
};

const answer = (input, wire) => {
  const { id, error } = input;
  const handler = wire.calls.get(id);
  if (!handler) {
    if (error) {
      end(input, wire);
    }
    return;
  }
  if (error) {
    handler.reject(thrown(error));
  } else {
    handler.resolve(result(wire, input));
  }
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const rpc = {
  'mesh.rpc.decode': decode,
  'mesh.rpc.encode': ({ message }) => ({ bytes: hex(codec.encode(untold(message), AS_IT_IS)) }),
  'wire.open': open,
  'wire.feed': on(feed),
  'wire.tick': on(({ now }, { clock }) => clock.advance(now)),
  'mesh.rpc.call': on(call),
  'mesh.rpc.answer': on(answer),
  'mesh.rpc.ready': on(({ id }, { producers }) => void producers.get(id)?.ready()),
  'mesh.rpc.item': on((input, wire) => void wire.producers.get(input.id)?.next(result(wire, input))),
  'mesh.rpc.end': on(end),
  'mesh.rpc.cancel': on(async ({ id }, { streams }) => {
    const follow = streams.get(id);
    if (follow) {
      follow.cancelled = true;
      await follow.items.close();
    }
  }),
  'mesh.rpc.close': on((_input, { peer }) => void peer.close()),
  'mesh.rpc.abort': on((_input, { peer }) => void peer.abort()),
};
