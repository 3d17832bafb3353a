import { createECDH } from 'node:crypto';

import { ProtoCodec } from '@dxos/codec-protobuf';
import {
  canonicalStringify,
  createCredential,
  createDidFromIdentityKey,
  getCredentialProofPayload,
  getPresentationProofPayload,
  signPresentation,
  verifyCredential,
  verifyPresentation,
} from '@dxos/credentials';
import { subtleCrypto } from '@dxos/crypto';
import { createIdFromSpaceKey } from '@dxos/echo-protocol';
import { Keyring } from '@dxos/keyring';
import { IdentityDid, PublicKey, SpaceId } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';

import { bytes, hex } from './bytes.mjs';
import { Reject, assertPass, decodeClass, issueClass, rejecting } from './errors.mjs';

const ANY = 'google.protobuf.Any';

const Claim = schema.getCodecForType('dxos.halo.credentials.Claim');
const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');
const Presentation = schema.getCodecForType('dxos.halo.credentials.Presentation');

const key = (text) => PublicKey.from(bytes(text));

/** A message that is absent is a plain object of defaults to the real decoder, and no key. */
const keyHex = (publicKey) => (publicKey instanceof PublicKey ? publicKey.toHex() : '');
const optional = (value, convert) => (value === undefined ? undefined : convert(value));

// By way of BigInt, so that an invalid date throws and is not answered as the text "NaN".
// A date that is absent is no date but a plain object of defaults, see keyHex.
const milliseconds = (date) => (date instanceof Date ? BigInt(date.getTime()).toString() : '0');

const decode = (codec, text) => {
  const data = bytes(text);
  return rejecting(decodeClass, () => codec.decode(data));
};

const decodeChain = async (text) =>
  text === undefined ? undefined : { credential: await decode(Credential, text) };

const parseHash = (idType, text) =>
  rejecting('canon.form', () => {
    if (!idType.isValid(text)) {
      throw new Error('not valid');
    }
    return { hash: hex(idType.decode(text)) };
  });

/** A type that the schema does not know stays opaque, and has the name that it came with. */
const assertionType = ({ '@type': type, type_url: typeUrl }) =>
  type === undefined || type === ANY ? (typeUrl ?? '') : type;

/**
 * The real encoder writes fields that a caller left out, but only after signing, and the real
 * decoder gives no usable key or timeframe for a message that is absent. Hence a first pass of the
 * real codec without substitutions, which fills in the same fields.
 */
const completed = (type, value) => {
  const codec = new ProtoCodec(type, { encode: {}, decode: {} }, schema);
  return codec.encode(codec.decode(value));
};

/** Decoded as part of a claim, so that it is what a reader of the finished credential gets. */
const decodeAssertion = async (subject, { type, value }) => {
  if (!schema.hasType(type)) {
    throw new Reject('schema.type', `unknown type: ${type}`);
  }
  const { protoType } = schema.getCodecForType(type);
  const data = bytes(value);
  return rejecting(decodeClass, () => {
    // Completing would hide what the real decoder refuses, a key without data for example.
    schema.getCodecForType(type).decode(data);
    const opaque = { '@type': ANY, type_url: type, value: completed(protoType, data) };
    return Claim.decode(Claim.encode({ id: subject, assertion: opaque })).assertion;
  });
};

const importKey = async (scalar) => {
  if (scalar.length !== 32) {
    throw new Error('not a scalar of 32 bytes');
  }
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const base64 = (data) => data.toString('base64url');
  const publicJwk = {
    kty: 'EC',
    crv: 'P-256',
    x: base64(point.subarray(1, 33)),
    y: base64(point.subarray(33)),
  };
  const load = (jwk, usage) =>
    subtleCrypto.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, [usage]);

  const keyring = new Keyring();
  const signingKey = await keyring.importKeyPair({
    publicKey: await load(publicJwk, 'verify'),
    privateKey: await load({ ...publicJwk, d: base64(scalar) }, 'sign'),
  });
  return { keyring, signingKey };
};

// One keyring for each private key: it must not find the keys of other requests.
const signers = new Map();

export const signerOf = async ({ suite, private_key: privateKey }) => {
  if (suite !== 'p256') {
    throw new Reject('auth.key', `no such suite: ${suite}`);
  }
  if (!signers.has(privateKey)) {
    const scalar = bytes(privateKey);
    signers.set(privateKey, await rejecting('auth.key', () => importKey(scalar)));
  }
  return signers.get(privateKey);
};

/** The packages read the clock themselves, so for the time of `action` the clock stands still. */
const atDate = async (text, action) => {
  const RealDate = globalThis.Date;
  const now = Number(text);
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => Reflect.construct(target, args.length > 0 ? args : [now]),
  });
  try {
    return await action();
  } finally {
    globalThis.Date = RealDate;
  }
};

const describeProof = (proof) => {
  let chain = 0;
  // A link without a credential has one of defaults, in which the issuer is no key.
  const holds = (link) => link?.credential?.issuer instanceof PublicKey;
  for (let link = proof.chain; holds(link); link = link.credential.proof?.chain) {
    chain++;
  }
  return {
    type: proof.type,
    creation_date: milliseconds(proof.creationDate),
    signer: proof.signer.toHex(),
    nonce: optional(proof.nonce, hex),
    value: hex(proof.value),
    chain,
  };
};

const describeCredential = (credential) => ({
  id: credential.id?.toHex(),
  issuer: credential.issuer.toHex(),
  issuance_date: milliseconds(credential.issuanceDate),
  expiration_date: optional(credential.expirationDate, milliseconds),
  subject: keyHex(credential.subject.id),
  assertion: {
    type: assertionType(credential.subject.assertion),
    json: canonicalStringify(credential.subject.assertion),
  },
  parents: (credential.parentCredentialIds ?? []).map((id) => id.toHex()),
  proof: describeProof(credential.proof),
});

const KEY_FORMS = {
  hex: (text) => PublicKey.fromHex(text),
  multibase32: (text) => PublicKey.fromMultibase32(text),
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const halo = {
  'halo.key.parse': async ({ form, text }) => {
    const parse = KEY_FORMS[form];
    const parsed = await rejecting(parse && 'canon.form', () => parse(text));
    return { key: parsed.toHex(), multibase32: parsed.toMultibase32() };
  },

  'halo.key.space_id': async (input) => ({
    space_id: await createIdFromSpaceKey(key(input.key)),
  }),

  'halo.key.identity_did': async (input) => ({
    did: await createDidFromIdentityKey(key(input.key)),
  }),

  'halo.key.space_id.parse': (input) => parseHash(SpaceId, input.space_id),

  'halo.key.identity_did.parse': (input) => parseHash(IdentityDid, input.did),

  'halo.credential.decode': async (input) =>
    describeCredential(await decode(Credential, input.credential)),

  'halo.credential.payload': async (input) => {
    const credential = await decode(Credential, input.credential);
    return { payload: getCredentialProofPayload(credential).toString() };
  },

  'halo.credential.id': async (input) => {
    const credential = await decode(Credential, input.credential);
    return {
      id: hex(await subtleCrypto.digest('SHA-256', getCredentialProofPayload(credential))),
    };
  },

  'halo.credential.verify': async (input) => {
    const credential = await decode(Credential, input.credential);
    assertPass(await verifyCredential(credential));
    return { issuer: credential.issuer.toHex() };
  },

  'halo.credential.issue': async (input) => {
    const { keyring, signingKey } = await signerOf(input);
    const subject = key(input.subject);
    const assertion = await decodeAssertion(subject, input.assertion);
    const chain = await decodeChain(input.chain);
    const params = {
      signer: keyring,
      issuer: key(input.issuer),
      subject,
      assertion,
      nonce: optional(input.nonce, bytes),
      parentCredentialIds: input.parents?.map(key),
      ...(chain && { signingKey, chain }),
    };
    const credential = await atDate(input.date, () =>
      rejecting(issueClass, () => createCredential(params)),
    );
    return { credential: hex(Credential.encode(credential)) };
  },

  'halo.presentation.payload': async (input) => {
    const { credentials, proofs } = await decode(Presentation, input.presentation);
    const proof = proofs[input.proof];
    if (!proof) {
      throw new Reject('decode.missing', `no proof ${input.proof}`);
    }
    return { payload: getPresentationProofPayload(credentials, proof).toString() };
  },

  'halo.presentation.verify': async (input) => {
    const presentation = await decode(Presentation, input.presentation);
    assertPass(await verifyPresentation(presentation));
    return {
      subjects: presentation.credentials.map(({ subject }) => keyHex(subject.id)),
      signers: presentation.proofs.map(({ signer }) => signer.toHex()),
    };
  },

  'halo.presentation.issue': async (input) => {
    const { keyring, signingKey } = await signerOf(input);
    const credentials = [];
    for (const text of input.credentials) {
      credentials.push(await decode(Credential, text));
    }
    const params = {
      presentation: { credentials },
      signer: keyring,
      signerKey: signingKey,
      chain: await decodeChain(input.chain),
      nonce: optional(input.nonce, bytes),
    };
    const presentation = await atDate(input.date, () => signPresentation(params));
    return { presentation: hex(Presentation.encode(presentation)) };
  },
};
