import { Event } from '@dxos/async';
import { Messenger } from '@dxos/messaging';
import { schema } from '@dxos/protocols/proto';

import { bytes, hex } from '../bytes.mjs';

const Message = schema.getCodecForType('dxos.mesh.signal.Message');
const ReliablePayload = schema.getCodecForType('dxos.mesh.messaging.ReliablePayload');
const Acknowledgement = schema.getCodecForType('dxos.mesh.messaging.Acknowledgement');

const CONTENTS = {
  'dxos.mesh.messaging.ReliablePayload': (value) => {
    const { messageId, payload } = ReliablePayload.decode(value, { preserveAny: true });
    return { id: messageId.toHex(), type: payload.type_url, value: hex(payload.value) };
  },
  'dxos.mesh.messaging.Acknowledgement': (value) => ({
    acknowledges: Acknowledgement.decode(value).messageId.toHex(),
  }),
};

const shown = ({ author, recipient, payload: { type_url: type, value } }) => ({
  author: author.peerKey,
  recipient: recipient.peerKey,
  payload: type,
  content: CONTENTS[type]?.(value) ?? null,
});

/** A real messenger between a signalling server and listeners that are ours. */
export const openMessenger = (scene, { peer }) => {
  const own = { peerKey: peer };
  const onMessage = new Event();
  const messenger = new Messenger({
    signalManager: {
      onMessage,
      subscribeMessages: async () => {},
      sendMessage: async (message) => {
        scene.out.push(shown(message));
      },
    },
  });
  const handles = new Map();
  Object.assign(scene, {
    state: () => ({ open: true }),
    end: () => messenger.close(),

    feed: ({ bytes: encoded }) => {
      const { author, recipient, payload } = Message.decode(bytes(encoded), { preserveAny: true });
      onMessage.emit({ author: { peerKey: hex(author) }, recipient: { peerKey: hex(recipient) }, payload });
    },

    send: ({ recipient, type, value }) => {
      const id = hex(scene.ids.ids[0]);
      messenger
        .sendMessage({ author: own, recipient: { peerKey: recipient }, payload: { type_url: type, value: bytes(value) } })
        .then(
          () => scene.events.push({ delivered: id }),
          () => scene.events.push({ failed: id }),
        );
    },

    listen: async ({ type }) => {
      const handle = await messenger.listen({
        peer: own,
        payloadType: type,
        onMessage: async ({ author, payload }) => {
          scene.events.push({
            received: { from: author.peerKey, type: payload.type_url, value: hex(payload.value) },
            ...(type === undefined ? {} : { listener: type }),
          });
        },
      });
      handles.set(type, handle);
    },

    unlisten: ({ type }) => handles.get(type)?.unsubscribe(),
  });
};
