import { isRouteHostname } from '../route-text.ts';
import type { RouteReading } from './route-reading.ts';

/** The host of a Route, as a hostname of the Gateway API; undefined: it has none that could be one, which was told. Source: spec MG-02. */
export function hostnameOf(reading: RouteReading): string | undefined {
  const { route, tell } = reading;
  const host = writtenHost(reading) ?? derivedHost(reading);
  if (host === undefined) return undefined;
  const wildcard = route.spec.wildcardPolicy === 'Subdomain';
  const hostname = wildcard ? `*.${host.split('.').slice(1).join('.')}` : host;
  if (!isRouteHostname(hostname) || (!wildcard && host.startsWith('*'))) {
    tell('E102', 'spec.host', `${JSON.stringify(host)} is not a host name`);
    return undefined;
  }
  if (wildcard) {
    tell('W103', 'spec.wildcardPolicy', `${hostname} stands for one or more labels, not for one as in the router`);
  }
  return hostname;
}

function writtenHost({ route }: RouteReading): string | undefined {
  const { host = '' } = route.spec;
  return host === '' ? undefined : host;
}

function derivedHost({ route, key, options, cluster, tell }: RouteReading): string | undefined {
  const domain = options.ingressDomain ?? cluster.domain;
  const { subdomain = '' } = route.spec;
  if (subdomain !== '' && domain !== undefined) {
    const host = `${subdomain}.${domain}`;
    tell('W102', 'spec.subdomain', `host ${host} derived from the domain of the router`);
    return host;
  }
  const admitted = admittedHost(route.status);
  if (admitted !== undefined) {
    tell('W102', 'status.ingress[0].host', `host ${admitted} taken from the status`);
    return admitted;
  }
  if (domain === undefined) {
    tell('E102', 'spec.host', 'no host: --ingress-domain says below which domain the router would make one');
    return undefined;
  }
  const host = `${key.name}-${key.namespace}.${domain}`;
  tell('W102', 'spec.host', `host ${host} derived as the router does`);
  return host;
}

/** Of the first router that took it. A status is nothing that a schema vouches for. */
function admittedHost(status: unknown): string | undefined {
  const { ingress } = (status ?? {}) as { readonly ingress?: readonly { readonly host?: unknown }[] };
  const host = Array.isArray(ingress)
    ? (ingress as readonly ({ readonly host?: unknown } | null)[])[0]?.host
    : undefined;
  return typeof host === 'string' && host !== '' ? host : undefined;
}
