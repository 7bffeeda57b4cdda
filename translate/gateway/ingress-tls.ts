import { ANNOTATION_ENABLE_HTTPS, ANNOTATION_TLS } from '@causeway/apis/gateway/labels';
import { keyOf, parseObjectKey } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from './alb-settings.ts';
import { isPassthrough } from './ingress-passthrough.ts';
import { ingressReaders } from './ingress-reader.ts';
import type { Problem } from './problem.ts';
import { ingressReferrer, mayUse, notPermitted, type Referent } from './reference.ts';
import { secretId } from './secret-name.ts';

/** Which hosts of an Ingress have a certificate, and which one. */
export interface IngressTls {
  /** By host in lower case: `namespace/secret`; undefined for a host that shall have one but has none. */
  readonly certificates: ReadonlyMap<string, string | undefined>;
  readonly problems: readonly Problem[];
}

/**
 * Certificates of spec.tls, then those of annotation `alb.networking.cpaas.io/tls`; spec.tls wins for the same host.
 *
 * A Secret of another namespace needs the consent of its owner (LIM-16).
 *
 * Source: spec ALB-17, ALB-19 and section 5.6.
 */
export function ingressTls(view: View, ingress: Ingress, settings: AlbSettings): IngressTls {
  const namespace = ingress.metadata.namespace ?? '';
  const problems: Problem[] = [];
  const certificates = new Map<string, string | undefined>();
  for (const { hosts, secretName } of ingress.spec?.tls ?? []) {
    for (const host of hosts ?? []) {
      const name = host.toLowerCase();
      // Of several entries the first with a Secret counts.
      if (certificates.get(name) !== undefined) continue;
      certificates.set(name, (secretName ?? '') === '' ? undefined : `${namespace}/${secretName}`);
    }
  }
  const problem = (reason: Problem['reason'], message: string): void => {
    problems.push({
      object: { kind: 'Ingress', key: keyOf(ingress) },
      reason,
      message: `metadata.annotations[${ANNOTATION_TLS}]: ${message}`,
      severity: 'Warning',
    });
  };
  for (const [host, secret] of annotated(ingress, problem)) {
    const referent: Referent = { kind: 'Secret', ...parseObjectKey(secret) };
    if (!mayUse(view, ingressReferrer(namespace), referent, settings.allowCrossNamespaceReferences)) {
      // The host stays on https, without certificate: its owner did not ask for clear text.
      if (!certificates.has(host)) certificates.set(host, undefined);
      problem('RefNotPermitted', `${notPermitted(referent)}; not shown`);
    } else if (certificates.get(host) === undefined) {
      certificates.set(host, secret);
    }
  }
  return { certificates, problems };
}

/** `host=ns/secret,...`; one malformed entry or one host with two values voids the whole annotation. */
function annotated(
  ingress: Ingress,
  problem: (reason: Problem['reason'], message: string) => void,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const text = ingress.metadata.annotations?.[ANNOTATION_TLS] ?? '';
  for (const entry of text.trim() === '' ? [] : text.split(',')) {
    const [host = '', value = '', ...rest] = entry.split('=').map((part) => part.trim());
    const secret = value.includes('/') ? secretId(value) : undefined;
    if (host === '' || secret === undefined || rest.length > 0) {
      problem(
        'InvalidField',
        `${JSON.stringify(entry.trim())} is not host=namespace/secret; the annotation is ignored`,
      );
      return new Map();
    }
    const name = host.toLowerCase();
    if ((found.get(name) ?? secret) !== secret) {
      problem('InvalidField', `${name} has two values; the annotation is ignored`);
      return new Map();
    }
    found.set(name, secret);
  }
  return found;
}

export interface IngressPort {
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Only there because everything on it is redirected to https: it needs no Rules. */
  readonly onlyRedirects: boolean;
}

/**
 * The ports of an ALB that an Ingress is served on: the union over its hosts decides, then every path is on every port.
 * Ports set to 0 are left out. Beyond ALB, a host with a certificate is also reached by HTTP where that leads to https:
 * because the Ingress asks for it (`ssl-redirect`, `force-ssl-redirect`) or the ALB (ingressSSLRedirect). Hosts that pass TLS through
 * (`ssl-passthrough`) are reached by https, with or without a certificate here.
 *
 * Source: spec ALB-17, the table; ALB-70.
 */
export function ingressPorts(ingress: Ingress, settings: AlbSettings, tls: IngressTls): readonly IngressPort[] {
  let http = false;
  let https = false;
  let redirected = false;
  const isRedirected = asksForHttps(ingress);
  const rules = ingress.spec?.rules ?? [];
  const enableHttps = ingress.metadata.annotations?.[ANNOTATION_ENABLE_HTTPS];
  for (const rule of rules) {
    // Without http only a defaultBackend can serve that host.
    if (rule.http === undefined && ingress.spec?.defaultBackend === undefined) continue;
    const host = (rule.host ?? '').toLowerCase();
    if (host !== '' && tls.certificates.has(host)) {
      https = true;
      if (isRedirected) http = true;
      if (settings.config.ingressSSLRedirect === true) redirected = true;
      continue;
    }
    switch (settings.defaultSslStrategy) {
      case 'Both':
        if (enableHttps !== 'false') https = true;
        http = true;
        break;
      case 'Always':
        if (enableHttps !== 'false') https = true;
        else http = true;
        break;
      case 'Request':
        if (enableHttps === 'true') https = true;
        else http = true;
        break;
      case 'Never':
        http = true;
        break;
    }
  }
  if (rules.length === 0 && ingress.spec?.defaultBackend !== undefined) http = true;
  if (isPassthrough(ingress) && rules.some(({ host = '' }) => host !== '')) https = true;
  const { ingressHttpPort, ingressHttpsPort } = settings;
  return [
    ...((http || redirected) && ingressHttpPort !== 0
      ? [{ port: ingressHttpPort, protocol: 'http' as const, onlyRedirects: !http }]
      : []),
    ...(https && ingressHttpsPort !== 0
      ? [{ port: ingressHttpsPort, protocol: 'https' as const, onlyRedirects: false }]
      : []),
  ];
}

/** Of the whole Ingress: an annotation for one path says nothing about the others. */
function asksForHttps(ingress: Ingress): boolean {
  const read = ingressReaders(ingress)();
  return read.value('force-ssl-redirect') === true || read.value('ssl-redirect') === true;
}
