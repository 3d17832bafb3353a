import { webcrypto } from 'node:crypto';

import { FeedFactory, FeedStore } from '@dxos/feed-store';
import { PublicKey } from '@dxos/keys';
import { StorageType, createStorage } from '@dxos/random-access-storage';
import { Timeframe } from '@dxos/timeframe';

import { Reject } from '../errors.mjs';
import { echoPipeline } from './pipeline.mjs';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Keys by index of the feed: a request says nothing of them, so that each serves for all requests. */
const pairs = [];

const pair = async (index) => {
  pairs[index] ??= (async () => {
    const { privateKey, publicKey } = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
    const key = PublicKey.from(new Uint8Array(await webcrypto.subtle.exportKey('raw', publicKey)));
    return { key, sign: async (data) => new Uint8Array(await webcrypto.subtle.sign(ECDSA, privateKey, data)) };
  })();
  return pairs[index];
};

/** Timers of a second or so, which the pipeline sets when it has to wait, go off when the case says so. */
const fakeTimers = () => {
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
  const timers = new Set();
  globalThis.setTimeout = (action, delay, ...args) => {
    if (!(delay >= 500)) {
      return realSet(action, delay, ...args);
    }
    const timer = { action: () => action(...args), delay, unref: () => timer, ref: () => timer };
    timers.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => (timers.delete(timer) ? undefined : realClear(timer));
  return {
    pass: (time) => {
      for (const timer of [...timers].filter(({ delay }) => delay <= time)) {
        timers.delete(timer);
        timer.action();
      }
    },
    restore: () => Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear }),
  };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Turns of the event loop in which nothing happens, after which nothing will: everything is in memory. */
const QUIET = 40;

class Run {
  order = [];
  clocks = [];
  stalled = false;
  written = [];
  early = 0;
  writes = [];

  async open(input) {
    const { Pipeline, valueEncoding } = await echoPipeline();
    this.keys = await Promise.all(Array.from({ length: input.feeds.length + 1 }, async (_, index) => (await pair(index)).key));
    const signer = {
      sign: async (key, data) => (await pair(this.index(key))).sign(data),
    };
    const root = createStorage({ type: StorageType.RAM }).createDirectory('feeds');
    this.store = new FeedStore({ factory: new FeedFactory({ root, signer, hypercore: { valueEncoding } }) });
    this.feeds = [];
    for (const [index, blocks] of input.feeds.entries()) {
      const feed = await this.store.openFeed(this.keys[index], { writable: true });
      if (blocks.length > 0) {
        await feed.append(
          blocks.map((block) => ({
            timeframe: this.timeframe(block.timeframe),
            payload: { data: { batch: { objects: [] } } },
          })),
        );
      }
      for (const [place, seq] of input.holes ?? []) {
        if (place === index) {
          await feed.clear(seq, seq + 1);
        }
      }
      this.feeds.push(feed);
    }
    this.pipeline = new Pipeline();
    if (input.cursor) {
      await this.pipeline.setCursor(this.timeframe(input.cursor));
    }
    this.pipeline.state.stalled.on(() => {
      this.stalled = true;
    });
    await this.pipeline.start();
  }

  index(key) {
    return this.keys.findIndex((one) => one.equals(key));
  }

  timeframe(frames) {
    return new Timeframe(frames.map(([feed, seq]) => [this.keys[feed], seq]));
  }

  shown(timeframe) {
    return timeframe
      .frames()
      .map(([key, seq]) => [this.index(key), seq])
      .sort(([a], [b]) => a - b);
  }

  async add(feeds) {
    for (const feed of feeds) {
      try {
        await this.pipeline.addFeed(this.feeds[feed]);
      } catch (error) {
        throw /already added/.test(error.message) ? new Reject('state.duplicate', error.message) : error;
      }
    }
  }

  /** `process` may throw: the deployed consumers catch what goes wrong with a message, and ask for the next. */
  consume(process) {
    this.consumed = (async () => {
      for await (const { feedKey, seq } of this.pipeline.consume()) {
        const block = [this.index(PublicKey.from(feedKey)), seq];
        this.order.push(block);
        this.clocks.push(this.shown(this.pipeline.state.timeframe));
        try {
          await process(block);
        } catch (error) {
          console.error(error.message);
        }
      }
    })();
  }

  async rest() {
    for (let quiet = 0, seen = -1; quiet < QUIET; quiet++) {
      if (this.order.length !== seen) {
        [quiet, seen] = [0, this.order.length];
      }
      await turn();
      // Signing is done by other threads.
      await Promise.all(this.writes);
    }
  }

  isWritten = ([feed, seq]) => this.written.some((one) => one.feed === feed && one.seq === seq);

  write(feed, count) {
    const written = { data: { batch: { objects: [] } } };
    const afterWrite = async ({ seq }) => {
      this.written.push({ feed, seq });
      await turn();
      this.early += this.order.filter(this.isWritten).length;
    };
    this.writes = Array.from({ length: count }, () => this.pipeline.writer.write(written, { afterWrite }));
    return Promise.all(this.writes);
  }

  async close() {
    await this.pipeline.stop();
    await this.consumed;
    await this.store.close();
  }
}

const withRun = async (input, action) => {
  const timers = fakeTimers();
  const run = new Run();
  const { log, warn } = console;
  Object.assign(console, { log: () => {}, warn: () => {} });
  try {
    await run.open(input);
    return await action(run, timers);
  } finally {
    try {
      await run.close();
    } finally {
      timers.restore();
      Object.assign(console, { log, warn });
    }
  }
};

const early = ({ feeds, add_order: order, late = [] }) =>
  (order ?? feeds.map((_, index) => index)).filter((feed) => !late.includes(feed));

const includes = (list, [feed, seq]) => (list ?? []).some(([place, number]) => place === feed && number === seq);

/** Operation name → function of `in` that gives `ok`, or throws. */
export const order = {
  'echo.order.deliver': (input) =>
    withRun(input, async (run, timers) => {
      const wait = input.wait ?? 1000;
      run.consume((block) => {
        if (includes(input.fails, block)) {
          throw new Error('the consumer fails');
        }
      });
      await run.add(early(input));
      await run.rest();
      let before;
      if (input.late?.length) {
        timers.pass(wait);
        before = run.stalled;
        run.stalled = false;
        await run.add(input.late);
        await run.rest();
      }
      timers.pass(wait);
      const { timeframe, endTimeframe } = run.pipeline.state;
      return {
        order: run.order,
        clocks: run.clocks,
        stalled: run.stalled,
        stalled_before: before,
        complete: Timeframe.dependencies(endTimeframe, timeframe).isEmpty(),
        clock: run.shown(timeframe),
        end: run.shown(endTimeframe),
        reached: input.target && Timeframe.dependencies(run.timeframe(input.target), timeframe).isEmpty(),
      };
    }),

  'echo.order.write': (input) =>
    withRun(input, async (run) => {
      run.pipeline.setWriteFeed(run.feeds[input.writer]);
      run.consume(async (block) => {
        if (includes(input.during, block)) {
          await run.write(input.writer, input.writes);
        }
      });
      await run.add(early(input));
      await run.rest();
      if (!input.during) {
        await run.write(input.writer, input.writes);
        await run.rest();
      }
      const written = [];
      for (const { feed, seq } of run.written) {
        const { timeframe } = await run.feeds[feed].get(seq);
        written.push({ seq, timeframe: run.shown(timeframe) });
      }
      return {
        written: written.sort((a, b) => a.seq - b.seq),
        early: run.early,
        delivered: run.order.filter(run.isWritten),
        clock: run.shown(run.pipeline.state.timeframe),
      };
    }),
};
