import { duration } from '../gateway-api/names.ts';
import { secretReference } from '../gateway-api/object-reference.ts';
import { array, boolean, checked, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { backendCluster, RETRIES_OF_ASKED } from './backend-cluster.ts';
import { stringMatchFields } from './string-match.ts';

const provider = checked(
  object('Who signs users in.', {
    issuer: string('URL of the issuer.', { minLength: 1 }),
    authorizationEndpoint: optional(string('Where users are sent; absent: as the issuer says.')),
    tokenEndpoint: optional(string('Where tokens are had; absent: as the issuer says.')),
    endSessionEndpoint: optional(string('Where users sign out; absent: as the issuer says.')),
    ...backendCluster('Where the issuer and its tokens are asked for; absent: at their hosts.'),
  }),
  {
    message: 'authorizationEndpoint and tokenEndpoint must be specified together',
    rule: 'has(self.authorizationEndpoint) == has(self.tokenEndpoint)',
  },
  ...RETRIES_OF_ASKED,
);

/** Users sign in by OpenID Connect. Source: GW-37; OpenID Connect Core 1.0. */
export const oidc = checked(
  object('Users sign in by OpenID Connect.', {
    provider,
    clientID: optional(string('As whom we ask.', { minLength: 1 })),
    clientIDRef: optional(secretReference('Secret that knows it under client-id.')),
    clientSecret: secretReference('Secret that knows the password of the client under client-secret.'),
    cookieNames: optional(
      object('Names of cookies.', {
        accessToken: optional(string('Of the access token.')),
        idToken: optional(string('Of the ID token.')),
      }),
    ),
    cookieConfig: optional(
      object('Attributes of cookies.', {
        sameSite: optional(oneOf('SameSite; absent: Lax.', ['Lax', 'Strict', 'None'])),
      }),
    ),
    cookieDomain: optional(
      string('Hosts that share the cookies; absent: the host of the request.', {
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
      }),
    ),
    scopes: optional(array('What is asked for; openid always is.', string('Scope.'))),
    resources: optional(array('What the access token shall be for (RFC 8707).', string('URI.'))),
    redirectURL: optional(string('Where users come back to; absent: /oauth2/callback at the host of the request.')),
    denyRedirect: optional(
      object('Who is answered 401 instead of being sent to sign in.', {
        headers: array(
          'Requests with one of these headers.',
          object('A header.', {
            name: string('Name.', { minLength: 1 }),
            ...stringMatchFields,
          }),
          { minItems: 1, maxItems: 16 },
        ),
      }),
    ),
    logoutPath: optional(string('Signs out; absent: /logout.')),
    forwardAccessToken: optional(boolean('The backend gets the access token in Authorization.')),
    defaultTokenTTL: optional(duration('How long access tokens count that do not say it.')),
    refreshToken: optional(boolean('Sessions are prolonged by refresh tokens.', { default: true })),
    defaultRefreshTokenTTL: optional(duration('How long refresh tokens are kept; absent: a week.')),
    csrfTokenTTL: optional(duration('How long signing in may take; absent: 10m.')),
    passThroughAuthHeader: optional(boolean('Requests with a Bearer token in Authorization pass.')),
    disableTokenEncryption: optional(
      boolean('Whoever has the cookies can read the tokens in them, but nobody can change them.'),
    ),
  }),
  {
    message: 'only one of clientID or clientIDRef must be set',
    rule: 'has(self.clientID) != has(self.clientIDRef)',
  },
);
export type Oidc = TypeOf<typeof oidc>;
