import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { checkDslx } from '@causeway/apis/gateway/dslx';
import type { Frontend } from '@causeway/apis/gateway/frontend';
import { isHostHeader, isHostPattern } from '@causeway/apis/gateway/host';
import { LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import { type Dslx, type Rule, RuleKind } from '@causeway/apis/gateway/rule';
import { specMistake } from '@causeway/apis/meta/crd';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { FilterIR, PassthroughIR, RouteActionIR, RouteIR, SniCertificateIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings } from './alb-settings.ts';
import { withCanary } from './canary.ts';
import { withCustomErrors, withErrorOrigin } from './custom-errors.ts';
import { withDefaultBackend } from './default-backend.ts';
import { translateDslx } from './dslx.ts';
import { type FirewallTranslation, translateFirewall, withoutGrpc } from './firewall.ts';
import { serviceName, translateForwarding } from './forwarding.ts';
import { albOf, defaultBackendProtocol, listenerProtocol, speaksTls } from './frontend-port.ts';
import { translateRuleTls } from './host-tls.ts';
import { translateHsts } from './hsts.ts';
import { type Inherited, inherit } from './inheritance.ts';
import { withBuffering } from './limit.ts';
import { passesThrough, translatePassthrough } from './passthrough.ts';
import type { Need, Problem } from './problem.ts';
import { portRedirect, redirectProblems, ruleRedirect } from './redirect.ts';
import { settingReferrer } from './reference.ts';
import { ruleFilters } from './rule-filters.ts';
import { ruleOrder } from './rule-order.ts';
import { secretId } from './secret-name.ts';
import { serverNameId } from './server-name.ts';
import { type ServiceGroupTranslation, translateServiceGroup } from './service-group.ts';

export interface RuleTranslation {
  readonly route?: RouteIR;
  /** Instead of a route: its connections are passed on as they are. */
  readonly passthrough?: PassthroughIR;
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * Rule -> route, or TLS connections that pass through.
 *
 * @returns neither when the Rule or its Frontend or ALB2 does not exist, its labels do not agree with those, or its dslx
 *   is invalid
 */
export function translateRule(view: View, key: ObjectKey): RuleTranslation {
  const rule = view.get('Rule', key);
  if (rule === undefined) return { needs: [], problems: [] };
  const object: Problem['object'] = { kind: 'Rule', key };
  const owner = ownerOf(view, rule, object);
  if ('problems' in owner) return { needs: [], problems: owner.problems };
  return translateRuleOf(view, rule, owner, object);
}

/** A Rule, which need not be stored, on a port of what serves it. @param object who is told of problems */
export function translateRuleOf(view: View, rule: Rule, place: RulePlace, object: Problem['object']): RuleTranslation {
  const { frontend, alb, settings } = place;
  const key = keyOf(rule);
  const mistake = specMistake(RuleKind, rule);
  if (mistake !== undefined) {
    const message = `${mistake}; the Rule is not served`;
    return { needs: [], problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' }] };
  }
  const dslx = rule.spec.dslx ?? [];
  const mistakes = dslxProblems(rule, dslx, object);
  if (mistakes.some(({ reason }) => reason === 'InvalidField')) return { needs: [], problems: mistakes };

  const inherited = inherit([rule.spec.config, frontend.spec.config, settings.config]);
  if (passesThrough(rule, frontend)) {
    const subject = { frontend, alb, settings, inherited, source: sourceOf(rule, key), object };
    const passed = translatePassthrough(view, rule, subject);
    return { ...passed, problems: [...mistakes, ...passed.problems] };
  }
  const certificate = translateCertificateName(rule, frontend, object);
  const action = translateAction(view, rule, { frontend, settings, inherited, object });
  const redirects = action.action.type === 'redirect';
  const subject = { view, object, rule, frontend, settings };
  const filters = ruleFilters(rule, inherited, subject, redirects);
  const match = translateDslx(dslx, { strictPrefix: rule.spec.config?.strictPrefix === true });
  const tls = translateRuleTls(inherited, match, subject);
  const firewall = ruleFirewall(view, rule, place, action.action, object);
  return {
    route: {
      kind: 'route',
      id: objectKeyText(key),
      instance: objectKeyText(alb),
      listeners: [`${key.namespace}/${frontend.metadata.name}`],
      match,
      order: ruleOrder({ name: key.name, priority: rule.spec.priority ?? 0, dslx }),
      filters: [
        ...firewall.filters,
        ...[...tls.filters, ...filters.filters, ...translateHsts(inherited, frontend)].filter(isFor(action.action)),
      ],
      action: firewall.refusal ?? action.action,
      certificates: certificate.certificates,
      ...(tls.hostTls === undefined ? {} : { hostTls: tls.hostTls }),
      name: key.name,
      source: sourceOf(rule, key),
    },
    needs: [...action.needs, ...filters.needs, ...certificate.needs],
    problems: [
      ...mistakes,
      ...redirectProblems(object, rule.spec),
      ...unservedFields(rule, object),
      ...action.problems,
      ...firewall.problems,
      ...filters.problems,
      ...tls.problems,
      ...certificate.problems,
    ],
  };
}

/** A redirect is decided before all else (spec ALB 7.1): only its answer can be changed. */
function isFor(action: RouteActionIR): (filter: FilterIR) => boolean {
  return ({ type }) => action.type !== 'redirect' || type === 'cors' || type === 'responseHeaders';
}

/** A port and the ALB2 whose it is; neither need be stored. */
interface RulePlace {
  readonly frontend: Frontend;
  readonly alb: ObjectKey;
  readonly loadBalancer: ALB2;
  readonly settings: AlbSettings;
}

type Owner = RulePlace | { readonly problems: readonly Problem[] };

function ruleFirewall(
  view: View,
  rule: Rule,
  { frontend, loadBalancer, settings }: RulePlace,
  action: RouteActionIR,
  object: Problem['object'],
): FirewallTranslation {
  const { metadata, spec } = rule;
  const levels = [
    { metadata, config: spec.config },
    { metadata: frontend.metadata, config: frontend.spec.config },
    { metadata: loadBalancer.metadata, config: settings.config },
  ];
  const { allowCrossNamespaceReferences } = settings;
  const referrer = settingReferrer('modsecurity', { rule, frontend });
  const context = { view, object, referrer, allowCrossNamespaceReferences };
  return withoutGrpc(translateFirewall(levels, context), action, object);
}

/** Both labels are required, and both must lead to the same ALB (ALB-05). */
function ownerOf(view: View, rule: Rule, object: Problem['object']): Owner {
  const refused = (reason: Problem['reason'], message: string): Owner => ({
    problems: [{ object, reason, message, severity: 'Warning' }],
  });
  const alb = albOf(rule);
  if (alb === undefined) return refused('InvalidField', 'metadata.labels[alb2.cpaas.io/name]: Required value');
  const name = rule.metadata.labels?.[LABEL_FRONTEND] ?? '';
  if (name === '') return refused('InvalidField', `metadata.labels[${LABEL_FRONTEND}]: Required value`);
  const frontend = view.get('Frontend', { namespace: alb.namespace, name });
  if (frontend === undefined) return refused('RefNotFound', `Frontend ${alb.namespace}/${name} not found`);
  if (albOf(frontend)?.name !== alb.name) {
    return refused('InvalidField', `Frontend ${alb.namespace}/${name} does not belong to ALB2 ${alb.name}`);
  }
  if (frontend.spec.protocol === 'tcp' || frontend.spec.protocol === 'udp') {
    return refused('InvalidField', `Frontend ${name} is ${frontend.spec.protocol}: Rules are not possible there`);
  }
  const loadBalancer = view.get('ALB2', alb);
  if (loadBalancer === undefined) return refused('RefNotFound', `ALB2 ${objectKeyText(alb)} not found`);
  const settings = albSettings(loadBalancer);
  return settings === undefined || !settings.serveRules ? { problems: [] } : { frontend, alb, loadBalancer, settings };
}

function dslxProblems(rule: Rule, dslx: Dslx, object: Problem['object']): readonly Problem[] {
  // An Ingress path without host and path matches everything (spec ALB 5.4, decision); nobody else may write that.
  if (dslx.length === 0 && rule.spec.source?.type === 'ingress') return [];
  return checkDslx(dslx).map(({ field, message, severity }) => ({
    object,
    reason: severity === 'error' ? 'InvalidField' : 'UnsupportedFeature',
    message: `spec.dslx${field}: ${message}${severity === 'error' ? '; the Rule is not served' : ''}`,
    severity: 'Warning',
  }));
}

interface RuleContext {
  readonly frontend: Frontend;
  readonly settings: AlbSettings;
  readonly inherited: Inherited;
  readonly object: Problem['object'];
}

function translateAction(view: View, rule: Rule, context: RuleContext): ServiceGroupTranslation {
  const { frontend, settings, inherited, object } = context;
  const redirect = portRedirect(frontend, settings) ?? ruleRedirect(rule, frontend);
  if (redirect !== undefined) return { action: redirect, needs: [], problems: [] };
  const { serviceGroup: group = {}, vhost = '' } = rule.spec;
  const backendProtocol = rule.spec.backendProtocol || defaultBackendProtocol(frontend);
  const { forwarding, problems } = translateForwarding(view, {
    inherited: withBuffering(inherited),
    settings,
    object,
    referrer: settingReferrer('backendTLS', { rule, frontend }),
    backendProtocol,
    name: isHostHeader(vhost) ? hostOf(vhost) : serviceName(group.services),
  });
  const options = { object, backendProtocol, forwarding, otherClusters: settings.otherClusters };
  const { canary } = rule.spec.config ?? {};
  const own = withCanary(translateServiceGroup({ ...options, group }), canary, options);
  const spared = withDefaultBackend(view, own, inherited.defaultBackend, options);
  const subject = { rule, frontend };
  const translated = withErrorOrigin(withCustomErrors(view, spared, inherited, subject, options), subject);
  return { ...translated, problems: [...problems, ...translated.problems] };
}

/** Without port. */
function hostOf(vhost: string): string {
  return vhost.replace(/:[0-9]+$/, '');
}

function translateCertificateName(
  rule: Rule,
  frontend: Frontend,
  object: Problem['object'],
): {
  readonly certificates: readonly SniCertificateIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
} {
  const text = rule.spec.certificate_name ?? '';
  if (text === '' || !speaksTls(listenerProtocol(frontend))) return { certificates: [], needs: [], problems: [] };
  const refused = (message: string) => ({
    certificates: [],
    needs: [],
    problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' } as const],
  });
  const host = (rule.spec.domain ?? '').toLowerCase();
  if (host === '') return refused('spec.domain: Required value: certificate_name is for one domain');
  const certificate = secretId(text);
  if (certificate === undefined) return refused(`spec.certificate_name: ${JSON.stringify(text)} is not namespace/name`);
  const hosts = [host, ...(rule.spec.config?.domains ?? []).map((name) => name.toLowerCase()).filter(isHostPattern)];
  return {
    certificates: hosts.map((name) => ({ host: name, certificate })),
    needs: [
      { kind: 'certificate', id: certificate },
      ...hosts.map((name): Need => ({ kind: 'serverName', id: serverNameId({ certificate, host: name }) })),
    ],
    problems: [],
  };
}

function sourceOf(rule: Rule, key: ObjectKey): RouteIR['source'] {
  const source = rule.spec.source;
  return source === undefined || source.type === ''
    ? { type: '', namespace: key.namespace, name: key.name }
    : { type: source.type, namespace: source.namespace, name: source.name };
}

function unservedFields(rule: Rule, object: Problem['object']): readonly Problem[] {
  const { spec } = rule;
  const problems: Problem[] = [];
  const vhost = spec.vhost ?? '';
  if (vhost !== '' && !isHostHeader(vhost)) {
    const message = `spec.vhost: ${JSON.stringify(vhost)} is no host; backends get the Host of the request`;
    problems.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
  }
  return problems;
}
