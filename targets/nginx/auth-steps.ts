import { hash } from 'node:crypto';
import type { ForwardAuthStep, PasswordAuthStep } from '@causeway/dataplane/policy/auth';
import type { JwtStep } from '@causeway/dataplane/policy/jwt';
import type { OidcStep } from '@causeway/dataplane/policy/oidc';
import type { ForwardAuthIR, JwtIR, OidcIR, PasswordAuthIR } from '@causeway/ir/gateway';
import { renderAddressRanges } from './address-ranges.ts';
import { renderAuthorization } from './authorization.ts';

export function renderPasswordAuth({ exempt, ...auth }: PasswordAuthIR): PasswordAuthStep {
  const challenge = `Basic realm="${auth.realm.replaceAll(/["\\]/g, '\\$&')}"`;
  return { ...auth, challenge, ...(exempt !== undefined && { exempt: renderAddressRanges(exempt) }) };
}

export function renderJwt({ authorization, ...auth }: JwtIR): JwtStep {
  return {
    ...auth,
    id: hash('sha256', JSON.stringify(auth), 'base64url').slice(0, 16),
    ...(authorization !== undefined && { authorization: renderAuthorization(authorization) }),
  };
}

export function renderOidc(auth: OidcIR): OidcStep {
  return { ...auth, id: hash('sha256', JSON.stringify(auth.client), 'base64url').slice(0, 16) };
}

export function renderForwardAuth(auth: ForwardAuthIR): ForwardAuthStep {
  const { scheme, host, port, target, method, headers, upstreamHeaders, signin, alwaysSetCookie, pool } = auth;
  const { cache, exempt, original, services, timeoutMs, failOpen, bodyBytes, cutsBody } = auth;
  return {
    type: 'forwardAuth',
    id: hash('sha256', JSON.stringify(auth), 'base64url').slice(0, 16),
    secure: scheme === 'https',
    ...{ host, port, target, method, headers, upstreamHeaders, alwaysSetCookie },
    ...(auth.failedStatus !== undefined && { failedStatus: auth.failedStatus }),
    ...(original !== undefined && { original }),
    ...(services !== undefined && { services }),
    ...(auth.tls !== undefined && { tls: auth.tls }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(failOpen !== undefined && { failOpen }),
    ...(bodyBytes !== undefined && { bodyBytes }),
    ...(cutsBody !== undefined && { cutsBody }),
    ...(signin !== undefined && { signin }),
    ...(cache !== undefined && { cache: { key: cache.key, seconds: secondsByStatus(cache.durations) } }),
    connections: pool.connections,
    requestsPerConnection: pool.requests,
    idleSeconds: pool.idleSeconds,
    ...(exempt !== undefined && { exempt: renderAddressRanges(exempt) }),
  };
}

type Durations = NonNullable<ForwardAuthIR['cache']>['durations'];

function secondsByStatus(durations: Durations): Readonly<Record<string, number>> {
  const seconds: Record<string, number> = {};
  for (const entry of durations) for (const status of entry.statuses) seconds[String(status)] ??= entry.seconds;
  return seconds;
}
