import { Reject } from './errors.mjs';

const sessions = new Map();
let count = 0;

/** Begins a session and gives its name. */
export const openSession = () => {
  const name = `s${++count}`;
  sessions.set(name, { closers: [] });
  return name;
};

/** What a session keeps: an object on which each kind of operation has a place of its own. */
export const session = (name) => {
  const found = sessions.get(name);
  if (!found) {
    throw new Reject('state.unknown_ref', `no such session: ${name}`);
  }
  return found;
};

/** Ends a session; functions in `closers` are called, the last one first. */
export const closeSession = async (name) => {
  const { closers } = session(name);
  sessions.delete(name);
  for (const close of closers.reverse()) {
    await close();
  }
};
