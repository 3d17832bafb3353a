// A deployed client of its own, in memory, over TCP.

import { Client, Config, LocalClientServices } from '@dxos/client';
import { TcpTransportFactory } from '@dxos/network-manager/transport/tcp';

/**
 * A client with an identity.
 *
 * @param {string[]} servers addresses of signal servers; the client itself makes what talks to them
 */
export const start = async (displayName, servers) => {
  const signaling = servers.map((server) => ({ server }));
  const config = new Config({ version: 1, runtime: { services: { signaling } } });
  const services = new LocalClientServices({ config, transportFactory: TcpTransportFactory });
  const client = new Client({ config, services });
  await client.initialize();
  await client.halo.createIdentity({ displayName });
  return client;
};

/** Waits until `look` finds something.  Who waits too long is ended by the test. */
export const found = async (look) => {
  for (;;) {
    const what = await look();
    if (what !== undefined && what !== false) {
      return what;
    }
    await new Promise((wake) => setTimeout(wake, 25));
  }
};
