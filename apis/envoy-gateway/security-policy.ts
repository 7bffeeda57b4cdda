import { duration } from '../gateway-api/names.ts';
import { secretReference } from '../gateway-api/object-reference.ts';
import { policyStatus } from '../gateway-api/policy-status.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, checked, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { authorization } from './authorization.ts';
import { envoyGatewayKind } from './bundle.ts';
import { externalAuth } from './external-auth.ts';
import { jwt } from './jwt.ts';
import { oidc } from './oidc.ts';
import { policyTargetFields, targetRules } from './policy-target.ts';

/** Who gets in. Source: Envoy Gateway v1.7, SecurityPolicy. */
export type SecurityPolicy = ObjectOfKind<typeof SecurityPolicyKind>;

const ORIGIN = '^(\\*|https?:\\/\\/(\\*|(\\*\\.)?(([\\w-]+\\.?)+)?[\\w-]+)(:\\d{1,5})?)$';

const apiKeyAuth = object('Clients show a key.', {
  credentialRefs: array('Secrets: each entry is a client, with its key as value.', secretReference('A Secret.')),
  extractFrom: array(
    'Where the key stands; the first that is there counts.',
    object('One place.', {
      headers: optional(array('Headers.', string('Name.'))),
      params: optional(array('Query parameters.', string('Name.'))),
      cookies: optional(array('Cookies.', string('Name.'))),
    }),
  ),
  forwardClientIDHeader: optional(string('By which header the backend is told who it is.')),
  sanitize: optional(boolean('The backend does not get the key.')),
});
export type ApiKeyAuth = TypeOf<typeof apiKeyAuth>;

const basicAuth = object('Clients show a name and a password (RFC 7617).', {
  users: secretReference('Secret with lines of htpasswd under .htpasswd, hashed by SHA-1 ({SHA}).'),
  forwardUsernameHeader: optional(string('By which header the backend is told who it is.')),
});
export type BasicAuth = TypeOf<typeof basicAuth>;

const cors = object('What browsers let pages of other origins do.', {
  allowOrigins: optional(
    array(
      'Origins, of which the first label may be *.',
      string('Origin.', { minLength: 1, maxLength: 253, pattern: ORIGIN }),
    ),
  ),
  allowMethods: optional(array('Methods.', string('Method.'))),
  allowHeaders: optional(array('Headers of requests.', string('Name.'))),
  exposeHeaders: optional(array('Headers of answers that their scripts may read.', string('Name.'))),
  maxAge: optional(duration('For how long browsers may keep the answer.')),
  allowCredentials: optional(boolean('Whether they may send cookies and the like.')),
});
export type CORS = TypeOf<typeof cors>;

const spec = checked(
  object('Who gets in, and where.', {
    ...policyTargetFields,
    mergeType: optional(
      oneOf('How it is put together with the policy of the Gateway.', ['StrategicMerge', 'JSONMerge']),
    ),
    apiKeyAuth: optional(apiKeyAuth),
    basicAuth: optional(basicAuth),
    cors: optional(cors),
    extAuth: optional(externalAuth),
    authorization: optional(authorization),
    jwt: optional(jwt),
    oidc: optional(oidc),
  }),
  ...targetRules(['Gateway', 'HTTPRoute', 'GRPCRoute', 'TCPRoute']),
  {
    message: 'if authorization.rules.principal.jwt is used, jwt must be defined',
    rule:
      '(has(self.authorization) && has(self.authorization.rules) && ' +
      'self.authorization.rules.exists(r, has(r.principal.jwt))) ? has(self.jwt) : true',
  },
);

export const SecurityPolicyKind = envoyGatewayKind({
  kind: 'SecurityPolicy',
  plural: 'securitypolicies',
  shortName: 'sp',
  description: 'Who gets in at a Gateway, a listener, a route or a rule of it.',
  spec,
  status: policyStatus,
});
