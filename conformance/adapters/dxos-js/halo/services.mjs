import { createRequire } from 'node:module';

import { echoPipeline } from '../echo/pipeline.mjs';

/*
 * The package of services locks files with a native module that is not built (`--ignore-scripts`).
 * Nobody locks a file here: an empty module takes its place. Loaded when first needed, as it is large.
 */
let loaded;

const load = async () => {
  await echoPipeline();
  const require = createRequire(import.meta.url);
  const filename = require.resolve('fs-ext');
  require.cache[filename] ??= { id: filename, filename, path: filename, loaded: true, exports: {}, children: [], paths: [] };
  return import('@dxos/client-services');
};

/** The package `@dxos/client-services`. */
export const clientServices = () => (loaded ??= load());

let protocol;

/** The package `@dxos/client-protocol`, which is large too. */
export const clientProtocol = () => (protocol ??= import('@dxos/client-protocol'));
