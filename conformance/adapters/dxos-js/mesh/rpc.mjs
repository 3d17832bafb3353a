/** Operation name → function of `in` that gives `ok`, or throws. */
export const rpc = {};
