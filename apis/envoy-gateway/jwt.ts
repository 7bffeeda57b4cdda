import { duration } from '../gateway-api/names.ts';
import { array, boolean, checked, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { backendCluster, RETRIES_OF_ASKED } from './backend-cluster.ts';

const remoteJWKS = checked(
  object('Keys of the issuer, fetched from it.', {
    uri: string('URL of its JSON Web Key Set.', { minLength: 1, maxLength: 253 }),
    cacheDuration: optional(
      duration('For how long the keys count before they are fetched again.', { default: '300s' }),
    ),
    ...backendCluster('Where the URL is asked for; absent: at its host.'),
  }),
  ...RETRIES_OF_ASKED,
);

const localJWKS = checked(
  object('Keys of the issuer, given here.', {
    type: optional(oneOf('Where they stand.', ['Inline', 'ValueRef'], { default: 'Inline' })),
    inline: optional(string('A JSON Web Key Set.')),
    valueRef: optional(
      object('A ConfigMap with the set under the key jwks, or as its only value.', {
        group: string('API group, "" for core.', { maxLength: 253 }),
        kind: string('Kind.', { minLength: 1, maxLength: 63 }),
        name: string('Name.', { minLength: 1, maxLength: 253 }),
      }),
    ),
  }),
  {
    message: 'Exactly one of inline or valueRef must be set with correct type.',
    rule: "(self.type == 'Inline' && has(self.inline) && !has(self.valueRef)) || (self.type == 'ValueRef' && !has(self.inline) && has(self.valueRef))",
  },
);

const provider = checked(
  object('An issuer of tokens.', {
    name: string('Names it in rules of authorization.', { minLength: 1, maxLength: 253 }),
    issuer: optional(string('What tokens must say; absent: anything.', { maxLength: 253 })),
    audiences: optional(array('One of which a token must be for; absent: any.', string('Audience.'), { maxItems: 8 })),
    remoteJWKS: optional(remoteJWKS),
    localJWKS: optional(localJWKS),
    claimToHeaders: optional(
      array(
        'Claims that the backend is told.',
        object('One claim.', {
          header: string('Name of the header.', { minLength: 1 }),
          claim: string('Name of the claim; a dot leads into an object.', { minLength: 1 }),
        }),
      ),
    ),
    recomputeRoute: optional(boolean('The route is looked for again.')),
    extractFrom: optional(
      object('Where tokens stand; absent: header Authorization after Bearer, and parameter access_token.', {
        headers: optional(
          array(
            'Headers.',
            object('One header.', {
              name: string('Name.'),
              valuePrefix: optional(string('What the value begins with, before the token.')),
            }),
          ),
        ),
        cookies: optional(array('Cookies.', string('Name.'))),
        params: optional(array('Query parameters.', string('Name.'))),
      }),
    ),
  }),
  {
    message: 'claimToHeaders must be specified if recomputeRoute is enabled.',
    rule: '(has(self.recomputeRoute) && self.recomputeRoute) ? (has(self.claimToHeaders) && size(self.claimToHeaders) > 0) : true',
  },
  {
    message: 'either remoteJWKS or localJWKS must be specified.',
    rule: 'has(self.remoteJWKS) || has(self.localJWKS)',
  },
  {
    message: 'remoteJWKS and localJWKS cannot both be specified.',
    rule: '!(has(self.remoteJWKS) && has(self.localJWKS))',
  },
);

/** Clients show a token that an issuer has signed. Source: GW-36; RFC 7519. */
export const jwt = object('Clients show a JSON Web Token.', {
  optional: optional(boolean('Requests without a token pass; wrong tokens are refused all the same.')),
  providers: array('Issuers; a token of one of them lets in.', provider, { minItems: 1, maxItems: 4, list: ['name'] }),
});
export type Jwt = TypeOf<typeof jwt>;

/** What a rule of authorization asks of a token. Source: GW-39. */
export const jwtPrincipal = checked(
  object('What a JSON Web Token says.', {
    provider: string('Whose token.', { minLength: 1, maxLength: 253 }),
    claims: optional(
      array(
        'Claims, all of them.',
        object('A claim.', {
          name: string('Name; a dot leads into an object.', { minLength: 1, maxLength: 253 }),
          valueType: optional(oneOf('What the claim is.', ['String', 'StringArray'], { default: 'String' })),
          values: array('One of these.', string('Value.'), { minItems: 1, maxItems: 128 }),
        }),
        { minItems: 1, maxItems: 16 },
      ),
    ),
    scopes: optional(
      array('Scopes, all of them.', string('Scope.', { minLength: 1, maxLength: 253 }), { minItems: 1, maxItems: 16 }),
    ),
  }),
  {
    message: 'at least one of claims or scopes must be specified',
    rule: 'has(self.claims) || has(self.scopes)',
  },
);
