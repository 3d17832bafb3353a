/**
 * Serves an implementation to dxspec, the conformance suite of the DXOS protocols.
 * One file, no dependencies, Node 18 or later; typed by JSDoc, which TypeScript checks as it is.
 * Licence: MIT or Apache-2.0, at your option.
 *     import { Reject, Testee } from './dxspec-testee.mjs';
 *
 *     const testee = new Testee('mine', '0.1.0', 'typescript', { features: ['suite.p256'] });
 *     testee.op('halo.key.space_id', async ({ key }) => ({ space_id: await mine.spaceId(key) }));
 *     await testee.serve();
 *
 * An operation returns an object (`ok`), or a promise of one, or throws a Reject (`reject`); any other exception
 * becomes `bug` with its trace.  What is printed to standard output is shown as the log of the case.
 * @typedef {Record<string, any>} Members
 * @typedef {Members | Promise<Members>} Result
 * @typedef {{ ok: Members } | { reject: { class: string, message: string } } | { bug: { message: string } }
 *   | { unsupported: {} }} Answer
 */

/** The protocol says no, with a class of the closed list such as 'auth.signature'. */
export class Reject extends Error {
  /** @param {string} rejectClass @param {string} [message] */
  constructor(rejectClass, message = '') {
    super(message);
    this.rejectClass = rejectClass;
  }
}

/** What dxspec is told about an implementation, and its operations. @template [State=Map<string, any>] */
export class Testee {
  /** @type {Map<string, (given: Members) => Result>} */ #operations = new Map();
  /** @type {Map<string, State>} */ #states = new Map();
  #opened = 0;

  /**
   * `coarse`: prefixes of classes that are not told apart.  `session` makes the state of a new session.
   * @param {string} name @param {string} version @param {string} [language]
   * @param {{ features?: string[], coarse?: string[], session?: () => State }} [options]
   */
  constructor(name, version, language = 'javascript', { features = [], coarse = [], session } = {}) {
    this.hello = { tp: 1, implementation: { name, version, language }, features, coarse };
    this.session = session ?? (() => /** @type {State} */ (new Map()));
  }

  /** Registers an operation. @param {string} name @param {(given: Members) => Result} run */
  op(name, run) {
    this.#operations.set(name, run);
  }

  /** The same in a session. @param {string} name @param {(given: Members, state: State) => Result} run */
  sessionOp(name, run) {
    this.op(name, (given) => run(given, this.#state(given)));
  }

  /** Answers requests until the end of standard input. */
  async serve() {
    const write = process.stdout.write.bind(process.stdout);
    let unfinished = false; // An answer begins a line of its own, whatever was printed before it.
    process.stdout.write = (/** @type {any} */ chunk, /** @type {any[]} */ ...rest) => {
      unfinished = chunk.length > 0 ? !['\n', 10].includes(chunk.at(-1)) : unfinished;
      return write(chunk, ...rest);
    };
    for await (const line of lines(process.stdin.setEncoding('utf8'))) {
      let request;
      try {
        request = JSON.parse(line);
        if (!Number.isSafeInteger(request.id)) throw new TypeError('id is not an integer');
      } catch (error) {
        console.log(`not a request: ${error}`); // Without an id there is nothing to answer.
        continue;
      }
      const { id } = request;
      const answer = await this.answer(request.op, request.in);
      let text;
      try {
        text = JSON.stringify({ id, ...answer });
      } catch (error) {
        text = JSON.stringify({ id, ...bug(error) }); // A result that JSON cannot hold.
      }
      await new Promise((written) => write(`${unfinished ? '\n' : ''}TP1 ${text}\n`, written));
      unfinished = false;
    }
    process.exit(); // Timers of the implementation must not keep the adapter alive.
  }

  /** @param {string} op @param {Members} given @returns {Promise<Answer>} */
  async answer(op, given) {
    try {
      if (typeof op !== 'string' || !isObject(given)) throw new TypeError('malformed request');
      if (op === 'bench' && this.hello.features.includes('bench')) return await this.#bench(given);
      const run = this.#operations.get(op) ?? (Object.hasOwn(this.#builtin, op) ? this.#builtin[op] : undefined);
      if (!run) return { unsupported: {} };
      const ok = await run(given);
      if (!isObject(ok)) throw new TypeError(`${op} returned ${ok}, which is not an object`);
      return { ok };
    } catch (error) {
      return error instanceof Reject ? { reject: { class: error.rejectClass, message: error.message } } : bug(error);
    }
  }

  /** What every testee serves. @type {Record<string, (given: Members) => Members>} */
  #builtin = {
    hello: ({ tp }) => {
      if (tp !== 1) throw new Reject('schema.range', 'only version 1 is spoken');
      const bench = this.hello.features.filter((feature) => feature === 'bench');
      return { ...this.hello, ops: [...[...this.#operations.keys()].sort(), ...bench] };
    },
    'session.open': () => {
      const session = `s${++this.#opened}`;
      this.#states.set(session, this.session());
      return { session };
    },
    'session.close': (given) => {
      this.#state(given);
      this.#states.delete(given.session);
      return {};
    },
  };

  /** @param {Members} given */
  #state({ session }) {
    if (!this.#states.has(session)) throw new Reject('state.unknown_ref', 'no such session is open');
    return /** @type {State} */ (this.#states.get(session));
  }

  /** @param {Members} given @returns {Promise<Answer>} */
  async #bench({ op, in: given, iterations }) {
    if (!(iterations >= 1 && iterations <= 1e8)) throw new Reject('schema.range', 'iterations must be 1 to 100000000');
    const first = this.#operations.has(op) ? await this.answer(op, given) : { unsupported: {} };
    if ('bug' in first || 'unsupported' in first) return first;
    const start = process.hrtime.bigint();
    for (let i = 0; i < iterations; i++) await this.answer(op, given);
    return { ok: { nanoseconds: String(process.hrtime.bigint() - start) } };
  }
}

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {unknown} error @returns {Answer} */
const bug = (error) => ({ bug: { message: String((error instanceof Error && error.stack) || error) } });

/** Splits at \n alone: node:readline also does at U+2028, which JSON may hold. @param {AsyncIterable<string>} stream */
async function* lines(stream) {
  let rest = '';
  for await (const chunk of stream) {
    const pieces = chunk.split('\n');
    pieces[0] = rest + pieces[0];
    rest = pieces.pop() ?? '';
    yield* pieces;
  }
}
