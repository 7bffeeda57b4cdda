import { isRulesMistake, readFirewallRules } from '@causeway/apis/gateway/firewall/rules';
import { ANNOTATION_FIREWALL_RULES } from '@causeway/apis/gateway/labels';
import type { ModsecurityConfig } from '@causeway/apis/gateway/policy-config';
import { readTemplate } from '@causeway/apis/gateway/template';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { BackendProtocol, FirewallIR, RespondIR, RouteActionIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Problem } from './problem.ts';
import { mayUse, notPermitted, type Referent, type Referrer } from './reference.ts';

/** One of the objects that may configure the firewall: Rule, Frontend, ALB2. */
export interface FirewallLevel {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly config: { readonly modsecurity?: ModsecurityConfig } | undefined;
}

export interface FirewallContext {
  readonly view: View;
  /** The object that is translated. */
  readonly object: Problem['object'];
  /** Who wrote the settings: in whose name ConfigMaps are read. */
  readonly referrer: Referrer;
  readonly allowCrossNamespaceReferences: boolean;
}

export interface FirewallTranslation {
  readonly filters: readonly FirewallIR[];
  /** The answer to all requests: what should protect them is broken. */
  readonly refusal?: RespondIR;
  readonly problems: readonly Problem[];
}

const NONE: FirewallTranslation = { filters: [], problems: [] };
const REFUSAL: RespondIR = { type: 'respond', status: 503, reason: 'WAF : invalid configuration' };

/**
 * The firewall in force. The object of one level applies as a whole, with the rules in the annotation of the same level. Where these
 * hold rules, and not just settings, ConfigMap and core rules do not count; where the ConfigMap holds rules, core rules do not.
 *
 * Source: spec ALB-96, 7.1.
 *
 * @param levels from the innermost outwards
 */
export function translateFirewall(levels: readonly FirewallLevel[], context: FirewallContext): FirewallTranslation {
  const level = levels.find(({ config }) => config?.modsecurity !== undefined);
  const settings = level?.config?.modsecurity;
  if (level === undefined || settings === undefined || !settings.enable) return NONE;
  const problems: Problem[] = [];
  const tell = (reason: Problem['reason'], message: string): void => {
    problems.push({ object: context.object, reason, message, severity: 'Warning' });
  };
  const refuse = (reason: Problem['reason'], message: string): FirewallTranslation => {
    tell(reason, `${message}; requests are answered 503`);
    return { filters: [], refusal: REFUSAL, problems };
  };

  const annotation = level.metadata.annotations?.[ANNOTATION_FIREWALL_RULES] ?? '';
  const cmRef = settings.cmRef ?? '';
  const sources = [
    ...(annotation === ''
      ? []
      : [() => ({ where: `metadata.annotations[${ANNOTATION_FIREWALL_RULES}]`, text: annotation })]),
    ...(cmRef === '' ? [] : [() => configMapText(cmRef, context)]),
  ];
  const texts: string[] = [];
  let core = settings.useCoreRules === true;
  for (const find of sources) {
    const source = find();
    if ('reason' in source) return refuse(source.reason, source.message);
    const { where, text } = source;
    const rules = readRules(text);
    if (isRulesMistake(rules)) return refuse('InvalidField', `${where}: line ${rules.line}: ${rules.message}`);
    if (rules.ignored.length > 0) tell('UnsupportedFeature', `${where}: without effect: ${rules.ignored.join(', ')}`);
    texts.push(rules.text);
    if (!rules.hasRules) continue;
    core = false;
    break;
  }
  const transaction = readTemplate(settings.transactionId ?? '');
  if (typeof transaction === 'string') {
    tell('InvalidField', `spec.config.modsecurity.transactionId: ${transaction}; a name is made up`);
  }
  const ruleSet = { recommended: settings.useRecommend === true, rules: texts.join(''), core };
  return {
    filters: [{ type: 'firewall', ruleSet, transaction: typeof transaction === 'string' ? [] : transaction }],
    problems,
  };
}

/** gRPC is not inspected: its bodies are streams of binary messages, which rules cannot read. Told, since others rely on it. */
export function withoutGrpc(
  firewall: FirewallTranslation,
  action: RouteActionIR | undefined,
  object: Problem['object'],
): FirewallTranslation {
  if (
    firewall.filters.length === 0 ||
    action?.type !== 'forward' ||
    !action.backends.some(({ protocol }) => isGrpc(protocol))
  )
    return firewall;
  const message = 'spec.config.modsecurity: gRPC is not inspected; requests are passed on';
  return {
    filters: [],
    problems: [...firewall.problems, { object, reason: 'UnsupportedFeature', message, severity: 'Warning' }],
  };
}

function isGrpc(protocol: BackendProtocol): boolean {
  return protocol === 'grpc' || protocol === 'grpcs';
}

interface RulesSource {
  readonly where: string;
  readonly text: string;
}

function configMapText(
  reference: string,
  { view, referrer, allowCrossNamespaceReferences }: FirewallContext,
): RulesSource | { readonly reason: Problem['reason']; readonly message: string } {
  const where = 'spec.config.modsecurity.cmRef';
  const match = /^([^/#]+)\/([^/#]+)#([^/#]+)$/.exec(reference);
  const [, of = '', name = '', entry = ''] = match ?? [];
  if (match === null) {
    return { reason: 'InvalidField', message: `${where}: ${JSON.stringify(reference)} is not namespace/name#key` };
  }
  const key: ObjectKey = { namespace: of, name };
  const referent: Referent = { kind: 'ConfigMap', ...key };
  if (!mayUse(view, referrer, referent, allowCrossNamespaceReferences))
    return { reason: 'RefNotPermitted', message: `${where}: ${notPermitted(referent)}` };
  const text = view.get('ConfigMap', key)?.data?.[entry];
  return text === undefined
    ? { reason: 'RefNotFound', message: `${where}: ConfigMap ${objectKeyText(key)} has no ${entry}` }
    : { where: `${where}: ConfigMap ${objectKeyText(key)}#${entry}`, text };
}

/** Many Rules share a text; what it says depends on nothing else. Bounded by being begun anew. */
const read = new Map<string, ReturnType<typeof readFirewallRules>>();
const MAX_TEXTS = 64;

function readRules(text: string): ReturnType<typeof readFirewallRules> {
  let rules = read.get(text);
  if (rules === undefined) {
    if (read.size >= MAX_TEXTS) read.clear();
    rules = readFirewallRules(text);
    read.set(text, rules);
  }
  return rules;
}
