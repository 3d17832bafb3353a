import { setImmediate } from 'node:timers/promises';

/** Turns of the event loop in which nothing happens before the real code is taken to be done. */
const QUIET = 4;

/** Time that passes only when it is told to, for code that asks for the date too. */
export class Clock {
  #timers = new Set();

  constructor(now) {
    this.now = now;
  }

  #start = (action, ms = 0, ...args) => {
    const timer = { at: this.now + Math.max(ms, 0), action: () => action(...args), unref: () => timer };
    this.#timers.add(timer);
    return timer;
  };

  #stop = (timer) => {
    this.#timers.delete(timer);
  };

  /** Carries out the first of what is due, if anything is. */
  #fire(to) {
    const due = [...this.#timers].filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0];
    if (!due) {
      return false;
    }
    this.now = Math.max(this.now, due.at);
    this.#timers.delete(due);
    due.action();
    return true;
  }

  /** Lets time pass until nothing more is to be done at `to`; what follows from one timer comes before the next one. */
  async advance(to) {
    for (let quiet = 0; quiet < QUIET; quiet++) {
      await setImmediate();
      if (quiet === QUIET - 1 && this.#fire(to)) {
        quiet = -1;
      }
    }
    this.now = Math.max(this.now, to);
  }

  /** While `action` runs the process has this clock. */
  async within(action) {
    const { setTimeout, clearTimeout, Date: RealDate } = globalThis;
    const clock = this;
    class ClockDate extends RealDate {
      constructor(...given) {
        super(...(given.length > 0 ? given : [clock.now]));
      }

      static now() {
        return clock.now;
      }
    }
    Object.assign(globalThis, { setTimeout: this.#start, clearTimeout: this.#stop, Date: ClockDate });
    try {
      return await action();
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout, Date: RealDate });
    }
  }
}
