import { createRequire } from 'node:module';

import { SpaceStateMachine, getCredentialAssertion, verifyCredential } from '@dxos/credentials';
import { PublicKey } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';
import { Invitation, SpaceState } from '@dxos/protocols/proto/dxos/client/services';
import { SpaceMember } from '@dxos/protocols/proto/dxos/halo/credentials';

import { bytes, hex } from '../bytes.mjs';
import { Reject, assertPass, decodeClass, rejecting } from '../errors.mjs';
import { Clock } from '../mesh/clock.mjs';
import { closeSession, openSession, session } from '../sessions.mjs';
import { Connection } from './connection.mjs';
import { guestDevice, guestSpace, hostDevice, hostSpace, rehostSpace } from './protocols.mjs';
import { clientProtocol, clientServices } from './services.mjs';

/** Where the packages take their random challenges from. */
const hypercore = createRequire(createRequire(import.meta.url).resolve('@dxos/crypto'))('hypercore-crypto');

const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');
const InvitationMessage = schema.getCodecForType('dxos.client.services.Invitation');
const AdmissionResponse = schema.getCodecForType('dxos.halo.invitations.AdmissionResponse');

const key = (text) => PublicKey.from(bytes(text));
const keyHex = (publicKey) => publicKey.toHex();

/** Of an absent message the decoder makes an object of defaults. */
const isKey = (value) => value instanceof PublicKey;
const isSet = (value) => value !== undefined && value !== null;

const same = (value) => value;

/** Member of an invitation in JSON → its name in the packages, and how it is written and read there. */
const FIELDS = {
  invitation_id: ['invitationId', same, same, (text) => isSet(text) && text !== ''],
  type: ['type', same, same, isSet],
  kind: ['kind', same, same, isSet],
  auth_method: ['authMethod', same, same, isSet],
  state: ['state', same, same, isSet],
  swarm_key: ['swarmKey', key, keyHex, isKey],
  timeout: ['timeout', same, same, isSet],
  identity_key: ['identityKey', key, keyHex, isKey],
  space_key: ['spaceKey', key, keyHex, isKey],
  auth_code: ['authCode', same, same, isSet],
  target: ['target', same, same, isSet],
  persistent: ['persistent', same, same, isSet],
  created: ['created', (text) => new Date(Number(text)), (date) => String(date.getTime()), (date) => date instanceof Date],
  lifetime: ['lifetime', same, same, isSet],
  multi_use: ['multiUse', same, same, isSet],
  guest_keypair: [
    'guestKeypair',
    ({ public_key: publicKey, private_key: privateKey }) => ({
      publicKey: key(publicKey),
      ...(privateKey === undefined ? {} : { privateKey: bytes(privateKey) }),
    }),
    ({ publicKey, privateKey }) => ({
      public_key: keyHex(publicKey),
      ...(isSet(privateKey) ? { private_key: hex(privateKey) } : {}),
    }),
    (pair) => isKey(pair?.publicKey),
  ],
  delegation_credential_id: ['delegationCredentialId', key, keyHex, isKey],
  role: ['role', same, same, isSet],
  space_id: ['spaceId', same, same, isSet],
};

const invitationOf = (json) =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [FIELDS[name][0], FIELDS[name][1](value)]));

const jsonOf = (invitation) =>
  Object.fromEntries(
    Object.entries(FIELDS)
      .filter(([, [name, , , there]]) => there(invitation[name]))
      .map(([member, [name, , read]]) => [member, read(invitation[name])]),
  );

/** The admission that a guest accepts, as answers show it. */
const accepted = ({ space, device }) => {
  if (space) {
    const { issuer, subject } = space.credential;
    const { spaceKey, genesisFeedKey, role } = subject.assertion;
    return { issuer: keyHex(issuer), space_key: keyHex(spaceKey), genesis_feed_key: keyHex(genesisFeedKey), role };
  }
  const { credential, identityKey, haloSpaceKey, genesisFeedKey } = device;
  return {
    issuer: keyHex(credential.issuer),
    identity_key: keyHex(identityKey),
    halo_space_key: keyHex(haloSpaceKey),
    genesis_feed_key: keyHex(genesisFeedKey),
  };
};

const DELEGATION = 'dxos.halo.invitations.DelegateSpaceInvitation';

const STATES = Object.fromEntries(Object.entries(Invitation.State).map(([name, number]) => [number, name]));

/** A real manager of invitations of one protocol, whose handler joins swarms by `join`. */
const managerOf = async (protocol, join) => {
  const { InvitationsHandler, InvitationsManager } = await clientServices();
  const handler = Object.assign(new InvitationsHandler(), { _joinSwarm: join });
  const store = { addInvitation: async () => {}, removeInvitation: async () => {} };
  return new InvitationsManager(handler, () => protocol, store);
};

/** One side of an invitation: the real handler of invitations, joined to connections that requests speak on. */
class Scene {
  connections = new Map();
  out = [];
  #pending = new Set();

  constructor({ now, challenges = [] }) {
    this.clock = new Clock(now);
    this.challenges = challenges.map(bytes);
  }

  /** In the place of joining a swarm. */
  #join = async (ctx, _invitation, _role, createExtension) => {
    this.createExtension = createExtension;
    const close = async () => {
      this.createExtension = undefined;
      await Promise.all([...this.connections.values()].map((connection) => connection.close()));
    };
    ctx.onDispose(close);
    return { close };
  };

  /** Work of the protocol, which may be done by other threads; a step does not end before it. */
  #during(work) {
    const settled = work.then(
      () => this.#pending.delete(settled),
      () => this.#pending.delete(settled),
    );
    this.#pending.add(settled);
    return work;
  }

  async begin(protocol) {
    const { admit, accept } = protocol;
    protocol.admit = (...given) => this.#during(admit.apply(protocol, given));
    protocol.accept = (response, request) =>
      this.#during(
        accept.call(protocol, response, request).then((result) => {
          this.result = accepted(response);
          return result;
        }),
      );
    this.manager = await managerOf(protocol, this.#join);
  }

  follow(invitation) {
    this.invitation = invitation;
    invitation.subscribe(
      () => {},
      (error) => {
        this.error = error;
      },
    );
  }

  #id() {
    return { invitationId: this.invitation.get().invitationId };
  }

  cancel() {
    return this.manager.cancelInvitation(this.#id());
  }

  enter(authCode) {
    return this.manager.authenticate({ ...this.#id(), authCode });
  }

  connect(number) {
    const extension = this.createExtension?.();
    if (extension) {
      const tell = (message) => this.out.push({ connection: number, message });
      this.connections.set(number, new Connection(extension, tell));
    }
  }

  /** Carries out `action`, waits until nothing more happens, and answers with what was done. */
  async step(action) {
    const catcher = (error) => console.error('not caught:', error);
    process.on('uncaughtException', catcher);
    process.on('unhandledRejection', catcher);
    const { randomBytes } = hypercore;
    hypercore.randomBytes = (length) => (length === 32 && this.challenges.shift()) || randomBytes(length);
    this.result = undefined;
    try {
      await this.clock.within(async () => {
        await action();
        await this.settle();
      });
    } finally {
      hypercore.randomBytes = randomBytes;
      process.off('uncaughtException', catcher);
      process.off('unhandledRejection', catcher);
    }
    return this.#answer();
  }

  async settle() {
    await this.clock.advance(this.clock.now);
    while (this.#pending.size > 0) {
      await Promise.all(this.#pending);
      await this.clock.advance(this.clock.now);
    }
  }

  #answer() {
    const out = this.out.splice(0);
    const { state } = this.invitation.get();
    const admission = out.find(({ message }) => message.method === 'Admit' && message.response !== undefined);
    return {
      out,
      state: STATES[state],
      open: [...this.connections].filter(([, { open }]) => open).map(([number]) => number).sort((a, b) => a - b),
      ...(admission ? { admission: admission.message.response } : {}),
      ...(this.result && state === Invitation.State.SUCCESS ? { result: this.result } : {}),
    };
  }
}

const REFUSALS = [
  ['Invitation already expired', 'auth.expired'],
  ['No spaceKey was provided', 'schema.constraint'],
  ['Already joined', 'state.duplicate'],
  ['No member management permission', 'auth.role'],
  ['SpaceMember', 'schema.type'],
  ['response.', 'schema.type'],
  ['subject.id', 'schema.constraint'],
];

const refusalClass = ({ message }) => REFUSALS.find(([part]) => message.includes(part))?.[1];

/** What a peer's space makes of the credential, whose issuer may invite: an invitation that it hosts. */
const rehost = async (credential) => {
  const { DataSpaceManager } = await clientServices();
  assertPass(await verifyCredential(credential));
  const space = credential.subject.id;
  const members = { getRole: () => SpaceMember.Role.ADMIN };
  const state = Object.assign(new SpaceStateMachine(space), { _members: members });
  await state.process(credential, { sourceFeed: space });
  const [delegated] = state.invitations;
  if (!delegated) {
    throw getCredentialAssertion(credential)['@type'] === DELEGATION
      ? new Reject('auth.expired', 'the invitation is over')
      : new Reject('schema.type', 'no delegated invitation');
  }
  const invitationsManager = await managerOf(await rehostSpace(space), () => new Promise(() => {}));
  const manager = new DataSpaceManager({ invitationsManager });
  const [credentialId, invitation] = delegated;
  await manager._handleInvitationStatusChange({ key: space, state: SpaceState.SPACE_READY }, { credentialId, invitation }, true);
  return invitationsManager.getCreatedInvitations()[0];
};

const isDevice = ({ kind = Invitation.Kind.DEVICE }) => kind === Invitation.Kind.DEVICE;

/** What a message leaves out is not what the packages take by default where an invitation is made. */
const hosted = (invitation) => ({
  type: Invitation.Type.INTERACTIVE,
  kind: Invitation.Kind.DEVICE,
  authMethod: Invitation.AuthMethod.NONE,
  created: null,
  lifetime: 0,
  ...invitation,
});

const beginHost = async (scene, input) => {
  await scene.begin(await (isDevice(input.invitation) ? hostDevice : hostSpace)(input));
  const invitation = hosted(invitationOf(input.invitation));
  return scene.step(async () => {
    scene.follow(await rejecting(refusalClass, () => scene.manager.createInvitation(invitation)));
  });
};

const beginGuest = async (scene, input) => {
  await scene.begin(await (isDevice(input.invitation) ? guestDevice : guestSpace)(input));
  const invitation = invitationOf(input.invitation);
  const answer = await scene.step(() => scene.follow(scene.manager.acceptInvitation({ invitation })));
  if (scene.error) {
    await rejecting(refusalClass, () => Promise.reject(scene.error));
  }
  return answer;
};

const open = async (input) => {
  const name = openSession();
  try {
    const kept = session(name);
    const scene = new Scene(input);
    kept.invitation = scene;
    const answer = await (input.role === 'host' ? beginHost : beginGuest)(scene, input);
    kept.closers.push(() => scene.step(() => scene.invitation.cancel()));
    return { session: name, ...answer };
  } catch (error) {
    await closeSession(name);
    throw error;
  }
};

const on = (action) => async (input) => {
  const scene = session(input.session).invitation;
  return scene.step(() => action(scene, input));
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const invitation = {
  'halo.invitation.code.encode': async ({ invitation: json }) => {
    const { InvitationEncoder } = await clientProtocol();
    return { code: InvitationEncoder.encode(invitationOf(json)) };
  },

  'halo.invitation.code.decode': async ({ code }) => {
    const { InvitationEncoder } = await clientProtocol();
    const classify = (error) => (error.message.includes('base62') ? 'canon.form' : decodeClass(error));
    return { invitation: jsonOf(await rejecting(classify, () => InvitationEncoder.decode(code))) };
  },

  'halo.invitation.accept': async ({ invitation: json, identity, device, admission }) => {
    const response = await rejecting(decodeClass, () => AdmissionResponse.decode(bytes(admission)));
    const protocol = await (isDevice(json) ? guestDevice : guestSpace)({ identity, device });
    const request = await protocol.createAdmissionRequest();
    await rejecting(refusalClass, () => protocol.accept(response, request));
    return accepted(response);
  },

  'halo.invitation.rehost': async ({ credential: text, now }) => {
    const credential = await rejecting(decodeClass, () => Credential.decode(bytes(text)));
    const hosted = await new Clock(Number(now)).within(() => rehost(credential));
    return { invitation: jsonOf(InvitationMessage.decode(InvitationMessage.encode(hosted))) };
  },

  'wire.open': open,
  'wire.feed': on((scene, { connection = 0, message }) => scene.connections.get(connection)?.feed(message)),
  'wire.tick': on(({ clock }, { now }) => clock.advance(now)),
  'halo.invitation.connect': on((scene, { connection = 0 }) => scene.connect(connection)),
  'halo.invitation.disconnect': on((scene, { connection = 0 }) => scene.connections.get(connection)?.close()),
  'halo.invitation.cancel': on((scene) => scene.cancel()),
  'halo.invitation.enter_code': on((scene, { code }) => scene.enter(code)),
};
