/** The protocol says no. Any other exception is an accident of the implementation, a `bug`. */
export class Reject extends Error {
  constructor(rejectClass, message) {
    super(message);
    this.class = rejectClass;
  }
}

/**
 * Runs `action` and turns its exception into a `Reject` of the class that `classify` names (a
 * class, or a function of the exception). Where `classify` gives none, the exception passes
 * as it is.
 */
export const rejecting = async (classify, action) => {
  try {
    return await action();
  } catch (error) {
    const rejectClass = typeof classify === 'function' ? classify(error) : classify;
    throw rejectClass ? new Reject(rejectClass, error.message) : error;
  }
};

/** The decoder reports a position, not a reason, except for its nesting limit. */
export const decodeClass = ({ message }) =>
  /max(imum nesting)? depth exceeded/.test(message) ? 'resource.depth' : 'decode';

const firstMatch = (rules, message) => rules.find(([start]) => message.startsWith(start))?.[1];

const VERIFICATION = [
  ['Invalid signature type', 'auth.key'],
  ['Invalid signature', 'auth.signature'],
  ['Delegated credential is missing credential chain', 'auth.chain'],
  ['Invalid credential chain', 'auth.chain'],
];

/** Verifiers return their refusals as a list of sentences, of which the first is answered. */
export const assertPass = ({ kind, errors }) => {
  if (kind === 'pass') {
    return;
  }
  const rejectClass = firstMatch(VERIFICATION, errors[0]);
  throw rejectClass
    ? new Reject(rejectClass, errors[0])
    : new Error(`unknown refusal: ${errors[0]}`);
};

const ISSUING = [
  // Without a chain the keyring is asked for the issuer's own key, which it has only if the two
  // are the same.
  ['Key not found', 'auth.chain'],
  ['invariant violation: Chain must be provided', 'auth.chain'],
  ['invariant violation: Invalid chain', 'auth.chain'],
];

export const issueClass = ({ message }) => firstMatch(ISSUING, message);
