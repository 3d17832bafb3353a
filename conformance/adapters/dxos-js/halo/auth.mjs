import { Event } from '@dxos/async';
import { PublicKey } from '@dxos/keys';
import { schema } from '@dxos/protocols/proto';

import { bytes, hex } from '../bytes.mjs';
import { Reject, decodeClass, issueClass, rejecting } from '../errors.mjs';
import { Clock } from '../mesh/clock.mjs';
import { credentialSigner } from './protocols.mjs';
import { clientProtocol, clientServices } from './services.mjs';

const Credential = schema.getCodecForType('dxos.halo.credentials.Credential');

/** Who is not trusted yet could become so: the verifier waits, here without time that passes outside. */
const verdict = async (verifier, challenge, credential, timeout) => {
  const clock = new Clock(0);
  let ended = false;
  return clock.within(async () => {
    const verified = verifier(challenge, credential).finally(() => {
      ended = true;
    });
    verified.catch(() => {});
    while (!ended) {
      await clock.advance(clock.now + timeout);
    }
    return verified;
  });
};

/** Operation name → function of `in` that gives `ok`, or throws. */
export const auth = {
  'halo.auth.prove': async (input) => {
    const { createAuthProvider } = await clientServices();
    const { signer } = await credentialSigner(input);
    const challenge = bytes(input.challenge);
    const prove = () => rejecting(issueClass, () => createAuthProvider(signer)(challenge));
    return { credential: hex(await new Clock(Number(input.date)).within(prove)) };
  },

  'halo.auth.check': async (input) => {
    const { TrustedKeySetAuthVerifier } = await clientServices();
    const { AUTH_TIMEOUT: authTimeout } = await clientProtocol();
    const credential = bytes(input.credential);
    const { issuer } = await rejecting(decodeClass, () => Credential.decode(credential));
    const trusted = new Set(input.trusted);
    const authenticator = new TrustedKeySetAuthVerifier({
      trustedKeysProvider: () => ({ has: (other) => other instanceof PublicKey && trusted.has(other.toHex()) }),
      update: new Event(),
      authTimeout,
    });
    const passed = await verdict(authenticator.verifier, bytes(input.challenge), credential, authTimeout);
    await authenticator.close();
    if (!passed) {
      throw new Reject('auth.signature', 'the credential does not authenticate its issuer');
    }
    return { issuer: issuer.toHex() };
  },
};
