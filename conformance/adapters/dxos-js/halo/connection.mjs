import { setImmediate } from 'node:timers/promises';

import { PublicKey } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';

import { bytes, hex } from '../bytes.mjs';

const codec = schema.getCodecForType('dxos.rpc.RpcMessage');
const AS_IT_IS = { preserveAny: true };
const SERVICE = 'dxos.halo.invitations.InvitationHostService';

const REQUESTS = {
  Options: 'dxos.halo.invitations.InvitationOptions',
  Introduce: 'dxos.halo.invitations.IntroductionRequest',
  Authenticate: 'dxos.halo.invitations.AuthenticationRequest',
  Admit: 'dxos.halo.invitations.AdmissionRequest',
};

const RESPONSES = {
  Options: 'google.protobuf.Empty',
  Introduce: 'dxos.halo.invitations.IntroductionResponse',
  Authenticate: 'dxos.halo.invitations.AuthenticationResponse',
  Admit: 'dxos.halo.invitations.AdmissionResponse',
};

const any = (type, value) => ({ '@type': 'google.protobuf.Any', type_url: `.${type}`, value });

/**
 * A connection on which a real extension speaks dxRPC. The other side is made of requests and responses without their
 * frames; the answers to Options, which are empty, are given and taken here.
 */
export class Connection {
  /** What the extension asked last: the id of the request, by method. */
  #asked = new Map();
  /** Methods of the requests that the extension has not answered, by id. */
  #answering = new Map();
  #nextId = 0;
  #greeted = false;
  #receive;

  /** `tell` hears each message that is sent. */
  constructor(extension, tell) {
    this.extension = extension;
    this.tell = tell;
    this.open = true;
    const opened = extension.onOpen({
      initiator: true,
      localPeerId: PublicKey.random(),
      remotePeerId: PublicKey.random(),
      createPort: async () => ({
        send: (message) => this.#sent(codec.decode(message, AS_IT_IS)),
        subscribe: (receive) => {
          this.#receive = receive;
          return () => (this.#receive = undefined);
        },
      }),
      close: () => void this.close(),
    });
    opened.catch((error) => console.error('an extension does not open:', error));
  }

  /** Ends it, as either side may. What was said before still gets out, as on a stream. */
  async close() {
    await setImmediate();
    if (this.open) {
      this.open = false;
      await this.extension.onClose();
    }
  }

  #give(message) {
    this.#receive?.(codec.encode(message, AS_IT_IS));
  }

  #sent({ open, request, response }) {
    if (!this.open) {
      return;
    }
    if (open && !this.#greeted) {
      this.#greeted = true;
      this.#give({ open: true });
      this.#give({ openAck: true });
    } else if (request) {
      this.#requested(request);
    } else if (response) {
      this.#responded(response);
    }
  }

  #requested({ id, method: name, payload }) {
    const method = name.slice(SERVICE.length + 1);
    this.tell({ method, request: hex(payload.value) });
    if (method === 'Options') {
      this.#give({ response: { id, payload: any(RESPONSES.Options, Buffer.alloc(0)) } });
    } else {
      this.#asked.set(method, id);
    }
  }

  #responded({ id, payload, error }) {
    const method = this.#answering.get(id);
    this.#answering.delete(id);
    if (error) {
      console.error(`${method} is answered with an error: ${error.message}`);
    }
    if (error || method !== 'Options') {
      this.tell({ method, ...(error ? { error: true } : { response: hex(payload.value) }) });
    }
  }

  /** Takes in what the other side says. */
  feed({ method, request, response }) {
    if (!this.open) {
      return;
    }
    if (request !== undefined) {
      const id = this.#nextId++;
      this.#answering.set(id, method);
      const payload = any(REQUESTS[method], bytes(request));
      this.#give({ request: { id, method: `${SERVICE}.${method}`, payload, stream: false } });
      return;
    }
    const id = this.#asked.get(method);
    if (id !== undefined) {
      this.#asked.delete(method);
      const answer =
        response === undefined
          ? { error: { name: 'Error', message: 'refused' } }
          : { payload: any(RESPONSES[method], bytes(response)) };
      this.#give({ response: { id, ...answer } });
    }
  }
}
