import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

const GROUPS: readonly string[] = Array.from({ length: 200 }, (_, index) => `group-${index}-x`);

/** Who may ask the provider to sign users in. */
export interface OpenidClient {
  readonly id: string;
  readonly secret: string;
  /** Where users come back to. */
  readonly redirectUri: string;
}

export interface OpenidProvider {
  /** URL of it. */
  readonly issuer: string;
  close(): Promise<void>;
}

/**
 * An OpenID Connect provider (npm: oidc-provider) with its own login and consent pages. Any name and password will do; the name is the
 * subject, and `<name>@echo.com` the address. With scope groups the token is longer than a cookie may be.
 */
export async function startOpenidProvider(client: OpenidClient): Promise<OpenidProvider> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [client.redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email'], groups: ['groups'] },
    conformIdTokenClaims: false, // the address in the token itself
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@echo.com`, groups: GROUPS }) }),
    features: { devInteractions: { enabled: true } },
    // Tests use the session of before once more after it was prolonged.
    rotateRefreshToken: false,
    pkce: { required: () => false },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
