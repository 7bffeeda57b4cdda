/** How TLS is spoken to services that the agent asks, as the owners of these say at the moment. */
import { hash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { parseObjectKey } from '@causeway/apis/meta/object';
import type { BackendTlsIR } from '@causeway/ir/gateway';
import type { Snapshot } from '@causeway/resources/snapshot';
import { identityProblem } from '@causeway/targets/nginx/backend-identity';
import type { ServiceTls, ServiceTlsOf } from '@causeway/targets/nginx/grpc-tls';
import { systemTrustPem } from '@causeway/targets/nginx/system-trust';
import { translateBackendObject } from '@causeway/translate/gateway-api/backend/backend-object';
import { backendTlsOf } from '@causeway/translate/gateway-api/backend/backend-tls-policy';

/** As long as addresses of Services count. */
const KNOWN_MS = 1000;
const MOST_KNOWN = 200;

/** @param now milliseconds that only grow */
export function serviceTls(snapshot: Snapshot, now: () => number): ServiceTlsOf {
  const known = new Map<string, { readonly tls: ServiceTls; readonly until: number }>();
  return (by) => {
    if (by === undefined) return undefined;
    const before = known.get(by);
    if (before !== undefined && now() < before.until) return before.tls;
    known.delete(by);
    const tls = asServiceTls(wantedTls(snapshot, by));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(by, { tls, until: now() + KNOWN_MS });
    return tls;
  };
}

/** For connections of Node.js. */
export function connectionOptions(tls: ServiceTls): ConnectionOptions {
  const { sentName, trustPem, certificate } = tls;
  return {
    servername: sentName,
    ...(certificate === undefined ? {} : { cert: certificate.chainPem, key: certificate.keyPem }),
    ...(trustPem === undefined
      ? { rejectUnauthorized: false }
      : { ca: trustPem, checkServerIdentity: (_host, shown) => identityProblem(tls, shown) }),
  };
}

function asServiceTls({ name, names, sendName, trustPem, trustsSystem, certificate }: BackendTlsIR): ServiceTls {
  const trust = trustsSystem === true ? systemTrustPem() : trustPem;
  const sentName = sendName ? name : '';
  const id = hash('sha256', JSON.stringify([name, names ?? [], sentName, trust ?? '', certificate]), 'base64url');
  return {
    ...{ id, name, sentName },
    ...(names === undefined ? {} : { names }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(trust === undefined ? {} : { trustPem: trust }),
  };
}

function wantedTls(snapshot: Snapshot, by: string): BackendTlsIR {
  const [kind = '', text = '', port] = by.split(' ');
  const key = parseObjectKey(text);
  const view = snapshot.present;
  if (kind === 'Backend') {
    const backend = view.get('Backend', key);
    const translated = backend === undefined ? 'not found' : translateBackendObject(view, backend);
    if (typeof translated === 'string') throw new Error(`${by}: ${translated}`);
    if (translated.refused !== undefined) throw new Error(translated.refused);
    if (translated.tls !== undefined) return translated.tls;
  } else {
    const name = view.get('Service', key)?.spec?.ports?.find((one) => String(one.port) === port)?.name;
    const found = backendTlsOf(view, { kind: 'Service', ...key }, name);
    if (found !== undefined && 'refused' in found) throw new Error(found.refused);
    if (found !== undefined) return found.tls;
  }
  // It was there when the route was translated, which soon is done again.
  throw new Error(`${by}: nobody says any more how TLS is spoken`);
}
