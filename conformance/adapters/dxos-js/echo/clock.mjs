/** Time that passes only when it is told to. */
export class Clock {
  #timers = new Set();

  constructor(now) {
    this.now = now;
  }

  /** As `setTimeout`, with what the real code uses of a timer. */
  start = (action, ms, ...args) => {
    const timer = {
      at: this.now + ms,
      action: () => action(...args),
      unref: () => timer,
      refresh: () => {
        timer.at = this.now + ms;
        this.#timers.add(timer);
        return timer;
      },
    };
    this.#timers.add(timer);
    return timer;
  };

  stop = (timer) => {
    this.#timers.delete(timer);
  };

  /** Lets time pass; what is due at the same time comes in the order in which it was set. */
  advance(to) {
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= to).sort((a, b) => a.at - b.at)[0];
      if (!due) {
        this.now = Math.max(this.now, to);
        return;
      }
      this.now = due.at;
      this.#timers.delete(due);
      due.action();
    }
  }

  /** While `action` runs the process has this clock. */
  async within(action) {
    const { setTimeout, clearTimeout } = globalThis;
    Object.assign(globalThis, { setTimeout: this.start, clearTimeout: this.stop });
    try {
      return await action();
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
    }
  }
}
