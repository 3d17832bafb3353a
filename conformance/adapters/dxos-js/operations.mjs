import { feed } from './echo/feed.mjs';
import { measure } from './echo/measure.mjs';
import { message } from './echo/message.mjs';
import { replication } from './echo/replication.mjs';
import { storage } from './echo/storage.mjs';
import { halo } from './halo.mjs';
import { auth } from './halo/auth.mjs';
import { device } from './halo/device.mjs';
import { invitation } from './halo/invitation.mjs';
import { space } from './halo/space.mjs';
import { peer } from './mesh/peer.mjs';
import { rpc } from './mesh/rpc.mjs';
import { session } from './sessions.mjs';

/** Who carries out `wire.*` for a stack. */
const STACKS = {
  'echo.replication': replication,
  'mesh.rpc': rpc,
  'mesh.messenger': peer,
  'mesh.swarm': peer,
  'halo.invitation': invitation,
};

/** The session remembers its stack, so that later requests reach the same area. */
const wire = (op) => async (input) => {
  const stack = op === 'wire.open' ? input.stack : session(input.session).stack;
  const operation = STACKS[stack]?.[op];
  if (!operation) {
    throw new Error(`no such stack: ${stack}`);
  }
  const answer = await operation(input);
  if (op === 'wire.open') {
    session(answer.session).stack = stack;
  }
  return answer;
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const operations = new Map(
  [halo, space, feed, storage, replication, message, measure, rpc, peer, device, invitation, auth]
    .flatMap((area) => Object.entries(area))
    .map(([op, operation]) => [op, op.startsWith('wire.') ? wire(op) : operation]),
);
