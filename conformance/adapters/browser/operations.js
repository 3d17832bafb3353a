// An implementation of the operations on keys, in plain JavaScript.
"use strict";

class Rejection extends Error {
  constructor(name, message) {
    super(message);
    this.class = name;
  }
}

const check = (holds, name, message) => { if (!holds) throw new Rejection(name, message); };

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function fromHex(given) {
  const text = given.replace(/^0x/, "");
  check(text.length > 0 && text.length % 2 === 0, "decode.length", "no even number of characters");
  check(/^[0-9a-fA-F]*$/.test(text), "canon.form", "a character is not hex");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

function toBase32(bytes) {
  let text = "", bits = 0, held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

function fromBase32(text) {
  check(text.length > 0 && ![1, 3, 6].includes(text.length % 8), "decode.length", "no number of bytes has so many");
  check(/^[A-Z2-7]*$/.test(text), "canon.form", "a character is not base32");
  const bytes = [];
  let bits = 0, held = 0;
  for (const character of text) {
    held = (held << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  check(held === 0, "canon.form", "left-over bits are not zero");
  return Uint8Array.from(bytes);
}

function afterPrefix(text, prefix) {
  check(text.startsWith(prefix), "canon.form", `the text does not begin with ${prefix}`);
  return text.slice(prefix.length);
}

function unpad(text) {
  const unpadded = text.replace(/=+$/, "");
  const right = unpadded === text || (text.length % 8 === 0 && text.length - unpadded.length < 7);
  check(right, "canon.form", "the padding is wrong");
  return unpadded;
}

function hashIn(text, prefix) {
  const body = afterPrefix(text, prefix);
  check(body.length === 32, "canon.form", "32 characters follow");
  return { hash: toHex(fromBase32(body)) };
}

async function idOf(key) {
  const hash = await crypto.subtle.digest("SHA-256", fromHex(key));
  return "B" + toBase32(new Uint8Array(hash).subarray(0, 20));
}

const operations = {
  "halo.key.parse": ({ form, text }) => {
    const key = form === "hex" ? fromHex(text) : fromBase32(unpad(afterPrefix(text, "B")));
    return { key: toHex(key), multibase32: "B" + toBase32(key) };
  },
  "halo.key.space_id": async ({ key }) => ({ space_id: await idOf(key) }),
  "halo.key.identity_did": async ({ key }) => ({ did: `did:halo:${await idOf(key)}` }),
  "halo.key.space_id.parse": ({ space_id }) => hashIn(space_id, "B"),
  "halo.key.identity_did.parse": ({ did }) => hashIn(did, "did:halo:B"),
};
