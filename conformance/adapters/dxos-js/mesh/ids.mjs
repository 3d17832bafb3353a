import { PublicKey } from '@dxos/keys';

const { random } = PublicKey;

/** What asks for an id: methods of the real code by the queue of a request that serves them. */
const SOURCES = [
  ['sessions', /\.initiateConnection\b/],
  ['ids', /\.(sendMessage|offer|_sendReliableMessage)\b/],
];

/**
 * While `action` runs, ids of messages and sessions are those of `queues`, in their order. All others, which never
 * leave the process, stay random. Whoever asks is found in the stack.
 */
export const withIds = async (queues, action) => {
  PublicKey.random = () => {
    const caller = new Error().stack.split('\n')[2] ?? '';
    const source = SOURCES.find(([, pattern]) => pattern.test(caller));
    const id = source && queues[source[0]]?.shift();
    return id ? PublicKey.from(id) : random.call(PublicKey);
  };
  try {
    return await action();
  } finally {
    PublicKey.random = random;
  }
};
