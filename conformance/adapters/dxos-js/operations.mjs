import { feed } from './echo/feed.mjs';
import { measure } from './echo/measure.mjs';
import { message } from './echo/message.mjs';
import { replication } from './echo/replication.mjs';
import { storage } from './echo/storage.mjs';
import { halo } from './halo.mjs';
import { peer } from './mesh/peer.mjs';
import { rpc } from './mesh/rpc.mjs';

/** Operation name → function of `in` that gives `ok`, or throws. */
export const operations = new Map(
  [halo, feed, storage, replication, message, measure, rpc, peer].flatMap((area) => Object.entries(area)),
);
