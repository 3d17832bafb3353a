// One client's socket: dxRPC without a handshake, with the service Signal behind it.

import { hex } from './board.mjs';
import { JoinRequest, ReceptionRequest, RpcMessage, SwarmEvent, timestamp } from './schema.mjs';

const SERVICE = 'dxos.mesh.signal.Signal';
const PROTOCOL_ERROR = 1002;

/** Serves a WebSocket until it ends. */
export const serve = (ws, board, deviations) => {
  const { has, amount } = deviations;
  /** Request id → what ends its stream. */
  const streams = new Map();
  let opened = !has('handshake');

  const send = (message) => {
    if (ws.readyState === ws.OPEN) {
      const bytes = RpcMessage.encode(message);
      ws.send(has('text') ? bytes.toString('latin1') : bytes);
    }
  };
  const answer = (id, content) => send({ response: { id, ...content } });
  const payload = (type, value) => ({ payload: has('no-type-url') ? { value } : { type_url: `.${type}`, value } });
  const ready = (id) => has('no-ready') || answer(id, { stream_ready: true });

  const methods = {
    Join(id, bytes) {
      const { swarm, peer } = JoinRequest.decode(bytes);
      const event = (value) => answer(id, payload('dxos.mesh.signal.SwarmEvent', SwarmEvent.encode(value)));
      ready(id);
      const leave = board.join(hex(swarm), hex(peer), Date.now(), {
        available: (other, since) => event({
          peer_available: { peer: Buffer.from(other, 'hex'), ...(has('no-since') ? {} : { since: timestamp(since) }) },
        }),
        left: (other) => event({ peer_left: { peer: Buffer.from(other, 'hex') } }),
        nothing: () => event({}),
      });
      streams.set(id, leave);
      if (amount('end-stream')) {
        setTimeout(() => end(id) && answer(id, { close: true }), amount('end-stream'));
      }
    },

    ReceiveMessages(id, bytes) {
      const { peer } = ReceptionRequest.decode(bytes);
      ready(id);
      streams.set(id, board.subscribe(hex(peer), (message) => answer(id, payload('dxos.mesh.signal.Message', message))));
    },

    SendMessage(id, bytes) {
      board.send(bytes);
      const reply = () => answer(id, has('no-payload') ? {} : payload('google.protobuf.Empty', Buffer.alloc(0)));
      if (has('no-answer')) {
        return;
      }
      amount('slow') ? setTimeout(reply, amount('slow')) : reply();
    },
  };

  const end = (id) => {
    const stop = streams.get(id);
    streams.delete(id);
    stop?.();
    return stop !== undefined;
  };

  const find = (name) => {
    const spelled = (method) => {
      const full = `${SERVICE}.${method}`;
      return full === name || (has('any-case') && full.toLowerCase() === name.toLowerCase());
    };
    return Object.keys(methods).find(spelled);
  };

  const request = ({ id, method, payload: argument, stream }) => {
    try {
      const found = find(method);
      if (found === undefined) {
        throw new Error('no such method is served');
      }
      if (stream === (found === 'SendMessage')) {
        throw new Error('a stream was expected where there is none, or none where there is one');
      }
      methods[found](id, argument?.value ?? Buffer.alloc(0));
    } catch (error) {
      answer(id, { error: { name: error.name, message: error.message, ...(has('stacks') ? { stack: error.stack } : {}) } });
    }
  };

  ws.on('message', (data, binary) => {
    if (!binary) {
      // The keepalive of clients; they expect no answer.
      if (has('close-on-text')) {
        ws.close();
      } else if (has('pong')) {
        ws.send('__pong__');
      }
      return;
    }
    let message;
    try {
      message = RpcMessage.decode(data);
    } catch {
      ws.close(PROTOCOL_ERROR);
      return;
    }
    if (message.open && has('handshake')) {
      opened = true;
      send({ open_ack: true });
    } else if (message.stream_close && !has('no-close')) {
      const { id } = message.stream_close;
      if (end(id)) {
        answer(id, { close: true });
      }
    } else if (message.request && opened) {
      request(message.request);
    }
  });
  ws.on('close', () => [...streams.keys()].forEach(end));
  // What goes wrong with a socket ends it; `close` follows.
  ws.on('error', () => {});
  if (amount('kick')) {
    setTimeout(() => ws.terminate(), amount('kick'));
  }

  /** Ends the socket from this side. */
  return () => {
    if (has('bye')) {
      send({ bye: {} });
    }
    ws.close();
  };
};
