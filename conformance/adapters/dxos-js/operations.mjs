import { feed } from './echo/feed.mjs';
import { message } from './echo/message.mjs';
import { replication } from './echo/replication.mjs';
import { storage } from './echo/storage.mjs';
import { halo } from './halo.mjs';

/** Operation name → function of `in` that gives `ok`, or throws. */
export const operations = new Map(
  [halo, feed, storage, replication, message].flatMap((area) => Object.entries(area)),
);
