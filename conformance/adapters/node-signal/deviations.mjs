// What can be made wrong about the server: names of switches, and numbers where one says how much.

/** Name → what the server then does. */
export const DEVIATIONS = {
  'no-ready': 'streams are never made ready',
  'no-existing': 'who joins does not hear of those present',
  'no-forward': 'those present do not hear of who joins',
  'announce-self': 'who joins hears of itself, too',
  'left-self': 'who leaves hears of it, too',
  'no-left': 'nobody hears of who leaves',
  'left-early': 'who closes one of two streams in a swarm is said to have left',
  'one-swarm': 'all topics are one swarm',
  'no-since': 'announcements do not say since when',
  'empty-event': 'each swarm begins with an event that says nothing',
  twice: 'each message is delivered twice',
  'to-author': 'messages are delivered to their authors, too',
  'first-only': 'only the first subscription of a peer gets its messages',
  reencode: 'messages are decoded and encoded again on their way',
  store: 'messages to absent peers are kept for them',
  strict: 'a message to an absent peer is an error',
  'no-payload': 'SendMessage is answered without a payload',
  'no-answer': 'SendMessage is not answered',
  'no-type-url': 'payloads do not say their type',
  'any-case': 'names of methods are read without regard to case',
  text: 'answers are text frames',
  pong: 'text frames are answered',
  'close-on-text': 'a text frame ends the socket',
  handshake: 'nothing is served before the handshake of the peer',
  bye: 'an ending server says bye',
  'no-close': 'the end of a stream by its client is not heeded',
  stacks: 'errors carry stacks',
};

/** Name → what the number is. */
export const AMOUNTS = {
  drop: 'one message in so many is lost',
  lag: 'messages are delivered so many milliseconds late',
  slow: 'SendMessage is answered so many milliseconds late',
  kick: 'each socket is dropped after so many milliseconds',
  'end-stream': 'each Join is ended by the server after so many milliseconds',
  reannounce: 'everyone is announced again each so many milliseconds',
};

/**
 * Reads `no-ready,twice,lag=500`.
 *
 * @returns {{has: (name: string) => boolean, amount: (name: string) => number}} `amount` is 0 where nothing is said.
 */
export const parse = (text) => {
  const chosen = new Map();
  for (const word of text.split(',').filter(Boolean)) {
    const [name, value] = word.split('=');
    if (name in DEVIATIONS && value === undefined) {
      chosen.set(name, 1);
    } else if (name in AMOUNTS && Number(value) > 0) {
      chosen.set(name, Number(value));
    } else {
      throw new Error(`"${word}" is no deviation; --list shows them`);
    }
  }
  return { has: (name) => chosen.has(name), amount: (name) => chosen.get(name) ?? 0 };
};
