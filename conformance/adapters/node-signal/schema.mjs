// The messages that a signal server reads and writes, from the schemas of this repository.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const proto = fileURLToPath(new URL('../../../proto/', import.meta.url));

const root = new protobuf.Root();
// Google's own types come with the library; ours are found from the root of the schemas.
root.resolvePath = (_origin, target) =>
  target.startsWith('google/protobuf/') ? target : path.isAbsolute(target) ? target : path.join(proto, target);
await root.load(['dxos/rpc.proto', 'dxos/mesh/signal.proto'], { keepCase: true });

const codec = (name) => {
  const type = root.lookupType(name);
  return {
    decode: (bytes) => type.decode(bytes),
    encode: (value) => Buffer.from(type.encode(type.create(value)).finish()),
  };
};

export const RpcMessage = codec('dxos.rpc.RpcMessage');
export const JoinRequest = codec('dxos.mesh.signal.JoinRequest');
export const ReceptionRequest = codec('dxos.mesh.signal.ReceptionRequest');
export const Message = codec('dxos.mesh.signal.Message');
export const SwarmEvent = codec('dxos.mesh.signal.SwarmEvent');

/** Milliseconds since 1970 as a Timestamp. */
export const timestamp = (ms) => ({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 });
