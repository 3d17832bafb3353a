import { PublicKey } from '@dxos/keys';

import { bytes } from '../bytes.mjs';
import { echoPipeline } from '../echo/pipeline.mjs';
import { closeSession, openSession, session } from '../sessions.mjs';
import { Clock } from './clock.mjs';
import { withIds } from './ids.mjs';
import { openMessenger } from './messenger.mjs';
import { openSwarm } from './swarm.mjs';

const OPENERS = { 'mesh.messenger': openMessenger, 'mesh.swarm': openSwarm };

/** Carries out `action`, waits until nothing more happens, and answers with what was done. */
const step = async (scene, action) => {
  // What is not caught in the real code ends its process, and is no part of an answer.
  const catcher = (error) => console.error('not caught:', error);
  process.on('uncaughtException', catcher);
  try {
    await scene.clock.within(() =>
      withIds(scene.ids, async () => {
        await action();
        await scene.clock.advance(scene.clock.now);
      }),
    );
  } finally {
    process.off('uncaughtException', catcher);
  }
  return { out: scene.out.splice(0), events: scene.events.splice(0), ...scene.state() };
};

const on = (action) => async (input) => {
  const scene = session(input.session).peer;
  return step(scene, () => action(scene, input));
};

const act = (name) => on((scene, input) => scene[name](input));

const open = async (input) => {
  const name = openSession();
  try {
    const scene = {
      clock: new Clock(input.now),
      ids: { ids: (input.ids ?? []).map(bytes), sessions: (input.sessions ?? []).map(bytes) },
      out: [],
      events: [],
    };
    const kept = session(name);
    kept.peer = scene;
    const answer = await step({ ...scene, state: () => scene.state() }, () => OPENERS[input.stack](scene, input));
    kept.closers.push(() => step(scene, () => scene.end()));
    return { session: name, ...answer };
  } catch (error) {
    await closeSession(name);
    throw error;
  }
};

/** The class that joins the swarm of a space derives its topic in its constructor. */
const topic = async ({ space_key: key }) => {
  const { SpaceProtocol } = await echoPipeline();
  const protocol = new SpaceProtocol({ topic: PublicKey.from(bytes(key)), swarmIdentity: {}, networkManager: {} });
  return { topic: (await protocol._topic).toHex() };
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const peer = {
  'mesh.topic': topic,
  'wire.open': open,
  'wire.feed': act('feed'),
  'wire.tick': on(({ clock }, { now }) => clock.advance(now)),
  'mesh.messenger.send': act('send'),
  'mesh.messenger.listen': act('listen'),
  'mesh.messenger.unlisten': act('unlisten'),
  'mesh.swarm.available': act('available'),
  'mesh.swarm.left': act('left'),
  'mesh.swarm.transport': act('transport'),
  'mesh.swarm.leave': act('leave'),
};
