// A thread with the real state machine of spaces; `space.mjs` asks it.
import { parentPort } from 'node:worker_threads';

// The packages take their console as they are loaded, so they have to be imported after this by hand.
let said = [];
const hear = (...parts) => said.push(parts.map(String).join(' '));
globalThis.console = new Proxy({}, { get: () => hear });

const { SpaceStateMachine } = await import('@dxos/credentials');
const { PublicKey } = await import('@dxos/keys');
const { schema } = await import('@dxos/protocols/proto');
const { bytes } = await import('../bytes.mjs');
const { WORDS } = await import('./words.mjs');

const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');

const EPOCH = 'dxos.halo.credentials.Epoch';

const key = (text) => PublicKey.from(bytes(text));
const byKey = ([a], [b]) => (a < b ? -1 : Number(a > b));
const pairs = (map, shown) =>
  [...map.entries()].map(([key, value]) => [key.toHex(), ...shown(value)]).sort(byKey);

/** What a state machine holds.  Of epochs it keeps no account: those who listen to it take the last. */
const view = (machine) => {
  const epoch = machine.getCredentialsOfType(EPOCH).at(-1);
  return {
    members: pairs(machine.members, ({ role }) => [role ?? 0]),
    profiles: pairs(machine.members, ({ profile }) => [profile?.displayName]).filter(
      ([, name]) => name !== undefined,
    ),
    heads: machine.membershipChainHeads.map((id) => id.toHex()).sort(),
    feeds: pairs(machine.feeds, ({ parent, assertion }) => [parent.toHex(), assertion.designation ?? 0]),
    invitations: [...machine.invitations.keys()].map((id) => id.toHex()).sort(),
    genesis: machine.genesisCredential?.id?.toHex(),
    epoch: epoch?.id?.toHex(),
  };
};

const decode = (text) => {
  try {
    return { credential: Credential.decode(bytes(text)) };
  } catch (error) {
    return { undecodable: error.message };
  }
};

/** What becomes of one entry: the word for it, and why it is not accepted. */
const take = async (machine, { credential: text, source_feed: feed }) => {
  const { credential, undecodable } = decode(text);
  if (!credential) {
    return { word: 'refused', undecodable };
  }
  said = [];
  try {
    const accepted = await machine.process(credential, { sourceFeed: key(feed) });
    return { word: accepted ? 'accepted' : 'refused', reason: said.join('\n') };
  } catch (error) {
    return { word: 'failed', reason: error.message };
  }
};

const replay = async ({ spaceKey, entries, shared }) => {
  const machine = new SpaceStateMachine(key(spaceKey));
  let last;
  for (const [index, entry] of entries.entries()) {
    last = await take(machine, entry);
    shared[index] = WORDS.indexOf(last.word);
  }
  const { reason, undecodable } = last ?? {};
  return { view: view(machine), reason, undecodable };
};

parentPort.on('message', async (request) => {
  const realNow = Date.now;
  request.shared[request.entries.length] = 1;
  // Expiry is judged as credentials arrive, by the clock of the packages.
  Date.now = () => Number(request.now ?? 0);
  try {
    parentPort.postMessage(await replay(request));
  } catch (error) {
    parentPort.postMessage({ error: String(error) });
  } finally {
    Date.now = realNow;
  }
});
