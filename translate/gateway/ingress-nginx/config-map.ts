import type { ALB2Config } from '@causeway/apis/gateway/alb2';
import { isIngressAnnotation } from '@causeway/apis/gateway/annotation/index';
import { ingressNginxMistake } from '@causeway/apis/gateway/annotation/strict';
import { headerNameMistake } from '@causeway/apis/gateway/header-rules';
import { isNetwork } from '@causeway/apis/meta/address';
import type { TuningIR } from '@causeway/ir/gateway';
import { LIMIT_STORE_OPTIONS, readLimitStore } from './limit-store.ts';
import { insteadOfOption } from './refused-option.ts';
import { readTraceExporter, TRACE_EXPORTER_OPTIONS } from './trace-exporter.ts';
import { readTuning } from './tuning.ts';

/** What the options of the ConfigMap mean. */
export interface ConfigMapOptions {
  readonly tuning: TuningIR;
  /** Annotations that every Ingress has unless it says otherwise. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What Rules would inherit from an ALB2. */
  readonly config: ALB2Config;
  /** Status of redirects to https; absent: 308. */
  readonly securedCode?: string;
  /** Names of headers that answers of backends lose. */
  readonly hiddenHeaders: readonly string[];
  /** ConfigMaps, `namespace/name`, with headers for every request, and for every answer. */
  readonly requestHeaders?: string;
  readonly answerHeaders?: string;
  /** Backends get X-Request-ID also of requests that come without one. */
  readonly namesRequests: boolean;
  /** Lower case; only these may custom-headers set. */
  readonly allowedAnswerHeaders: ReadonlySet<string>;
  /** What clients and proxies say about who the client is. */
  readonly trustsForwarded: boolean;
  readonly proxyProtocol: boolean;
  /** Addresses of the machine to listen on; empty: all. */
  readonly bindAddresses: readonly string[];
}

/** Source: ingress-nginx, ConfigMaps, defaults of v1.15. */
const ANNOTATIONS: Readonly<Record<string, string>> = {
  'ssl-redirect': 'true',
  'proxy-connect-timeout': '5',
  'proxy-send-timeout': '60',
  'proxy-read-timeout': '60',
  'proxy-next-upstream-tries': '3',
  'proxy-body-size': '1m',
  'cors-allow-headers':
    'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
};

/** Options with the meaning of an annotation of another name. */
const ANNOTATION_OF: Readonly<Record<string, string>> = {
  'enable-owasp-modsecurity-crs': 'enable-owasp-core-rules',

  'block-cidrs': 'denylist-source-range',
  'opentelemetry-trust-incoming-span': 'opentelemetry-trust-incoming-span',
};

/** What cannot be read closes what it should protect. */
const PROTECTING: ReadonlySet<string> = new Set([
  'allowlist-source-range',
  'denylist-source-range',
  'whitelist-source-range',
]);

/** Options of which only one value can be had, because that is how it is. */
const FIXED: Readonly<Record<string, string>> = {
  'allow-backend-server-header': 'false',
  'allow-snippet-annotations': 'false',
  'compute-full-forwarded-for': 'true',
  'enable-brotli': 'false',
  'enable-syslog': 'false',
  'forwarded-for-header': 'X-Forwarded-For',
  'proxy-add-original-uri-header': 'true',
  'reuse-port': 'true',
  'server-tokens': 'false',
  'ssl-early-data': 'false',
  'ssl-protocols': 'TLSv1.2 TLSv1.3',
  'ssl-reject-handshake': 'false',
  'ssl-session-tickets': 'false',
  'use-geoip': 'false',
  'use-geoip2': 'false',
};

/** Global authentication: the annotations, see ALB-82, as fields of what every Ingress inherits. */
const GLOBAL_AUTH = 'global-auth-';
const EVERYBODY = '0.0.0.0/0';
const RISKS = ['Low', 'Medium', 'High', 'Critical'];

/**
 * Reads `controller.config`. An option that cannot be read counts as absent, one that cannot be had has no effect; both are named.
 *
 * Source: spec/ingress-nginx.md sections 1, 3 and 4.
 *
 * @param mistakes gets a text for each, with the field
 */
export function readConfigMap(options: ReadonlyMap<string, string>, mistakes: string[]): ConfigMapOptions {
  const read = new OptionReader(options, mistakes);
  const { tuning, taken } = readTuning(options, mistakes);
  for (const name of [...taken, ...LIMIT_STORE_OPTIONS, ...TRACE_EXPORTER_OPTIONS]) read.seen.add(name);
  const limitStore = readLimitStore(options, mistakes);
  const otel = readTraceExporter(options, mistakes);
  const trustsForwarded = read.flag('use-forwarded-headers', false);
  const proxyProtocol = read.flag('use-proxy-protocol', false);
  const networks = read.networks('proxy-real-ip-cidr', EVERYBODY);
  read.word('annotations-risk-level', RISKS);
  read.flag('strict-validate-path-type', true);
  const requestHeaders = read.reference('proxy-set-headers');
  const answerHeaders = read.reference('add-headers');
  const securedCode = read.readable('http-redirect-code', 'redirect-code');
  const auth = globalAuth(read);
  const config: ALB2Config = {
    workerLimit: read.workers('worker-processes'),
    enableHTTP2: String(read.flag('use-http2', true)) as 'true' | 'false',
    enableGzip: String(read.flag('use-gzip', false)) as 'true' | 'false',
    enableIPV6: String(!read.flag('disable-ipv6', false)) as 'true' | 'false',
    allowCrossNamespaceReferences: read.flag('allow-cross-namespace-resources', false),
    trustedProxies: trustsForwarded || proxyProtocol ? networks : [],
    disableAccessLog: read.flag('disable-access-log', false) || read.flag('disable-http-access-log', false),
    hsts: {
      enable: read.flag('hsts', true),
      maxAge: read.whole('hsts-max-age', 31_536_000, 4_294_967_295),
      includeSubDomains: read.flag('hsts-include-subdomains', true),
      preload: read.flag('hsts-preload', false),
    },
    ...(auth === undefined ? {} : { auth }),
    ...(limitStore === undefined ? {} : { globalLimitStore: limitStore }),
    ...(otel === undefined ? {} : { otel }),
  };
  return {
    tuning,
    config,
    ...(securedCode === undefined ? {} : { securedCode }),
    hiddenHeaders: read.headers('hide-headers'),
    namesRequests: read.flag('generate-request-id', true),
    ...(requestHeaders === undefined ? {} : { requestHeaders }),
    ...(answerHeaders === undefined ? {} : { answerHeaders }),
    allowedAnswerHeaders: new Set(read.headers('global-allowed-response-headers').map((name) => name.toLowerCase())),
    trustsForwarded,
    proxyProtocol,
    bindAddresses: read.list('bind-address'),
    annotations: defaultAnnotations(read),
  };
}

/** Of all options that nothing else took. */
function defaultAnnotations(read: OptionReader): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = { ...ANNOTATIONS };
  for (const [name, value] of read.rest()) {
    const annotation = Object.hasOwn(ANNOTATION_OF, name) ? (ANNOTATION_OF[name] ?? name) : name;
    const fixed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
    if (fixed !== undefined) {
      if (value !== fixed) read.mistake(name, insteadOfOption(name) ?? `only ${JSON.stringify(fixed)} can be had`);
    } else if (!isIngressAnnotation(annotation)) {
      read.mistake(name, insteadOfOption(name) ?? 'unknown');
    } else {
      const mistake = ingressNginxMistake(annotation, value);
      const isProtection = PROTECTING.has(annotation);
      if (mistake === undefined || isProtection) annotations[annotation] = value;
      if (mistake === undefined) continue;
      const effect = isProtection ? 'nothing is let through' : 'the default is used';
      read.mistake(name, `${JSON.stringify(value)} ${mistake}; ${effect}`);
    }
  }
  return annotations;
}

/** IN-23, ALB-82: a question about every request, unless an Ingress says `enable-global-auth: "false"`. */
function globalAuth(read: OptionReader): ALB2Config['auth'] {
  const option = (name: string, annotation = `auth-${name}`): string | undefined =>
    read.readable(`${GLOBAL_AUTH}${name}`, annotation);
  const found = {
    url: read.readable(`${GLOBAL_AUTH}url`, 'auth-url', true),
    method: option('method'),
    signin: option('signin'),
    signin_redirect_param: option('signin-redirect-param'),
    auth_request_redirect: option('request-redirect'),
    cache_key: option('cache-key'),
    cache_duration: option('cache-duration'),
  };
  const headers = read.list(`${GLOBAL_AUTH}response-headers`);
  const always = read.flag(`${GLOBAL_AUTH}always-set-cookie`, false);
  if (found.url === undefined) return undefined;
  const forward = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return {
    forward: {
      ...forward,
      ...(headers.length === 0 ? {} : { upstream_headers: headers }),
      ...(always ? { always_set_cookie: true } : {}),
    },
  };
}

class OptionReader {
  readonly seen = new Set<string>();
  readonly #options: ReadonlyMap<string, string>;
  readonly #mistakes: string[];

  constructor(options: ReadonlyMap<string, string>, mistakes: string[]) {
    this.#options = options;
    this.#mistakes = mistakes;
  }

  mistake(name: string, what: string): void {
    this.#mistakes.push(`spec.controller.config.${name}: ${what}`);
  }

  rest(): readonly (readonly [name: string, value: string])[] {
    return [...this.#options].filter(([name, value]) => !this.seen.has(name) && value !== '');
  }

  #text(name: string): string {
    this.seen.add(name);
    return this.#options.get(name) ?? '';
  }

  flag(name: string, usual: boolean): boolean {
    const text = this.#text(name) || String(usual);
    if (text === 'true' || text === 'false') return text === 'true';
    this.mistake(name, `${JSON.stringify(text)} is not true or false; ${usual} is used`);
    return usual;
  }

  whole(name: string, usual: number, most: number): number {
    const text = this.#text(name) || String(usual);
    if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
    this.mistake(name, `${JSON.stringify(text)} is not a whole number of at most ${most}; ${usual} is used`);
    return usual;
  }

  word(name: string, words: readonly string[]): void {
    const text = this.#text(name);
    if (text !== '' && !words.includes(text)) {
      this.mistake(name, `${JSON.stringify(text)} is none of ${words.join(', ')}; the default is used`);
    }
  }

  list(name: string): readonly string[] {
    return this.#text(name)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  headers(name: string): readonly string[] {
    return this.list(name).filter((header) => {
      const mistake = headerNameMistake(header);
      if (mistake !== undefined) this.mistake(name, `${mistake}; skipped`);
      return mistake === undefined;
    });
  }

  networks(name: string, usual: string): readonly string[] {
    const networks = this.list(name);
    return (networks.length === 0 ? [usual] : networks).filter((network) => {
      if (isNetwork(network)) return true;
      this.mistake(name, `${JSON.stringify(network)} is not a network; skipped`);
      return false;
    });
  }

  /** `namespace/name` */
  reference(name: string): string | undefined {
    const text = this.#text(name);
    if (text === '' || /^[a-z0-9][-a-z0-9]*\/[a-z0-9][-.a-z0-9]*$/.test(text)) return text === '' ? undefined : text;
    this.mistake(name, 'must be namespace/name of a ConfigMap');
    return undefined;
  }

  /** A text that the annotation of that name may have. What protects is passed on as it is: it closes what it should protect. */
  readable(name: string, annotation: string, isProtection = false): string | undefined {
    const text = this.#text(name);
    const mistake = ingressNginxMistake(annotation, text);
    if (mistake !== undefined) this.mistake(name, `${JSON.stringify(text)} ${mistake}`);
    return text === '' || (mistake !== undefined && !isProtection) ? undefined : text;
  }

  workers(name: string): number {
    const text = this.#text(name) || 'auto';
    if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
    if (text !== 'auto') this.mistake(name, `${JSON.stringify(text)} is no number`);
    return 8;
  }
}
