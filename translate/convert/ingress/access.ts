import { serviceOfName } from '@causeway/apis/kubernetes/service-name';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { annotationName } from '../../gateway/unsupported.ts';
import { networkOf } from '../network-list.ts';
import { fieldOf, type IngressReading, PROTECTING, writtenText } from './ingress-reading.ts';

export interface Access {
  /** Of a SecurityPolicy, without its targets; absent: everybody gets in. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Grants that it needs. */
  readonly objects: readonly KubernetesObject[];
  /** What protects cannot be kept: nothing of the Ingress may be written. */
  readonly closed: boolean;
}

/** Who gets in. What cannot be said closes the Ingress, unless `--allow-open` is given. */
export function accessOf(reading: IngressReading): Access {
  const { options, tell, reader } = reading;
  const read = reader();
  const closed: boolean[] = [];
  const close = (name: string, text: string): void => {
    const then = options.allowOpen
      ? 'left out (--allow-open)'
      : 'the Ingress is not converted, since it would be open (--allow-open)';
    tell('E506', fieldOf(reading, name), `${text}; ${then}`);
    closed.push(!options.allowOpen);
  };
  const lists = [
    'denylist-source-range',
    'allowlist-source-range',
    'whitelist-source-range',
    'auth-type',
    'auth-url',
    'satisfy',
  ] as const;
  for (const name of lists) {
    const mistake = read.mistake([name]);
    if (mistake !== undefined) close(name, mistake.slice(mistake.indexOf(': ') + 2));
    if (isList(name) && read.value(name)?.length === 0) close(name, 'has no entries');
  }
  for (const name of PROTECTING.filter((each) => /modsecurity|owasp|auth-tls/.test(each))) {
    const text = writtenText(reading, name);
    if (text === undefined || /^\s*(false)?\s*$/i.test(text)) continue;
    close(
      name,
      name === 'auth-tls-secret'
        ? 'certificates of clients belong to a listener (ClientTrafficPolicy)'
        : 'a gateway has no firewall',
    );
  }
  for (const name of ofOnePath(reading)) close(name, 'is for one path; a policy is for a whole route');
  const authorization = authorizationOf(
    read.value('denylist-source-range'),
    read.value('allowlist-source-range') ?? read.value('whitelist-source-range'),
  );
  const basic = basicAuth(reading, close);
  const external = externalAuth(reading, close);
  if (
    read.value('satisfy') === 'any' &&
    authorization !== undefined &&
    (basic !== undefined || external !== undefined)
  ) {
    close('satisfy', 'a gateway asks for all of them, never for any');
  }
  if (read.value('auth-type') === 'digest') close('auth-type', 'a gateway has no digest authentication');
  const settings = { ...authorization, ...basic, ...external?.settings };
  return {
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    objects: external?.objects ?? [],
    closed: closed.includes(true),
  };
}

function isList(name: string): name is 'denylist-source-range' | 'allowlist-source-range' | 'whitelist-source-range' {
  return name.endsWith('-source-range');
}

/** What protects one path only, which `reader()` does not see. */
function ofOnePath({ ingress }: IngressReading): readonly string[] {
  const keys = Object.keys(ingress.metadata.annotations ?? {}).filter((key) => key.startsWith('index.'));
  return [...new Set(keys.flatMap((key) => annotationName(key) ?? []))]
    .filter((name) => PROTECTING.includes(name))
    .toSorted();
}

type Close = (name: string, text: string) => void;

function authorizationOf(denied: readonly string[] = [], allowed: readonly string[] = []) {
  if (denied.length === 0 && allowed.length === 0) return undefined;
  const rule = (action: 'Allow' | 'Deny', networks: readonly string[]) => ({
    action,
    principal: { clientCIDRs: networks.map((text) => networkOf(text) ?? text) },
  });
  return {
    authorization: {
      defaultAction: allowed.length === 0 ? 'Allow' : 'Deny',
      rules: [
        ...(denied.length === 0 ? [] : [rule('Deny', denied)]),
        ...(allowed.length === 0 ? [] : [rule('Allow', allowed)]),
      ],
    },
  };
}

/** A gateway wants the lines of htpasswd elsewhere in a Secret, and hashed by SHA-1. */
function basicAuth(reading: IngressReading, close: Close): Readonly<Record<string, unknown>> | undefined {
  const read = reading.reader();
  if (read.value('auth-type') !== 'basic') return undefined;
  const [name = '', namespace = reading.key.namespace] = (read.value('auth-secret') ?? '').split('/').toReversed();
  if (name === '' || namespace !== reading.key.namespace) {
    close('auth-secret', 'a policy takes a Secret of its own namespace');
    return undefined;
  }
  const text = `Secret ${namespace}/${name} must have its lines under .htpasswd too, with passwords hashed by SHA-1 ({SHA}); until then nobody gets in`;
  reading.tell('W507', fieldOf(reading, 'auth-secret'), text);
  return { basicAuth: { users: { name } } };
}

interface ExternalAuth {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly objects: readonly KubernetesObject[];
}

function externalAuth(reading: IngressReading, close: Close): ExternalAuth | undefined {
  const read = reading.reader();
  const url = read.value('auth-url');
  if (url === undefined) return undefined;
  const parsed = !url.includes('$') && URL.canParse(url) ? new URL(url) : undefined;
  const service = serviceOfName(parsed?.hostname ?? '');
  if (parsed === undefined || service === undefined || parsed.protocol !== 'http:') {
    close('auth-url', `${JSON.stringify(url)} is no http URL of a Service (<service>.<namespace>.svc)`);
    return undefined;
  }
  reading.tell('W507', fieldOf(reading, 'auth-url'), 'a gateway adds the path of the request to that of the question');
  const headersToBackend = read.value('auth-response-headers') ?? [];
  const { namespace, name } = service;
  const elsewhere = namespace !== reading.key.namespace;
  const ref = { name, ...(elsewhere ? { namespace } : {}), port: parsed.port === '' ? 80 : Number(parsed.port) };
  const grant = {
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name: `${reading.key.namespace}-${reading.key.name}-auth`, namespace },
    spec: {
      from: [{ group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy', namespace: reading.key.namespace }],
      to: [{ group: '', kind: 'Service', name }],
    },
  };
  const http = {
    backendRefs: [ref],
    path: parsed.pathname,
    ...(headersToBackend.length === 0 ? {} : { headersToBackend }),
  };
  return { settings: { extAuth: { http } }, objects: elsewhere ? [grant as KubernetesObject] : [] };
}
