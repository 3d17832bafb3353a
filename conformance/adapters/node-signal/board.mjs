// Who is present in which swarm, and who listens for messages.

import { Message } from './schema.mjs';

/** The value of `map` under `key`, made if there is none. */
const at = (map, key, make) => {
  if (!map.has(key)) {
    map.set(key, make());
  }
  return map.get(key);
};

export class Board {
  /** Topic → peer → streams, in the order in which they came. */
  #swarms = new Map();
  /** Peer → subscriptions. */
  #inboxes = new Map();
  /** Peer → messages, for the deviation `store` alone. */
  #stored = new Map();
  #sent = 0;

  constructor(deviations) {
    this.deviations = deviations;
  }

  /**
   * @param {{available: (peer: string, since: number) => void, left: (peer: string) => void, nothing: () => void}} stream
   * @returns {() => void} leaves
   */
  join(topic, peer, now, stream) {
    const { has, amount } = this.deviations;
    const swarm = at(this.#swarms, has('one-swarm') ? '' : topic, () => new Map());
    if (has('empty-event')) {
      stream.nothing();
    }
    for (const [other, streams] of swarm) {
      if (other !== peer && !has('no-existing')) {
        stream.available(other, streams.values().next().value.since);
      }
    }
    if (has('announce-self')) {
      stream.available(peer, now);
    }
    if (!swarm.has(peer) && !has('no-forward')) {
      this.#others(swarm, peer, (other) => other.available(peer, now));
    }
    const entry = { ...stream, since: now };
    at(swarm, peer, () => new Set()).add(entry);
    const again = amount('reannounce') && setInterval(() => {
      for (const other of swarm.keys()) {
        if (other !== peer) {
          stream.available(other, Date.now());
        }
      }
    }, amount('reannounce'));

    return () => {
      clearInterval(again);
      const streams = swarm.get(peer);
      if (!streams?.delete(entry)) {
        return;
      }
      if (streams.size === 0) {
        swarm.delete(peer);
      }
      if ((streams.size === 0 || has('left-early')) && !has('no-left')) {
        this.#others(swarm, peer, (other) => other.left(peer));
      }
      if (has('left-self')) {
        stream.left(peer);
      }
      if (swarm.size === 0) {
        this.#swarms.delete(topic);
      }
    };
  }

  #others(swarm, peer, tell) {
    for (const [other, streams] of swarm) {
      if (other !== peer) {
        streams.forEach(tell);
      }
    }
  }

  /** @returns {() => void} ends the subscription */
  subscribe(peer, deliver) {
    const inbox = at(this.#inboxes, peer, () => new Set());
    inbox.add(deliver);
    this.#stored.get(peer)?.forEach((message) => deliver(message));
    this.#stored.delete(peer);
    return () => {
      inbox.delete(deliver);
      if (inbox.size === 0 && this.#inboxes.get(peer) === inbox) {
        this.#inboxes.delete(peer);
      }
    };
  }

  /** @param {Buffer} message passed on as it is */
  send(message) {
    const { has, amount } = this.deviations;
    const { author, recipient } = Message.decode(message);
    const peer = hex(recipient);
    const inbox = [...(this.#inboxes.get(peer) ?? [])];
    this.#sent += 1;
    if (amount('drop') && this.#sent % amount('drop') === 0) {
      return;
    }
    if (inbox.length === 0 && has('strict')) {
      throw new Error('recipient not subscribed');
    }
    if (inbox.length === 0 && has('store')) {
      at(this.#stored, peer, () => []).push(message);
    }
    if (has('to-author')) {
      inbox.push(...(this.#inboxes.get(hex(author)) ?? []));
    }
    const bytes = has('reencode') ? Message.encode(Message.decode(message)) : message;
    const deliver = () => {
      for (const to of has('first-only') ? inbox.slice(0, 1) : inbox) {
        to(bytes);
        if (has('twice')) {
          to(bytes);
        }
      }
    };
    amount('lag') ? setTimeout(deliver, amount('lag')) : deliver();
  }
}

export const hex = (bytes) => Buffer.from(bytes).toString('hex');
