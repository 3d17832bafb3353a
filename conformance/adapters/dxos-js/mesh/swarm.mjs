import { PassThrough } from 'node:stream';

import { Event } from '@dxos/async';
import { PublicKey } from '@dxos/keys';
import {
  ConnectionLimiter,
  ConnectionState,
  FullyConnectedTopology,
  MMSTTopology,
  StarTopology,
  Swarm,
} from '@dxos/network-manager';
import { ConnectivityError, TimeoutError } from '@dxos/protocols';
import { schema } from '@dxos/protocols/proto';

import { bytes } from '../bytes.mjs';

const SwarmMessage = schema.getCodecForType('dxos.mesh.swarm.SwarmMessage');
const TYPE = 'dxos.mesh.swarm.SwarmMessage';

/** Milliseconds after which a messenger gives up. */
const DELIVERY_TIMEOUT = 10_000;

const TOPOLOGIES = {
  full: () => new FullyConnectedTopology(),
  star: ({ center }) => new StarTopology(PublicKey.from(bytes(center))),
  mmst: ({ originate, max, sample }) =>
    new MMSTTopology({ originateConnections: originate, maxPeers: max, sampleSize: sample }),
};

const STATES = {
  [ConnectionState.CREATED]: 'offering',
  [ConnectionState.INITIAL]: 'offering',
  [ConnectionState.CONNECTING]: 'connecting',
  [ConnectionState.CONNECTED]: 'connected',
};

/** What is absent in a message is no key but an empty object. */
const idOf = (id) => id?.toHex?.() ?? '';

const body = ({ offer, answer, signal, signalBatch }) => {
  if (offer) {
    return { offer: {} };
  }
  if (answer) {
    return { answer: { accept: answer.accept, offer: idOf(answer.offerMessageId) } };
  }
  const signals = signalBatch?.signals ?? [signal];
  return { signals: signals.map(({ payload }) => payload) };
};

const shown = (recipient, { topic, sessionId, messageId, data }) => ({
  recipient: recipient.peerKey,
  topic: idOf(topic),
  session: idOf(sessionId),
  id: idOf(messageId),
  ...body(data),
});

/** A transport that does what requests say. */
const makeTransport = (scene, { remotePeerKey: peer, sessionId, initiator, sendSignal }) => {
  const session = idOf(sessionId);
  let onError;
  const transport = {
    connected: new Event(),
    closed: new Event(),
    errors: {
      handle: (handler) => {
        onError = handler;
      },
      raise: (error) => onError(error),
    },
    sendSignal,
    open: async () => {
      scene.events.push({ open: peer, session, initiator });
      return transport;
    },
    close: async () => {
      scene.events.push({ close: peer, session });
      return transport;
    },
    onSignal: async ({ payload }) => {
      scene.events.push({ signal: peer, payload });
    },
    getStats: async () => undefined,
    getDetails: async () => '',
  };
  return transport;
};

const makeProtocol = () => {
  const nothing = async () => {};
  return { stream: new PassThrough(), open: nothing, close: nothing, abort: nothing };
};

/** A real swarm between a messenger and transports that are ours. */
export const openSwarm = async (scene, { peer, topic, topology, lost = [] }) => {
  const own = { peerKey: peer };
  let handler;
  const messenger = {
    listen: async ({ onMessage }) => {
      handler = onMessage;
      return {
        unsubscribe: async () => {
          handler = undefined;
        },
      };
    },
    sendMessage: async ({ recipient, payload }) => {
      const message = SwarmMessage.decode(payload.value);
      scene.out.push(shown(recipient, message));
      if (lost.includes(idOf(message.messageId))) {
        await new Promise((_resolve, reject) =>
          setTimeout(() => reject(new TimeoutError('not delivered')), DELIVERY_TIMEOUT),
        );
      }
    },
  };
  const swarm = new Swarm(
    PublicKey.from(bytes(topic)),
    own,
    TOPOLOGIES[topology.kind](topology),
    makeProtocol,
    messenger,
    { createTransport: (options) => makeTransport(scene, options) },
    undefined,
    new ConnectionLimiter(),
  );
  const announce = (event) => swarm.onSwarmEvent({ topic: PublicKey.from(bytes(topic)), ...event });

  Object.assign(scene, {
    state: () => ({
      connections: [...swarm._peers.values()]
        .filter(({ connection }) => connection)
        .map(({ remoteInfo, connection }) => ({
          peer: remoteInfo.peerKey,
          state: STATES[connection.state] ?? 'ending',
          initiator: connection.initiator,
          session: idOf(connection.sessionId),
        }))
        .sort((a, b) => (a.peer < b.peer ? -1 : 1)),
      open: handler !== undefined,
    }),
    end: () => (handler ? swarm.destroy() : undefined),

    available: ({ peer: peerKey }) => announce({ peerAvailable: { peer: { peerKey }, since: new Date() } }),
    left: ({ peer: peerKey }) => announce({ peerLeft: { peer: { peerKey } } }),
    leave: () => swarm.destroy(),

    // Not waited for: an offer is answered only when its answer is delivered.
    feed: ({ author, bytes: value }) => {
      void handler?.({ author: { peerKey: author }, recipient: own, payload: { type_url: TYPE, value: bytes(value) } });
    },

    transport: ({ peer: peerKey, event, payload }) => {
      const transport = swarm._peers.get({ peerKey })?.connection?.transport;
      if (!transport) {
        return;
      }
      const events = {
        connected: () => transport.connected.emit(),
        closed: () => transport.closed.emit(),
        error: () => transport.errors.raise(new ConnectivityError('lost')),
        signal: () => transport.sendSignal({ payload }),
      };
      events[event]();
    },
  });
  await swarm.open();
};
