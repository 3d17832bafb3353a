import {
  SpaceStateMachine,
  createCredentialSignerWithChain,
  createCredentialSignerWithKey,
  createDidFromIdentityKey,
} from '@dxos/credentials';
import { createIdFromSpaceKey } from '@dxos/echo-protocol';
import { PublicKey } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';
import { SpaceMember } from '@dxos/protocols/proto/dxos/halo/credentials';
import { Timeframe } from '@dxos/timeframe';

import { bytes } from '../bytes.mjs';
import { decodeClass, rejecting } from '../errors.mjs';
import { signerOf } from '../halo.mjs';
import { clientServices } from './services.mjs';

const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');

const key = (text) => PublicKey.from(bytes(text));

/** Who signs, as the packages see it: with a chain for its issuer, or as the issuer itself. */
export const credentialSigner = async ({ suite, private_key: privateKey, issuer, chain }) => {
  const { keyring, signingKey } = await signerOf({ suite, private_key: privateKey });
  const credential =
    chain === undefined ? undefined : await rejecting(decodeClass, () => Credential.decode(bytes(chain)));
  return {
    keyring,
    signingKey,
    chain: credential,
    signer: credential
      ? createCredentialSignerWithChain(keyring, { credential }, signingKey)
      : createCredentialSignerWithKey(keyring, key(issuer)),
  };
};

/** Keys that a request names, in the order in which the packages make keys. */
const keyringOf = (keys) => ({ createKey: async () => keys.shift() ?? PublicKey.random() });

const timeframe = (pairs) => pairs && new Timeframe(pairs.map(([feed, number]) => [key(feed), number]));

/** A control feed that is not replicated: what is written counts at once. */
const controlPipeline = ({ control_timeframe: pairs, genesis_feed_key: feed }) => {
  let seq = 0;
  return {
    state: { timeframe: timeframe(pairs) },
    writer: { write: async () => ({ feedKey: key(feed), seq: seq++ }) },
  };
};

/** The real state of a space, whose members are told and not derived from credentials. */
const spaceState = (spaceKey, { members = [], heads = [] }) => {
  const roles = new Map(members);
  return Object.create(SpaceStateMachine.prototype, {
    _spaceKey: { value: spaceKey },
    _members: {
      value: {
        getRole: (member) => roles.get(member.toHex()) ?? SpaceMember.Role.REMOVED,
        membershipChainHeads: heads.map(key),
      },
    },
  });
};

/** The protocol of a host that invites to a space, over a real manager of spaces that has this one. */
export const hostSpace = async ({ space, signer: given }) => {
  const { DataSpaceManager, SpaceInvitationProtocol } = await clientServices();
  const { keyring, signingKey, signer } = await credentialSigner(given);
  const spaceKey = key(space.space_key);
  const inner = {
    key: spaceKey,
    genesisFeedKey: key(space.genesis_feed_key),
    spaceState: spaceState(spaceKey, space),
    controlPipeline: controlPipeline(space),
  };
  const signingContext = {
    identityKey: key(given.issuer),
    deviceKey: signingKey,
    credentialSigner: signer,
    recordCredential: async () => {},
    getProfile: () => undefined,
  };
  const spaces = { get: (other) => (other.equals(spaceKey) ? inner : undefined) };
  const manager = new DataSpaceManager({ spaceManager: { spaces }, signingContext, keyring });
  manager.spaces.set(spaceKey, { id: await createIdFromSpaceKey(spaceKey), key: spaceKey, inner });
  return new SpaceInvitationProtocol(manager, signingContext, keyring, spaceKey);
};

/** The protocol of a peer that hosts what another member of the space has delegated. */
export const rehostSpace = async (spaceKey) => {
  const { SpaceInvitationProtocol } = await clientServices();
  const id = await createIdFromSpaceKey(spaceKey);
  const space = { id, key: spaceKey, inner: { key: spaceKey, spaceState: spaceState(spaceKey, {}) } };
  // Whoever holds the space's own key may invite, members or not.
  return new SpaceInvitationProtocol({ spaces: { get: () => space } }, { identityKey: spaceKey }, undefined, spaceKey);
};

/** The protocol of a host that invites a device, over a real identity. */
export const hostDevice = async ({ space, signer: given }) => {
  const { DeviceInvitationProtocol, Identity } = await clientServices();
  const { keyring, signingKey, signer, chain } = await credentialSigner(given);
  const identityKey = key(given.issuer);
  const haloSpace = key(space.space_key);
  const identity = new Identity({
    did: await createDidFromIdentityKey(identityKey),
    identityKey,
    deviceKey: signingKey,
    signer: keyring,
    space: {
      id: await createIdFromSpaceKey(haloSpace),
      key: haloSpace,
      genesisFeedKey: key(space.genesis_feed_key),
      controlPipeline: controlPipeline(space),
    },
  });
  if (chain) {
    await identity._deviceStateMachine.processCredential(chain);
  } else {
    identity.getIdentityCredentialSigner = () => signer;
  }
  const none = () => Promise.reject(new Error('a host joins no identity'));
  return new DeviceInvitationProtocol(keyring, () => identity, none);
};

/** The protocol of a guest that is invited to a space; what it joins is only remembered. */
export const guestSpace = async ({ identity, device, control_feed: control, data_feed: data, profile, spaces = [] }) => {
  const { SpaceInvitationProtocol } = await clientServices();
  const joined = new Set(spaces);
  const manager = {
    spaces: { has: (space) => joined.has(space.toHex()) },
    acceptSpace: async ({ spaceKey }) => void joined.add(spaceKey.toHex()),
  };
  const signingContext = {
    identityKey: key(identity),
    deviceKey: key(device),
    recordCredential: async () => {},
    getProfile: () => (profile === undefined ? undefined : { displayName: profile }),
  };
  const feeds = [control, data].filter((feed) => feed !== undefined).map(key);
  return new SpaceInvitationProtocol(manager, signingContext, keyringOf(feeds));
};

/** The protocol of a guest that becomes a device; it has no identity before. */
export const guestDevice = async ({ device, control_feed: control, data_feed: data }) => {
  const { DeviceInvitationProtocol } = await clientServices();
  const none = () => {
    throw new Error('no identity yet');
  };
  const keys = [device, control, data].filter((one) => one !== undefined).map(key);
  return new DeviceInvitationProtocol(keyringOf(keys), none, async () => {});
};
