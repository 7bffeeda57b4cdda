import { checkDslx } from '@causeway/apis/gateway/dslx';
import { isHostHeader, isHostPattern } from '@causeway/apis/gateway/host';
import { LABEL_ALB, LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import { isOrigin } from '@causeway/apis/gateway/origin';
import { checkRegex } from '@causeway/apis/gateway/regex';
import { readRewriteTarget } from '@causeway/apis/gateway/rewrite';
import type { Rule } from '@causeway/apis/gateway/rule';
import { readTemplate } from '@causeway/apis/gateway/template';
import { checkCanary } from './canary.ts';
import { checkLimit } from './limit.ts';
import { checkMirror } from './mirror.ts';
import { checkLocation, checkPolicyConfig, checkRedirectCode, checkReference } from './policy-config.ts';
import { checkProject } from './project.ts';
import type { Read } from './read.ts';
import { checkSecretName, checkServiceGroup } from './service-group.ts';
import { type Cause, type Findings, forbidden, invalid, notSupported, required } from './verdict.ts';

const PROTOCOLS = ['', 'http', 'https', 'grpc', 'grpcs'];

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
  const vhost = spec.vhost ?? '';
  if (vhost !== '' && !isHostHeader(vhost))
    causes.push(invalid('spec.vhost', vhost, 'must be a host, with or without port'));
  for (const [index, name] of (spec.config?.domains ?? []).entries()) {
    if (!isHostPattern(name)) {
      causes.push(invalid(`spec.config.domains[${index}]`, name, 'must be a host name; the first label may be *'));
    }
  }
  causes.push(...checkReference('spec.config.customHeaders', spec.config?.customHeaders, 'ConfigMap'));
  const domain = spec.domain ?? '';
  if (domain !== '' && !isHostPattern(domain)) {
    causes.push(invalid('spec.domain', domain, 'must be a host name; the first label may be *'));
  }
  const spanName = spec.config?.spanName ?? '';
  const template = readTemplate(spanName);
  if (typeof template === 'string') causes.push(invalid('spec.config.spanName', spanName, template));
  causes.push(...checkRewrite(rule), ...checkRedirectCode('spec.redirectCode', spec.redirectCode));
  causes.push(...checkLocation('spec.redirectURL', spec.redirectURL), ...checkPolicyConfig('spec.config', spec.config));
  for (const origin of (spec.corsAllowOrigin ?? '').split(',').map((item) => item.trim())) {
    if (origin !== '' && origin !== '*' && !isOrigin(origin)) {
      warnings.push(
        `spec.corsAllowOrigin: ${JSON.stringify(origin)} is no origin like https://a.com:8443, it allows nobody`,
      );
    }
  }
  causes.push(...checkCanary('spec.config.canary', spec.config?.canary));
  causes.push(...checkLimit('spec.config.limit', spec.config?.limit));
  causes.push(...checkMirror('spec.config.mirror', spec.config?.mirror));
  causes.push(...checkFrontend(rule, read), ...checkProject(rule, read));
  return { causes, warnings };
}

function checkRewrite({ spec }: Rule): Cause[] {
  const target = spec.rewrite_target ?? '';
  if (target === '') return [];
  const parts = readRewriteTarget(target);
  const [field, pattern] = spec.rewrite_base ? ['spec.rewrite_base', spec.rewrite_base] : ['spec.url', spec.url ?? ''];
  const verdict = checkRegex(pattern);
  return [
    ...(typeof parts === 'string' ? [invalid('spec.rewrite_target', target, parts)] : []),
    ...(verdict.dialect === 'invalid' ? [invalid(field, pattern, verdict.error)] : []),
  ];
}

/** A Frontend that exists must be of the Rule's ALB, and have requests that a Rule can choose from (ALB-05). */
function checkFrontend(rule: Rule, read: Read): Cause[] {
  const name = rule.metadata.labels?.[LABEL_FRONTEND];
  if (name === undefined) return [];
  const frontend = read.get('Frontend', { namespace: rule.metadata.namespace ?? '', name });
  const field = `metadata.labels[${LABEL_FRONTEND}]`;
  const protocol = frontend?.spec.protocol;
  if (protocol === 'tcp' || protocol === 'udp') {
    return [forbidden(field, `Frontend "${name}" is ${protocol} and takes no Rules`)];
  }
  const [owner, alb] = [frontend?.metadata.labels?.[LABEL_ALB], rule.metadata.labels?.[LABEL_ALB]];
  if (owner === undefined || alb === undefined || owner === alb) return [];
  return [forbidden(field, `Frontend "${name}" belongs to ALB "${owner}"`)];
}

function reasonOf(message: string): Cause['reason'] {
  if (message.startsWith('Required')) return 'FieldValueRequired';
  if (message.startsWith('Unsupported')) return 'FieldValueNotSupported';
  return message.startsWith('Forbidden') ? 'FieldValueForbidden' : 'FieldValueInvalid';
}
