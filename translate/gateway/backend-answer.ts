import type { Rule } from '@causeway/apis/gateway/rule';
import { readTemplate } from '@causeway/apis/gateway/template';
import type { ConnectionIR, LocationIR, SetCookieIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

/** What may stand in an attribute of a cookie. Source: RFC 6265 section 4.1.1. */
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;
const LOCATION = /^[\x21-\x7e]*$/;
/** Names between commas. Source: RFC 9110 section 7.6.1. */
const CONNECTION = /^[A-Za-z0-9-]+( *, *[A-Za-z0-9-]+)*$/;

/** Source: spec section 5.7, LIM-14. */
export function translateBackendAnswer(
  { spec }: Rule,
  object: Problem['object'],
): {
  readonly filters: readonly (SetCookieIR | LocationIR | ConnectionIR)[];
  readonly problems: readonly Problem[];
} {
  const { proxyCookie, proxyRedirect, connectionHeader = '' } = spec.config ?? {};
  const filters: (SetCookieIR | LocationIR | ConnectionIR)[] = [];
  const problems: Problem[] = [];
  const invalid = (field: string, mistake: string): void => {
    const message = `spec.config.${field}: ${mistake}; without effect`;
    problems.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
  };
  if (CONNECTION.test(connectionHeader)) filters.push({ type: 'connection', value: connectionHeader });
  else if (connectionHeader !== '') invalid('connectionHeader', 'must be names between commas');

  const cookie: { -readonly [K in 'domain' | 'path']?: NonNullable<SetCookieIR[K]> } = {};
  for (const attribute of ['domain', 'path'] as const) {
    const change = proxyCookie?.[attribute];
    if (change === undefined || change.from === '') continue;
    if (!ATTRIBUTE.test(change.from + change.to)) {
      invalid(`proxyCookie.${attribute}`, 'must have no semicolons and control characters');
    } else if (attribute === 'domain') {
      cookie.domain = { from: change.from.replace(/^\./, '').toLowerCase(), to: change.to };
    } else {
      cookie.path = change;
    }
  }
  if (Object.keys(cookie).length > 0) filters.push({ type: 'setCookie', ...cookie });

  if (proxyRedirect !== undefined && proxyRedirect.from !== '') {
    const { from, to } = proxyRedirect;
    const template = LOCATION.test(from + to) ? readTemplate(to) : 'must be URLs';
    if (typeof template === 'string') invalid('proxyRedirect', template);
    else filters.push({ type: 'location', from, to: template });
  }
  return { filters, problems };
}
