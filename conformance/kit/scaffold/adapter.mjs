// Puts the implementation @NAME@ to the test: one function for each operation of dxspec.
// @ts-check

import { createHash } from 'node:crypto';

import { Reject, Testee } from './dxspec-testee.mjs';

const testee = new Testee('@NAME@', '0.1.0', 'typescript', { features: ['suite.p256'] });

// HALO-KEY-017.  Written out here so that something works from the start; call your implementation instead.
testee.op('halo.key.space_id', ({ key }) => {
  const hash = createHash('sha256').update(Buffer.from(key, 'hex')).digest();
  return { space_id: 'B' + base32(hash.subarray(0, 20)) };
});

// Here goes the next operation.  One that also refuses, for example, is halo.key.space_id.parse:
//
//     testee.op('halo.key.space_id.parse', async ({ space_id: text }) => {
//       if (!myImplementation.isSpaceId(text)) {
//         throw new Reject('canon.form', `no space id: ${text}`);
//       }
//       return { hash: (await myImplementation.hashIn(text)).toString('hex') };
//     });

await testee.serve();

/** Upper-case base32 of RFC 4648, for a multiple of five bytes. @param {Uint8Array} bytes */
function base32(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replace(/.{5}/g, (five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five, 2)]);
}
