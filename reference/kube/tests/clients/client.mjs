// node client.mjs host|guest SERVER…: one of two clients in a space.  It says what has happened in lines of JSON with "@ "
// before them, and is told what to do in lines of JSON; it ends with its input.
//
//   host   → started, invitation {code, secret, space, object}   ← none   → joined, seen {n: 2}, done
//   guest  → started   ← {code, secret, space, object}   → connecting, admitted, seen {n: 1}, seen {n: 3}, done
//
// The host writes n = 1, the guest 2, the host 3; the guest also adds an object that the host must see.

import { createInterface } from 'node:readline';

import { Expando, Filter, live } from '@dxos/client/echo';
import { InvitationEncoder } from '@dxos/client/invitations';
import { Invitation } from '@dxos/protocols/proto/dxos/client/services';

import { found, start } from './deployed.mjs';

const [role, ...servers] = process.argv.slice(2);
const say = (event, more = {}) => process.stdout.write(`@ ${JSON.stringify({ event, ...more })}\n`);
const told = new Promise((tell) => {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', (line) => tell(JSON.parse(line)));
  lines.once('close', () => process.exit(0));
});

const host = async (client) => {
  const space = await client.spaces.create();
  await space.waitUntilReady();
  const object = space.db.add(live(Expando, { title: 'from the host', n: 1 }));
  await space.db.flush();
  const invitation = space.share({ authMethod: Invitation.AuthMethod.SHARED_SECRET });
  // The state comes back when the connection to the guest begins.
  let said = false;
  await new Promise((ready, failed) => {
    invitation.subscribe((now) => {
      if (now.state === Invitation.State.CONNECTING && !said) {
        said = true;
        const code = InvitationEncoder.encode(now);
        ready(say('invitation', { code, secret: now.authCode, space: space.key.toHex(), object: object.id }));
      }
    }, failed);
  });
  await found(() => space.members.get().length === 2);
  say('joined');
  await found(() => object.n === 2);
  say('seen', { n: object.n });
  object.n = 3;
  await found(async () => {
    const { objects } = await space.db.query(Filter.type(Expando)).run();
    return objects.find(({ title }) => title === 'from the guest');
  });
  say('done');
};

const guest = async (client) => {
  const { code, secret, space: key, object: id } = await told;
  const invitation = client.spaces.join(InvitationEncoder.decode(code));
  let connecting = false;
  await new Promise((joined, failed) => {
    invitation.subscribe(({ state }) => {
      if (state === Invitation.State.CONNECTING && !connecting) {
        connecting = true;
        say('connecting');
      } else if (state === Invitation.State.READY_FOR_AUTHENTICATION) {
        void invitation.authenticate(secret);
      } else if (state === Invitation.State.SUCCESS) {
        joined();
      } else if (state === Invitation.State.TIMEOUT || state === Invitation.State.ERROR) {
        failed(new Error(`the invitation ended in state ${state}`));
      }
    }, failed);
  });
  say('admitted');
  const space = await found(() => client.spaces.get().find((space) => space.key.toHex() === key));
  await space.waitUntilReady();
  const object = await found(async () => {
    const { objects } = await space.db.query(Filter.ids(id)).run();
    return objects[0];
  });
  say('seen', { n: object.n });
  object.n = 2;
  space.db.add(live(Expando, { title: 'from the guest' }));
  await space.db.flush();
  await found(() => object.n === 3);
  say('seen', { n: object.n });
  say('done');
};

const client = await start(role, servers);
say('started');
await (role === 'host' ? host(client) : guest(client));
