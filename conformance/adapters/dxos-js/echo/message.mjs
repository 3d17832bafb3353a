import { createHash } from 'node:crypto';

import { getCredentialProofPayload } from '@dxos/credentials';
import { PublicKey } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';
import { StorageType, createStorage } from '@dxos/random-access-storage';
import { Timeframe } from '@dxos/timeframe';

import { bytes, hex } from '../bytes.mjs';
import { decodeClass, rejecting } from '../errors.mjs';
import { order } from './order.mjs';
import { echoPipeline } from './pipeline.mjs';

const FeedMessage = schema.getCodecForType('dxos.echo.feed.FeedMessage');
const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');
const EchoObjectBatch = schema.getCodecForType('dxos.echo.object.EchoObjectBatch');
const EchoMetadata = schema.getCodecForType('dxos.echo.metadata.EchoMetadata');
const LargeSpaceMetadata = schema.getCodecForType('dxos.echo.metadata.LargeSpaceMetadata');

const ANY = 'google.protobuf.Any';

const decode = (codec, text) => {
  const data = bytes(text);
  return rejecting(decodeClass, () => codec.decode(data));
};

const timeframe = (frames) => new Timeframe(frames.map(([key, seq]) => [PublicKey.from(bytes(key)), seq]));

/** The order of the frames is no part of an answer. A timeframe that is absent is no timeframe but a plain object. */
const shown = (value) =>
  value instanceof Timeframe
    ? value
        .frames()
        .map(([key, seq]) => [key.toHex(), seq])
        .sort(([a], [b]) => (a < b ? -1 : 1))
    : [];

const optional = (value, convert) => (value === undefined || value === null ? undefined : convert(value));

/** A credential that is absent is a plain object of defaults, of which there is no payload. */
const credentialId = (credential) =>
  credential?.issuer instanceof PublicKey
    ? createHash('sha256').update(getCredentialProofPayload(credential)).digest('hex')
    : undefined;

const keyHex = (key) => (key instanceof PublicKey ? key.toHex() : '');
const milliseconds = (date) => (date instanceof Date ? String(date.getTime()) : undefined);

const describeMessage = ({ timeframe: frames, payload }) => ({
  timeframe: shown(frames),
  payload: payload?.credential ? 'credential' : payload?.data ? 'data' : 'none',
  credential_id: optional(payload?.credential, ({ credential }) => credentialId(credential)),
  objects: optional(payload?.data, ({ batch }) => (batch?.objects ?? []).map(({ objectId }) => objectId)),
});

const messages = {
  'echo.message.decode': async (input) => describeMessage(await decode(FeedMessage, input.message)),

  'echo.message.encode': async (input) => {
    const payload = {};
    if (input.credential !== undefined) {
      payload.credential = { credential: await decode(Credential, input.credential) };
    }
    if (input.batch !== undefined) {
      payload.data = { batch: await decode(EchoObjectBatch, input.batch) };
    }
    return { message: hex(FeedMessage.encode({ timeframe: timeframe(input.timeframe), payload })) };
  },
};

const timeframes = {
  'echo.timeframe.construct': (input) => ({ frames: shown(timeframe(input.timeframe)) }),

  'echo.timeframe.merge': (input) => ({ frames: shown(Timeframe.merge(...input.timeframes.map(timeframe))) }),

  'echo.timeframe.dependencies': (input) => ({
    frames: shown(Timeframe.dependencies(timeframe(input.timeframe), timeframe(input.base))),
  }),

  'echo.timeframe.total': (input) => ({ total: timeframe(input.timeframe).totalMessages() }),

  'echo.timeframe.new': (input) => ({ new: timeframe(input.timeframe).newMessages(timeframe(input.base)) }),

  'echo.timeframe.equals': (input) => ({ equal: timeframe(input.timeframe).equals(timeframe(input.other)) }),

  'echo.timeframe.without': (input) => ({
    frames: shown(timeframe(input.timeframe).withoutKeys(input.feeds.map((key) => PublicKey.from(bytes(key))))),
  }),
};

const model = (value) => {
  const { '@type': type, type_url: typeUrl, value: data } = value;
  if (type === ANY) {
    return { type: typeUrl ?? '', value: hex(data ?? []) };
  }
  return { type, value: hex(schema.getCodecForType(type).encode(value)) };
};

const describeMeta = ({ feedKey, seq, memberKey, timeframe: frames }) => ({
  feed: optional(feedKey, keyHex),
  seq,
  member: optional(memberKey, keyHex),
  timeframe: optional(frames, shown),
});

const describeObject = ({ objectId, meta, genesis, snapshot, mutations }) => ({
  object: objectId,
  meta: optional(meta, describeMeta),
  genesis: optional(genesis, ({ modelType, modelVersion }) => ({ type: modelType, version: modelVersion })),
  snapshot: optional(snapshot, ({ deleted, parentId, model: state }) => ({
    deleted,
    parent: parentId,
    model: optional(state, model),
  })),
  mutations: (mutations ?? []).map(({ meta: from, parentId, action, model: change }) => ({
    meta: optional(from, describeMeta),
    parent: parentId,
    action,
    model: optional(change, model),
  })),
});

const objects = {
  'echo.object.decode': async (input) => {
    const batch = await decode(EchoObjectBatch, input.batch);
    return { objects: batch.objects.map(describeObject), batch: hex(EchoObjectBatch.encode(batch)) };
  },
};

/** Any space will do: its key is in the name of the file. */
const SPACE = PublicKey.from(new Uint8Array(32));

const fileName = (kind) => (kind === 'echo' ? 'EchoMetadata' : `space_${SPACE.toHex()}_large`);

const withStore = async (action) => {
  const { MetadataStore } = await echoPipeline();
  const directory = createStorage({ type: StorageType.RAM }).createDirectory('metadata');
  const store = new MetadataStore(directory);
  try {
    return await action(store, directory);
  } finally {
    await store.close();
  }
};

const describeSpace = (space) => ({
  key: keyHex(space.key),
  genesis_feed: optional(space.genesisFeedKey, keyHex),
  control_feed: optional(space.controlFeedKey, keyHex),
  data_feed: optional(space.dataFeedKey, keyHex),
  control_timeframe: optional(space.controlTimeframe, shown),
  data_timeframe: optional(space.dataTimeframe, shown),
  state: space.state,
});

const describeMetadata = ({ version, created, updated, identity, spaces }) => ({
  version,
  created: milliseconds(created),
  updated: milliseconds(updated),
  identity: optional(identity, ({ identityKey, deviceKey, haloSpace }) => ({
    identity_key: keyHex(identityKey),
    device_key: keyHex(deviceKey),
    halo_space: optional(haloSpace, describeSpace),
  })),
  spaces: (spaces ?? []).map(describeSpace),
});

const describeLarge = ({ controlPipelineSnapshot: snapshot }) => ({
  timeframe: optional(snapshot?.timeframe, shown),
  messages: (snapshot?.messages ?? []).map(({ feedKey, credential }) => ({
    feed: keyHex(feedKey),
    credential_id: credentialId(credential),
  })),
});

const metadata = {
  /** The store swallows what is wrong with a record, and goes on with an empty one: that is its answer. */
  'echo.metadata.decode': ({ kind, file: content }) =>
    withStore(async (store, directory) => {
      const file = directory.getOrCreateFile(fileName(kind));
      const data = bytes(content);
      if (data.length > 0) {
        await file.write(0, data);
      }
      await file.close();
      let absent;
      const read = store._readFile.bind(store);
      store._readFile = async (...args) => {
        const found = await read(...args);
        // Other records are read after this one.
        absent ??= found === undefined;
        return found;
      };
      if (kind === 'echo') {
        await store.load();
        return absent ? { absent } : describeMetadata(store.metadata);
      }
      await store._loadSpaceLargeMetadata(SPACE);
      return absent ? { absent } : describeLarge(store._spaceLargeMetadata.get(SPACE) ?? {});
    }),

  'echo.metadata.encode': ({ kind, body }) =>
    withStore(async (store, directory) => {
      const codec = kind === 'echo' ? EchoMetadata : LargeSpaceMetadata;
      const file = directory.getOrCreateFile(fileName(kind));
      await store._writeFile(file, codec, await decode(codec, body));
      const { size } = await file.stat();
      return { file: hex(await file.read(0, size)) };
    }),
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const message = { ...messages, ...timeframes, ...objects, ...metadata, ...order };
