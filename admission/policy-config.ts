/** Settings that ALB2, Frontend and Rule have in common under spec.config. Source: spec ALB section 2.4. */

import type { SourceRangeConfig } from '@causeway/apis/gateway/access-config';
import { readCacheDurations } from '@causeway/apis/gateway/auth-cache';
import { readAuthority } from '@causeway/apis/gateway/auth-url';
import type { BackendTlsConfig } from '@causeway/apis/gateway/backend-tls';
import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import {
  type ClientCertificateConfig,
  type ClientTlsConfig,
  errorPageMistake,
  readCommonName,
} from '@causeway/apis/gateway/client-certificate';
import { headerNameMistake, isToken } from '@causeway/apis/gateway/header-rules';
import { isHost } from '@causeway/apis/gateway/host';
import { type OtelConfig, readCollector, readFraction, SAMPLERS } from '@causeway/apis/gateway/otel';
import type { AuthConfig, ModsecurityConfig, RedirectConfig } from '@causeway/apis/gateway/policy-config';
import { readTemplate } from '@causeway/apis/gateway/template';
import { isNetwork, parseAddress } from '@causeway/apis/meta/address';
import { type Cause, forbidden, invalid, notSupported, required } from './verdict.ts';

interface PolicyConfig {
  readonly auth?: AuthConfig;
  readonly sourceRange?: SourceRangeConfig;
  readonly otel?: OtelConfig;
  readonly modsecurity?: ModsecurityConfig;
  readonly redirect?: RedirectConfig;
  readonly backendTLS?: BackendTlsConfig;
  readonly clientCertificate?: ClientCertificateConfig;
  readonly clientTLS?: ClientTlsConfig;
}

const NAMESPACED_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;
const REDIRECT_CODES = [301, 302, 303, 307, 308];

/** @param field path of the object, e.g. `spec.config` */
export function checkPolicyConfig(field: string, config: PolicyConfig | undefined): Cause[] {
  if (config === undefined) return [];
  return [
    ...checkAuth(`${field}.auth`, config.auth),
    ...checkSourceRange(`${field}.sourceRange`, config.sourceRange),
    ...checkOtel(`${field}.otel`, config.otel),
    ...checkModsecurity(`${field}.modsecurity`, config.modsecurity),
    ...checkRedirect(`${field}.redirect`, config.redirect),
    ...checkBackendTls(`${field}.backendTLS`, config.backendTLS),
    ...checkClientCertificate(`${field}.clientCertificate`, config.clientCertificate),
    ...checkCiphers(`${field}.clientTLS.ciphers`, config.clientTLS?.ciphers),
  ];
}

function checkBackendTls(field: string, tls: BackendTlsConfig | undefined): Cause[] {
  if (tls === undefined) return [];
  const causes: Cause[] = [];
  causes.push(...checkReference(`${field}.secret`, tls.secret, 'Secret'));
  causes.push(...checkCiphers(`${field}.ciphers`, tls.ciphers));
  return causes;
}

function checkCiphers(field: string, list: string | undefined): Cause[] {
  const mistake = list === undefined ? undefined : cipherListMistake(list);
  return mistake === undefined ? [] : [invalid(field, list ?? '', mistake)];
}

/** LIM-03. */
function checkClientCertificate(field: string, config: ClientCertificateConfig | undefined): Cause[] {
  if (config === undefined) return [];
  const { secret, verify, errorPage, matchCN } = config;
  const causes = checkReference(`${field}.secret`, secret, 'Secret');
  if ((secret ?? '') === '' && verify !== 'off' && Object.keys(config).length > 0) {
    causes.push(required(`${field}.secret`, 'the authorities that certificates of clients are verified with'));
  }
  const page = errorPage === undefined ? undefined : errorPageMistake(errorPage);
  if (page !== undefined) causes.push(invalid(`${field}.errorPage`, errorPage ?? '', page));
  const name = matchCN === undefined ? undefined : readCommonName(matchCN);
  if (typeof name === 'string') causes.push(invalid(`${field}.matchCN`, matchCN ?? '', name));
  return causes;
}

function checkAuth(field: string, auth: AuthConfig | undefined): Cause[] {
  const { basic, forward } = auth ?? {};
  const causes: Cause[] = [];
  if (basic !== undefined && forward !== undefined) causes.push(forbidden(field, 'either basic or forward'));
  if (basic !== undefined) {
    causes.push(...checkReference(`${field}.basic.secret`, basic.secret, 'Secret'));
    causes.push(...oneOf(`${field}.basic.secret_type`, basic.secret_type, ['auth-file', 'auth-map']));
    causes.push(...oneOf(`${field}.basic.auth_type`, basic.auth_type, ['basic', 'digest']));
  }
  if (forward !== undefined) {
    causes.push(...authUrl(`${field}.forward.url`, forward.url));
    for (const name of ['signin', 'auth_request_redirect', 'cache_key'] as const) {
      causes.push(...template(`${field}.forward.${name}`, forward[name]));
    }
    causes.push(...cacheDuration(`${field}.forward.cache_duration`, forward.cache_duration));
    causes.push(...token(`${field}.forward.method`, forward.method, 'a method'));
    causes.push(...checkReference(`${field}.forward.auth_headers_cm_ref`, forward.auth_headers_cm_ref, 'ConfigMap'));
    for (const [index, name] of (forward.upstream_headers ?? []).entries()) {
      const mistake = headerNameMistake(name);
      if (mistake !== undefined) causes.push(invalid(`${field}.forward.upstream_headers[${index}]`, name, mistake));
    }
  }
  return causes;
}

function checkOtel(field: string, otel: OtelConfig | undefined): Cause[] {
  if (otel === undefined) return [];
  const { sampler, exporter } = otel;
  const causes: Cause[] = [];
  causes.push(...oneOf(`${field}.sampler.name`, sampler?.name, SAMPLERS));
  causes.push(...oneOf(`${field}.sampler.options.parent_name`, sampler?.options?.parent_name, SAMPLERS));
  const fraction = sampler?.options?.fraction;
  if (fraction !== undefined && fraction !== '' && readFraction(fraction) === undefined) {
    causes.push(invalid(`${field}.sampler.options.fraction`, fraction, 'must be a number from "0" to "1"'));
  }
  const address = exporter?.collector?.address;
  const collector = address === undefined ? undefined : readCollector(address);
  if (address !== undefined && typeof collector === 'string') {
    causes.push(invalid(`${field}.exporter.collector.address`, address, collector));
  }
  return causes;
}

function checkModsecurity(field: string, modsecurity: ModsecurityConfig | undefined): Cause[] {
  const cmRef = modsecurity?.cmRef ?? '';
  const [name = '', key, ...rest] = cmRef.split('#');
  if (cmRef === '' || (NAMESPACED_NAME.test(name) && /^[-._a-zA-Z0-9]+$/.test(key ?? '') && rest.length === 0))
    return [];
  return [invalid(`${field}.cmRef`, cmRef, 'must be "namespace/name#key" of a ConfigMap')];
}

/** ALB-69. */
function checkRedirect(field: string, redirect: RedirectConfig | undefined): Cause[] {
  if (redirect === undefined) return [];
  const { code, url = '', scheme = '', host = '', port = 0, prefix_match = '', replace_prefix = '' } = redirect;
  const causes = checkRedirectCode(`${field}.code`, code);
  if (url === '' && scheme === '' && host === '' && port === 0 && prefix_match === '' && replace_prefix === '') {
    causes.push(required(field, 'one of url, scheme, host, port, prefix_match and replace_prefix'));
  }
  causes.push(...oneOf(`${field}.scheme`, scheme, ['http', 'https']));
  if (host !== '' && !isHost(host)) causes.push(invalid(`${field}.host`, host, 'must be a host without port'));
  causes.push(...checkLocation(`${field}.url`, url));
  if (replace_prefix !== '' && prefix_match === '') {
    causes.push(required(`${field}.prefix_match`, 'replace_prefix takes its place'));
  }
  return causes;
}

export function checkRedirectCode(field: string, code: number | undefined): Cause[] {
  if (code === undefined || code === 0 || REDIRECT_CODES.includes(code)) return [];
  return [invalid(field, code, `must be one of ${REDIRECT_CODES.join(', ')}`)];
}

/** What a Location header may be: no blanks, nothing that ends the header. */
export function checkLocation(field: string, location: string | undefined): Cause[] {
  if (location === undefined || /^[\x21-\x7e\u0080-\uffff]*$/.test(location)) return [];
  return [invalid(field, location, 'must be a URL, blanks and control characters encoded')];
}

function oneOf(field: string, value: string | undefined, supported: readonly string[]): Cause[] {
  return value === undefined || value === '' || supported.includes(value)
    ? []
    : [notSupported(field, value, supported)];
}

export function checkReference(field: string, value: string | undefined, kind: string): Cause[] {
  return value === undefined || value === '' || NAMESPACED_NAME.test(value)
    ? []
    : [invalid(field, value, `must be "namespace/name" of a ${kind}`)];
}

function token(field: string, value: string | undefined, what: string): Cause[] {
  return value === undefined || value === '' || isToken(value) ? [] : [invalid(field, value, `not ${what}`)];
}

function authUrl(field: string, value: string | undefined): Cause[] {
  if (value === undefined || value === '') return [];
  const read = readAuthority(value);
  return typeof read === 'string' ? [invalid(field, value, read)] : template(field, value);
}

function template(field: string, value: string | undefined): Cause[] {
  const read = readTemplate(value ?? '');
  return typeof read === 'string' ? [invalid(field, value ?? '', read)] : [];
}

function cacheDuration(field: string, value: string | undefined): Cause[] {
  const read = value === undefined || value === '' ? [] : readCacheDurations(value);
  return typeof read === 'string' ? [invalid(field, value ?? '', read)] : [];
}

/** LIM-08. */
function checkSourceRange(field: string, range: SourceRangeConfig | undefined): Cause[] {
  return (['allow', 'deny'] as const).flatMap((list) =>
    (range?.[list] ?? []).flatMap((network, index) =>
      isNetwork(network) || parseAddress(network) !== undefined
        ? []
        : [invalid(`${field}.${list}[${index}]`, network, 'must be an address or a network, e.g. 10.0.0.0/8')],
    ),
  );
}
