import { requestView } from '@causeway/dataplane/policy/request-facts';
import type { FilterIR, ForwardAuthIR } from '@causeway/ir/gateway';
import { expect, test } from 'vitest';
import { explainEffects } from './effects.ts';

const POOL = { connections: 0, requests: 1000, idleSeconds: 60 };
const FORWARD: ForwardAuthIR = {
  type: 'forwardAuth',
  scope: 'Rule n/r',
  scheme: 'http',
  host: ['auth.', { variable: 'host' }],
  port: 8080,
  target: ['/check?u=', { variable: 'http_id' }],
  method: 'PUT',
  headers: [{ name: 'X-To-Auth', value: ['for ', { variable: 'http_id' }] }],
  upstreamHeaders: ['Remote-User'],
  signin: { url: ['http://login/start'], parameter: 'rd' },
  alwaysSetCookie: false,
  pool: POOL,
};
const PASSWORD: FilterIR = { type: 'passwordAuth', scheme: 'basic', realm: 'r', secret: 'n/pw', layout: 'auth-file' };
const ASKS = 'asks for a user of Secret n/pw (auth-file, basic, realm "r")';

const JWT: FilterIR = {
  type: 'jwt',
  optional: false,
  providers: [
    {
      name: 'p',
      issuer: 'https://issuer.example',
      audiences: [],
      keys: { type: 'remote', url: 'https://issuer.example/jwks', seconds: 300 },
      places: [{ in: 'header', name: 'authorization', prefix: 'bearer ' }],
      claimHeaders: [],
      claims: [],
    },
  ],
};
const TOKEN =
  'asks for a token of p (issuer https://issuer.example), keys from https://issuer.example/jwks (header authorization)';

const cases: readonly {
  name: string;
  filter: FilterIR;
  headers?: Record<string, string[]>;
  want: readonly string[];
}[] = [
  { name: 'refused', filter: { type: 'refuse', status: 500, reason: 'x' }, want: ['answered with 500: x'] },
  {
    name: 'an address in the list',
    filter: { type: 'sourceRange', ranges: { allow: ['10.0.0.0/8'], deny: [] } },
    want: ['the address 10.1.1.1 may send requests'],
  },
  {
    name: 'an address that is refused',
    filter: { type: 'sourceRange', ranges: { allow: [], deny: ['10.1.0.0/16'] } },
    want: ['answered with 403: the address 10.1.1.1 may not send requests'],
  },
  { name: 'no password', filter: PASSWORD, want: [`${ASKS}: answered with 401, no credentials`] },
  {
    name: 'a password is not told, nor whether it is right',
    filter: PASSWORD,
    headers: { authorization: ['Basic Zm9vOmJhcg=='] },
    want: [`${ASKS}: whether the credentials are right is not told`],
  },
  {
    name: 'no password needed',
    filter: { ...PASSWORD, exempt: { allow: ['10.1.1.1'], deny: [] } },
    want: ['the address 10.1.1.1 needs no authentication'],
  },
  {
    name: 'an authentication service',
    filter: FORWARD,
    headers: { id: ['c3'] },
    want: [
      'header of the request, Remote-User: only the authentication service sets it',
      'asks PUT http://auth.a.com:8080/check?u=c3: on 2xx the request goes on, on 401 it is redirected with 302 to ' +
        'http://login/start?rd=http://a.com%2Fx',
      'header of that question, X-To-Auth: "for c3"',
    ],
  },
  {
    name: 'a token is not told, nor whether it is good',
    filter: JWT,
    headers: { authorization: ['Bearer a.b.c'] },
    want: [TOKEN, 'whether the token is good is not told'],
  },
  { name: 'no token', filter: JWT, want: [TOKEN, 'answered with 401, no token'] },
  {
    name: 'a service that speaks gRPC',
    filter: {
      type: 'grpcAuth',
      services: [{ host: 'auth.n.svc', port: 9000 }],
      timeoutMs: 200,
      failOpen: true,
      extensions: {},
    },
    want: ['asks auth.n.svc:9000 by gRPC whether it may pass; without an answer within 200 ms it goes on'],
  },
];
for (const { name, filter, headers = {}, want } of cases) {
  test(name, () => {
    const request = requestView({
      host: 'a.com',
      path: '/x',
      sourceAddress: '10.1.1.1',
      headers: { host: ['a.com'], ...headers },
    });
    expect(explainEffects([filter], request)).toEqual(want);
  });
}
