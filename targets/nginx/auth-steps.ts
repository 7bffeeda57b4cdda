import { hash } from 'node:crypto';
import type { ForwardAuthStep, PasswordAuthStep } from '@causeway/dataplane/policy/auth';
import type { ForwardAuthIR, PasswordAuthIR } from '@causeway/ir/gateway';
import { renderAddressRanges } from './address-ranges.ts';

export function renderPasswordAuth({ exempt, ...auth }: PasswordAuthIR): PasswordAuthStep {
  const challenge = `Basic realm="${auth.realm.replaceAll(/["\\]/g, '\\$&')}"`;
  return { ...auth, challenge, ...(exempt !== undefined && { exempt: renderAddressRanges(exempt) }) };
}

export function renderForwardAuth(auth: ForwardAuthIR): ForwardAuthStep {
  const { scheme, host, port, target, method, headers, upstreamHeaders, signin, alwaysSetCookie, pool } = auth;
  const { cache, exempt, original } = auth;
  return {
    type: 'forwardAuth',
    id: hash('sha256', JSON.stringify(auth), 'base64url').slice(0, 16),
    secure: scheme === 'https',
    ...{ host, port, target, method, headers, upstreamHeaders, alwaysSetCookie },
    ...(auth.failedStatus !== undefined && { failedStatus: auth.failedStatus }),
    ...(original !== undefined && { original }),
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
