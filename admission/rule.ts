import { checkDslx } from '@causeway/apis/gateway/dslx';
import { LABEL_ALB, LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import { checkRegex } from '@causeway/apis/gateway/regex';
import type { Rule } from '@causeway/apis/gateway/rule';
import { checkProject } from './project.ts';
import type { Read } from './read.ts';
import { checkSecretName, checkServiceGroup } from './service-group.ts';
import { type Cause, type Findings, forbidden, invalid, notSupported, required } from './verdict.ts';

const PROTOCOLS = ['', 'http', 'https', 'grpc', 'grpcs'];
const REDIRECT_CODES = [301, 302, 303, 307, 308];

/** Source: spec ALB sections 2.3, 3.4, 4, ALB-05, ALB-69, ALB-72. */
export function checkRule(rule: Rule, read: Read): Findings {
  const { spec } = rule;
  const causes: Cause[] = [];
  const warnings: string[] = [];
  for (const label of [LABEL_ALB, LABEL_FRONTEND]) {
    if (rule.metadata.labels?.[label] === undefined) {
      warnings.push(`metadata.labels: without ${label} no ALB serves this Rule`);
    }
  }
  // An Ingress path without host and path takes every request (spec ALB section 5.4, decision); nobody else may say that.
  const takesAll = (spec.dslx ?? []).length === 0 && spec.source?.type === 'ingress';
  for (const { field, message, severity } of takesAll ? [] : checkDslx(spec.dslx ?? [])) {
    const path = `spec.dslx${field}`;
    if (severity === 'warning') warnings.push(`${path}: ${message}`);
    else causes.push({ reason: reasonOf(message), field: path, message });
  }
  const protocol = (spec.backendProtocol ?? '').toLowerCase();
  if (!PROTOCOLS.includes(protocol)) causes.push(notSupported('spec.backendProtocol', protocol, PROTOCOLS));
  if ((spec.certificate_name ?? '') !== '' && (spec.domain ?? '') === '') {
    causes.push(required('spec.domain', 'certificate_name is shown for this host'));
  }
  causes.push(...checkSecretName('spec.certificate_name', spec.certificate_name));
  causes.push(...checkServiceGroup('spec.serviceGroup', spec.serviceGroup, false));
  causes.push(
    ...checkRewrite(rule),
    ...checkRedirect(rule),
    ...checkFrontendProtocol(rule, read),
    ...checkProject(rule, read),
  );
  return { causes, warnings };
}

function checkRewrite({ spec }: Rule): Cause[] {
  if ((spec.rewrite_target ?? '') === '') return [];
  const [field, pattern] = spec.rewrite_base ? ['spec.rewrite_base', spec.rewrite_base] : ['spec.url', spec.url ?? ''];
  const verdict = checkRegex(pattern);
  return verdict.dialect === 'invalid' ? [invalid(field, pattern, verdict.error)] : [];
}

function checkRedirect({ spec }: Rule): Cause[] {
  const redirect = spec.config?.redirect;
  const causes: Cause[] = [];
  for (const [field, code] of [
    ['spec.redirectCode', spec.redirectCode],
    ['spec.config.redirect.code', redirect?.code],
  ] as const) {
    if (code !== undefined && code !== 0 && !REDIRECT_CODES.includes(code)) {
      causes.push(invalid(field, code, `must be one of ${REDIRECT_CODES.join(', ')}`));
    }
  }
  const scheme = redirect?.scheme ?? '';
  if (!['', 'http', 'https'].includes(scheme)) {
    causes.push(notSupported('spec.config.redirect.scheme', scheme, ['http', 'https']));
  }
  return causes;
}

/** Layer 4 ports have no requests that a Rule could choose from. */
function checkFrontendProtocol(rule: Rule, read: Read): Cause[] {
  const name = rule.metadata.labels?.[LABEL_FRONTEND];
  if (name === undefined) return [];
  const protocol = read.get('Frontend', { namespace: rule.metadata.namespace ?? '', name })?.spec.protocol;
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  return [forbidden(`metadata.labels[${LABEL_FRONTEND}]`, `Frontend "${name}" is ${protocol} and takes no Rules`)];
}

function reasonOf(message: string): Cause['reason'] {
  if (message.startsWith('Required')) return 'FieldValueRequired';
  if (message.startsWith('Unsupported')) return 'FieldValueNotSupported';
  return message.startsWith('Forbidden') ? 'FieldValueForbidden' : 'FieldValueInvalid';
}
