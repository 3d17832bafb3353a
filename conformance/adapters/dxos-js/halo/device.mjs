import { Context } from '@dxos/context';
import {
  DeviceStateMachine,
  ProfileStateMachine,
  SpaceStateMachine,
  verifyCredential,
} from '@dxos/credentials';
import { PublicKey } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';

import { bytes } from '../bytes.mjs';
import { Reject, assertPass, decodeClass, rejecting } from '../errors.mjs';
import { clientServices } from './services.mjs';

const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');

const key = (text) => PublicKey.from(bytes(text));

const decode = (text) => {
  const data = bytes(text);
  return rejecting(decodeClass, () => Credential.decode(data));
};

/** The feed of a credential is of no importance for devices and profiles. */
const SOURCE = key('00'.repeat(32));

/**
 * The machine for default spaces is not exported: the identity that has one is opened over a space of its own, which
 * gets the credentials about default spaces alone.
 */
const defaultSpaces = async (identityKey, deviceKey) => {
  const { Identity } = await clientServices();
  const spaceState = new SpaceStateMachine(SOURCE);
  const identity = new Identity({ identityKey, deviceKey, space: { spaceState, open: async () => {} } });
  await identity.open(new Context());
  return { spaceState, identity };
};

/** The own space of an identity, by the machines of the packages. */
class Reader {
  words = [];

  constructor(input) {
    this.identityKey = key(input.identity_key);
    this.deviceKey = key(input.device_key ?? '00');
    const { identityKey, deviceKey } = this;
    this.space = new SpaceStateMachine(SOURCE);
    this.devices = new DeviceStateMachine({ identityKey, deviceKey });
    this.profile = new ProfileStateMachine({ identityKey });
  }

  /** What the space has recorded goes on to the processors; one that throws ends the process of a deployed peer. */
  async process(credential) {
    const known = this.space.credentials.length;
    if (!(await this.space.process(credential, { sourceFeed: SOURCE }))) {
      return 'refused';
    }
    if (this.space.credentials.length === known) {
      return 'accepted';
    }
    try {
      await this.devices.processCredential(credential);
      await this.profile.processCredential(credential);
    } catch (error) {
      console.error(error.message);
      return 'failed';
    }
    if (credential.subject.assertion['@type'] === 'dxos.halo.credentials.DefaultSpace') {
      this.defaults ??= await defaultSpaces(this.identityKey, this.deviceKey);
      await this.defaults.spaceState.process(credential, { sourceFeed: SOURCE, skipVerification: true });
    }
    return 'accepted';
  }

  /** What cannot be read is refused. */
  async replay(entries) {
    for (const { credential } of entries) {
      const read = await decode(credential).catch((error) => {
        if (error instanceof Reject) {
          return undefined;
        }
        throw error;
      });
      this.words.push(read ? await this.process(read) : 'refused');
    }
  }

  /** Keys are compared as texts: of two keys the shorter one comes first if the other begins with it. */
  describe() {
    const devices = [...this.devices.authorizedDeviceKeys].map(([device, profile]) => [device.toHex(), profile?.label]);
    devices.sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      results: this.words,
      devices: devices.map(([device]) => device),
      profiles: devices.filter(([, label]) => label !== undefined),
      chain: this.devices.deviceCredentialChain?.credential.id?.toHex(),
      default_space: this.defaults?.identity.defaultSpaceId,
    };
  }
}

const replay = async (input) => {
  const reader = new Reader(input);
  await reader.replay(input.entries);
  return reader;
};

const process = async (input) => {
  const reader = await replay(input);
  const credential = await decode(input.entry.credential);
  const word = await reader.process(credential);
  reader.words.push(word);
  switch (word) {
    case 'refused':
      assertPass(await verifyCredential(credential));
      throw new Reject('state', 'the space refuses it');
    case 'failed':
      throw new Reject('state.conflict', 'a processor throws');
    default:
      return reader;
  }
};

const named = ({ words, profile: { profile } }) => ({
  results: words,
  profile: profile?.displayName === undefined ? [] : [profile.displayName],
});

/** Operation name → function of `in` that gives `ok`, or throws. */
export const device = {
  'halo.device.replay': async (input) => (await replay(input)).describe(),
  'halo.device.process': async (input) => (await process(input)).describe(),
  'halo.profile.replay': async (input) => named(await replay(input)),
  'halo.profile.process': async (input) => named(await process(input)),
};
