/** What becomes of a credential, by its code in memory; 0 as long as nothing has. */
export const WORDS = [undefined, 'accepted', 'refused', 'failed'];
