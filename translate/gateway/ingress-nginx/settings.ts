import type { ALB2 } from '@causeway/apis/gateway/alb2';
import type { Frontend } from '@causeway/apis/gateway/frontend';
import {
  CHART_SETTINGS,
  CHART_VALUES,
  INGRESS_NGINX_SETTINGS,
  type IngressNginx,
  IngressNginxKind,
} from '@causeway/apis/gateway/ingress-nginx';
import { type IngressNginxRules, ingressNginxRules } from '@causeway/apis/gateway/ingress-nginx-rules';
import { specMistake } from '@causeway/apis/meta/crd';
import { keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import { type AlbSettings, albSettings } from '../alb-settings.ts';
import { type ConfigMapOptions, readConfigMap } from './config-map.ts';

/**
 * An IngressNginx with every default applied and every text parsed. Beside what is its own it is shown to the translators of Rules as
 * the ALB2 and the Frontends that would behave like it; those are never objects of the API.
 *
 * Source: spec/ingress-nginx.md sections 1 and 3.
 */
export interface IngressNginxSettings {
  /** Of the data plane; differs from that of an ALB2 of the same name. */
  readonly id: ObjectKey;
  readonly rules: IngressNginxRules;
  readonly takesUnclassified: boolean;
  /** Label of the namespaces that are served; absent: all; `invalid`: none, since it cannot be read. */
  readonly namespaceLabel?: { readonly key: string; readonly value: string } | 'invalid';
  /** `namespace/name` of the Secret shown to names without a certificate of their own. */
  readonly defaultCertificate?: string;
  /** Addresses that Ingresses are told to be reached by; empty: those of the data plane. */
  readonly publishedAddresses: readonly string[];
  /** Annotation `ssl-passthrough` counts (IN-18). */
  readonly passesTls: boolean;
  readonly configMap: ConfigMapOptions;
  readonly loadBalancer: ALB2;
  readonly alb: AlbSettings;
  readonly http: Frontend;
  readonly https: Frontend;
  /** Something in the spec is no setting of ingress-nginx: the pods of a cluster stay as they are (IN-01). */
  readonly hasUnknown: boolean;
  /** What of the spec has no effect and why, with the field. */
  readonly mistakes: readonly string[];
}

const FLAGS: ReadonlySet<string> = new Set([
  'default-ssl-certificate',
  'enable-ssl-passthrough',
  'healthz-port',
  'http-port',
  'https-port',
  'publish-status-address',
]);
const cache = new WeakMap<IngressNginx, IngressNginxSettings>();

export function ingressNginxSettings(object: IngressNginx): IngressNginxSettings {
  // Every Ingress asks; the answer depends on nothing but the object.
  const known = cache.get(object);
  if (known !== undefined) return known;
  const settings = resolve(object);
  cache.set(object, settings);
  return settings;
}

/** The key of the data plane of an IngressNginx. */
export function dataPlaneOf({ namespace, name }: ObjectKey): ObjectKey {
  return { namespace, name: `${name}.ingress-nginx` };
}

/** The inverse of {@link dataPlaneOf}; undefined for the data plane of an ALB2. */
export function ingressNginxOf({ namespace, name }: ObjectKey): ObjectKey | undefined {
  return name.endsWith('.ingress-nginx') ? { namespace, name: name.slice(0, -'.ingress-nginx'.length) } : undefined;
}

const LISTENING = ': extraArgs http-port and https-port say where it listens';
/** What to use in place of settings of the chart. */
const INSTEAD: Readonly<Record<string, string>> = { containerPort: LISTENING, hostPort: LISTENING };

function resolve(object: IngressNginx): IngressNginxSettings {
  const key = keyOf(object);
  const id = dataPlaneOf(key);
  const mistakes: string[] = [];
  let hasUnknown = false;
  const mistake = specMistake(IngressNginxKind, object);
  if (mistake !== undefined) mistakes.push(mistake);
  // Of a spec whose shape is wrong nothing is believed.
  const controller = mistake === undefined ? (object.spec.controller ?? {}) : {};
  for (const name of mistake === undefined ? Object.keys(object.spec) : []) {
    if (name === 'controller') continue;
    const isOfChart = CHART_VALUES.has(name);
    if (!isOfChart) hasUnknown = true;
    mistakes.push(`spec.${name}: ${isOfChart ? 'not served' : 'unknown'}`);
  }
  for (const name of Object.keys(controller)) {
    if (INGRESS_NGINX_SETTINGS.has(name)) continue;
    const isOfChart = CHART_SETTINGS.has(name);
    if (!isOfChart) hasUnknown = true;
    mistakes.push(`spec.controller.${name}: ${isOfChart ? `not served${INSTEAD[name] ?? ''}` : 'unknown'}`);
  }
  const options = new Map(Object.entries(controller.config ?? {}).map(([name, value]) => [name, String(value).trim()]));
  const flags = new Map(
    Object.entries(controller.extraArgs ?? {}).map(([name, value]) => [name, String(value).trim()]),
  );
  for (const name of flags.keys()) {
    if (!FLAGS.has(name)) mistakes.push(`spec.controller.extraArgs.${name}: not served`);
  }
  const port = (flag: string, usual: number): number => {
    const text = flags.get(flag) ?? String(usual);
    if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return Number(text);
    mistakes.push(`spec.controller.extraArgs.${flag}: ${JSON.stringify(text)} is not a port; ${usual} is used`);
    return usual;
  };
  const passing = flags.get('enable-ssl-passthrough') ?? 'false';
  if (!['', 'true', 'false'].includes(passing)) {
    mistakes.push(
      `spec.controller.extraArgs.enable-ssl-passthrough: ${JSON.stringify(passing)} is not true or false; off`,
    );
  }
  const configMap = readConfigMap(options, mistakes);
  const selector = readSelector(controller.scope?.namespaceSelector ?? '', mistakes);
  const certificate = flags.get('default-ssl-certificate') ?? '';
  const named = /^[^/\s]+\/[^/\s]+$/.test(certificate);
  if (certificate !== '' && !named) {
    mistakes.push('spec.controller.extraArgs.default-ssl-certificate: must be namespace/name of a Secret');
  }
  const alb: ALB2 = {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: { name: id.name, namespace: id.namespace },
    spec: {
      type: 'nginx',
      config: {
        replicas: controller.replicaCount ?? 1,
        networkMode: controller.hostNetwork === true ? 'host' : 'container',
        metricsPort: port('healthz-port', 10_254),
        traceHeader: false,
        ...configMap.config,
        ...(controller.resources === undefined ? {} : { resources: controller.resources }),
      },
    },
  };
  const settings = albSettings(alb);
  if (settings === undefined) throw new TypeError('the ALB2 has a config');
  const httpPort = port('http-port', 80);
  const httpsPort = port('https-port', 443);
  return {
    id,
    rules: ingressNginxRules(mistake === undefined ? object : { ...object, spec: {} }),
    takesUnclassified: controller.watchIngressWithoutClass ?? true,
    ...(selector === undefined ? {} : { namespaceLabel: selector }),
    ...(named ? { defaultCertificate: certificate } : {}),
    publishedAddresses: listOf(flags.get('publish-status-address')),
    // As a flag on a command line: present without a value it is on.
    passesTls: passing === '' || passing === 'true',
    configMap,
    loadBalancer: alb,
    alb: settings,
    http: frontend(id, 'http', httpPort),
    https: frontend(id, 'https', httpsPort),
    hasUnknown: hasUnknown || mistake !== undefined,
    mistakes: [...mistakes, ...settings.problems.map(({ message }) => message)],
  };
}

function frontend({ namespace, name }: ObjectKey, protocol: 'http' | 'https', port: number): Frontend {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Frontend',
    metadata: { name: `${name}-${protocol}`, namespace, labels: { 'alb2.cpaas.io/name': name } },
    spec: { port, protocol },
  };
}

/** IN-02: one label; of what cannot be read nothing is served. */
function readSelector(text: string, mistakes: string[]): IngressNginxSettings['namespaceLabel'] {
  if (text.trim() === '') return undefined;
  const [, key, value] = /^\s*([A-Za-z0-9](?:[-_./A-Za-z0-9]*[A-Za-z0-9])?)=([-_.A-Za-z0-9]*)\s*$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return { key, value };
  mistakes.push(`spec.controller.scope.namespaceSelector: invalid namespaceSelector ${JSON.stringify(text)}`);
  return 'invalid';
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
