import { createRequire } from 'node:module';

/*
 * The package of pipelines brings a search index along, which brings models of language, which bring a
 * library for images whose binary is not installed (`--ignore-scripts`). Nobody calls it here: an empty
 * module takes its place. Loaded when first needed, as it is large.
 */
let loaded;

const load = async () => {
  const require = createRequire(import.meta.url);
  const filename = require.resolve('sharp');
  require.cache[filename] ??= { id: filename, filename, path: filename, loaded: true, exports: {}, children: [], paths: [] };
  return import('@dxos/echo-pipeline');
};

/** The package `@dxos/echo-pipeline`. */
export const echoPipeline = () => (loaded ??= load());
