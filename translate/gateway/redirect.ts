import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { RedirectConfig } from '@causeway/apis/gateway/policy-config';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { RedirectIR, RedirectPathIR } from '@causeway/ir/gateway';
import type { AlbSettings } from './alb-settings.ts';
import { listenerProtocol, speaksTls } from './frontend-port.ts';
import type { Problem } from './problem.ts';

const CODES = [301, 302, 303, 307, 308] as const;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:|^\/\//i;
const TO_HTTPS: RedirectConfig = { scheme: 'https', code: 308 };

/**
 * What takes every request of a port, before its Rules and its default service group: config.redirect of the Frontend, else
 * ingressSSLRedirect of the ALB2 on the HTTP port of Ingresses.
 *
 * Source: spec ALB-70, ALB-71.
 */
export function portRedirect(frontend: Frontend, { config, ingressHttpPort }: AlbSettings): RedirectIR | undefined {
  const own = redirectOn(frontend, frontend.spec.config?.redirect);
  if (own !== undefined) return own;
  const isSecured = config.ingressSSLRedirect === true && frontend.spec.port === ingressHttpPort;
  return isSecured ? redirectOn(frontend, TO_HTTPS) : undefined;
}

/** The redirect of a Rule; of two fields of the same meaning the old one wins (spec ALB-71). */
export function ruleRedirect({ spec }: Rule, frontend: Frontend): RedirectIR | undefined {
  return redirectOn(frontend, configOf(spec));
}

/** A code that was stored before admission refused it. */
export function redirectProblems(object: Problem['object'], spec: Rule['spec'] | Frontend['spec']): readonly Problem[] {
  const code = configOf(spec)?.code ?? 0;
  if (code === 0 || isCode(code)) return [];
  const message = `spec.config.redirect.code: Invalid value: ${code}: must be one of ${CODES.join(', ')}; not redirected`;
  return [{ object, reason: 'InvalidField', message, severity: 'Warning' }];
}

function configOf(spec: Rule['spec'] | Frontend['spec']): RedirectConfig | undefined {
  const url = 'redirectURL' in spec ? (spec.redirectURL ?? '') : '';
  const code = 'redirectCode' in spec ? spec.redirectCode : undefined;
  const config = spec.config?.redirect;
  if (url === '' && config === undefined) return undefined;
  return { ...config, ...(url === '' ? {} : { url }), ...(code === undefined || code === 0 ? {} : { code }) };
}

/** On a port that speaks TLS, going to https and nothing else would come back for ever. */
function redirectOn(frontend: Frontend, config: RedirectConfig | undefined): RedirectIR | undefined {
  const redirect = translateRedirect(config);
  if (redirect?.to.type !== 'parts' || !speaksTls(listenerProtocol(frontend))) return redirect;
  const { scheme, host, port = frontend.spec.port, path } = redirect.to;
  const isSame = scheme === 'https' && host === undefined && port === frontend.spec.port && path === undefined;
  return isSame ? undefined : redirect;
}

/**
 * config.redirect -> redirect. An absolute url wins alone; one that stands for a path replaces path and query; without url
 * the query stays.
 *
 * Source: spec ALB-69.
 *
 * @returns undefined when the object says nothing, or has a code that is no redirect
 */
function translateRedirect(config: RedirectConfig | undefined): RedirectIR | undefined {
  if (config === undefined) return undefined;
  const { url = '', scheme = '', host = '', port = 0, prefix_match: prefix = '' } = config;
  const status = config.code || 302;
  if (!isCode(status) || ([url, scheme, host, prefix].every((text) => text === '') && port === 0)) return undefined;
  const onlyUrl = scheme === '' && host === '' && port === 0;
  if (url !== '' && (onlyUrl || ABSOLUTE.test(url)))
    return { type: 'redirect', status, to: { type: 'location', location: url } };
  const path = pathOf(url, prefix, config.replace_prefix ?? '');
  return {
    type: 'redirect',
    status,
    to: {
      type: 'parts',
      ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
      ...(host === '' ? {} : { host }),
      ...(port === 0 ? {} : { port }),
      ...(path === undefined ? {} : { path }),
    },
  };
}

function isCode(code: number): code is RedirectIR['status'] {
  return CODES.some((one) => one === code);
}

function pathOf(url: string, prefix: string, replacement: string): RedirectPathIR | undefined {
  if (prefix !== '') return { type: 'prefix', prefix, replacement };
  return url === '' ? undefined : { type: 'full', path: url };
}
