import { createHash } from 'node:crypto';
import type {
  RateLimit,
  RateLimitRule,
  RateLimitSelector,
  RateLimitValue,
} from '@causeway/apis/envoy-gateway/rate-limit';
import { isNetwork } from '@causeway/apis/meta/address';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { GlobalLimitIR, LimitStoreIR, TemplateIR, TermIR, TestIR } from '@causeway/ir/gateway';
import { valueTest, withoutEnd } from '../route/http-match.ts';
import type { Policy } from './policy-kind.ts';
import type { Tell } from './tell.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const WINDOWS_MS = {
  Second: SECOND_MS,
  Minute: 60 * SECOND_MS,
  Hour: 3600 * SECOND_MS,
  Day: DAY_MS,
  Month: 30 * DAY_MS,
  Year: 365 * DAY_MS,
} as const;

const NO_STORE =
  'the GatewayClass has no store (spec.config.envoyGateway.rateLimit.backend of its EnvoyGatewayCtl): each data plane counts alone';

interface LimitContext {
  readonly policy: Policy<'BackendTrafficPolicy'>;
  /** Of one route of the data plane. */
  readonly scope: string;
  /** Of what is global; absent: there is none. */
  readonly store: LimitStoreIR | undefined;
  /** Answers say how much is allowed, and how much of it is left. */
  readonly tellsLimits: boolean;
  readonly tell: Tell;
}

/**
 * Limits over a window that slides. What is global is counted by all data planes of the class together, in its store; without one each
 * counts alone, which is told.
 *
 * Source: GW-44.
 */
export function rateLimits(rateLimit: RateLimit | undefined, context: LimitContext): readonly GlobalLimitIR[] {
  const { local, global } = rateLimit ?? {};
  if (global !== undefined && context.store === undefined) context.tell('rateLimit.global', NO_STORE);
  const ofPlace = (place: 'local' | 'global', rules: readonly RateLimitRule[], shared: boolean) =>
    rules.flatMap((rule, index) => limitOf(rule, { place, index, shared }, context) ?? []);
  return [
    ...withDefault(ofPlace('local', local?.rules ?? [], false)),
    ...ofPlace('global', global?.rules ?? [], global?.shared === true),
  ];
}

/** Of local rules one without selectors is for the requests that no other is for. */
function withDefault(limits: readonly GlobalLimitIR[]): readonly GlobalLimitIR[] {
  const except = limits.flatMap(({ when, unless, among }) =>
    when === undefined && unless === undefined && among === undefined
      ? []
      : { ...(when && { when }), ...(unless && { unless }), ...(among && { among }) },
  );
  if (except.length === 0) return limits;
  return limits.map((limit) =>
    limit.when === undefined && limit.unless === undefined && limit.among === undefined ? { ...limit, except } : limit,
  );
}

/**
 * The global limits of a Gateway's policy beside those of a route's that merges with it: each has its own, which are lists.
 *
 * Source: Envoy Gateway v1.7, BackendTrafficPolicy, `mergeType: StrategicMerge`.
 */
export function limitsAbove(
  { own, above }: { readonly own: Traffic; readonly above: Traffic },
  context: Omit<LimitContext, 'policy'>,
): readonly GlobalLimitIR[] {
  const { mergeType, rateLimit } = own.spec;
  const { global } = above.spec.rateLimit ?? {};
  if (mergeType !== 'StrategicMerge' || rateLimit?.global === undefined || global === undefined) return [];
  return rateLimits({ global }, { ...context, policy: above, tell: () => undefined });
}

type Traffic = Policy<'BackendTrafficPolicy'>;

interface RulePlace {
  readonly place: 'local' | 'global';
  readonly index: number;
  /** All rules count for all routes of the policy together. */
  readonly shared: boolean;
}

function limitOf(
  rule: RateLimitRule,
  { place, index, shared }: RulePlace,
  { policy, scope, store, tellsLimits, tell }: LimitContext,
): GlobalLimitIR | undefined {
  const field = `rateLimit.${place}.rules[${index}]`;
  const draft: Draft = { when: [], unless: [], among: [], key: [] };
  for (const [position, selector] of (rule.clientSelectors ?? []).entries()) {
    const mistake = addSelector(draft, selector);
    if (mistake === undefined) continue;
    tell(`${field}.clientSelectors[${position}].${mistake}`, 'the limit has no effect', 'mistake');
    return undefined;
  }
  const { when, unless, among, key } = draft;
  const cost = costOf(rule.cost?.request, (message) => tell(`${field}.cost.request`, message)) ?? 1;
  const responseCost = costOf(rule.cost?.response, (message) => tell(`${field}.cost.response`, message)) ?? 0;
  const owner = objectKeyText(keyOf(policy));
  return {
    type: 'globalLimit',
    scope: `BackendTrafficPolicy ${owner} ${place === 'local' ? '' : `${place} `}${index} ${editionOf(policy, rule)}${shared || rule.shared === true ? '' : ` ${scope}`}`,
    requests: rule.limit.requests,
    windowMs: WINDOWS_MS[rule.limit.unit],
    ...(cost === 1 ? {} : { cost }),
    ...(responseCost === 0 ? {} : { responseCost }),
    key,
    exempt: [],
    status: 429,
    ...(when.length === 0 ? {} : { when }),
    ...(unless.length === 0 ? {} : { unless }),
    ...(among.length === 0 ? {} : { among }),
    answerHeaders: [{ name: 'x-envoy-ratelimited', value: 'true' }],
    ...(tellsLimits ? { rateHeaders: place === 'local' ? ('number' as const) : ('window' as const) } : {}),
    ...(rule.shadowMode === true ? { shadow: true as const } : {}),
    ...(place === 'global' && store !== undefined ? { store } : {}),
  };
}

/** Counters of a policy that was made anew, and of a rule that says something else, begin at zero. */
function editionOf({ metadata: { uid = '' } }: LimitContext['policy'], rule: RateLimitRule): string {
  return createHash('sha256')
    .update(`${uid} ${JSON.stringify(rule)}`)
    .digest('hex')
    .slice(0, 16);
}

type Cost = NonNullable<NonNullable<RateLimitRule['cost']>['request']>;

/** @returns undefined: as if nothing was said */
function costOf(cost: Cost | undefined, tell: (message: string) => void): number | undefined {
  if (cost?.from === 'Metadata') tell('Metadata is not served, only Number');
  return cost?.number;
}

interface Draft {
  readonly when: TermIR[];
  readonly unless: TermIR[];
  readonly among: string[][];
  readonly key: TemplateIR[number][];
}

/** @returns what is wrong, after the name of the field */
function addSelector(draft: Draft, selector: RateLimitSelector): string | undefined {
  const { headers = [], queryParams = [], methods = [], path, sourceCIDR } = selector;
  for (const [index, header] of headers.entries()) {
    const name = header.name.toLowerCase();
    const mistake = addValue(draft, header, { subject: 'header', name }, `http_${name.replaceAll('-', '_')}`);
    if (mistake !== undefined) return `headers[${index}].${mistake}`;
  }
  for (const [index, parameter] of queryParams.entries()) {
    const mistake = addValue(draft, parameter, { subject: 'query', name: parameter.name }, `arg_${parameter.name}`);
    if (mistake !== undefined) return `queryParams[${index}].${mistake}`;
  }
  const ofMethods = (inverted: boolean): string[] =>
    methods.filter(({ invert = false }) => invert === inverted).map(({ value }) => value);
  const [wanted, unwanted] = [ofMethods(false), ofMethods(true)];
  if (wanted.length > 0) draft.when.push({ subject: 'method', tests: [{ op: 'in', values: wanted }] });
  if (unwanted.length > 0) draft.unless.push({ subject: 'method', tests: [{ op: 'in', values: unwanted }] });
  if (path !== undefined) {
    const test = pathTest(path);
    if (typeof test === 'string') return `path.${test}`;
    (path.invert === true ? draft.unless : draft.when).push({ subject: 'path', tests: [test] });
  }
  if (sourceCIDR !== undefined) {
    if (!isNetwork(sourceCIDR.value)) return `sourceCIDR.value: ${JSON.stringify(sourceCIDR.value)} is no network`;
    draft.among.push([sourceCIDR.value]);
    if (sourceCIDR.type === 'Distinct') draft.key.push({ variable: 'remote_addr' }, '\n');
  }
  return undefined;
}

function addValue(
  draft: Draft,
  { type = 'Exact', value = '', invert = false }: RateLimitValue,
  subject: Pick<TermIR, 'subject' | 'name'>,
  variable: string,
): string | undefined {
  if (type === 'Distinct') {
    draft.when.push({ ...subject, tests: [{ op: 'exists' }] });
    draft.key.push({ variable }, '\n');
    return undefined;
  }
  const test = valueTest(type, value);
  if (typeof test === 'string') return `value: ${test}`;
  (invert ? draft.unless : draft.when).push({ ...subject, tests: [test] });
  return undefined;
}

function pathTest({ type = 'PathPrefix', value }: NonNullable<RateLimitSelector['path']>): TestIR | string {
  if (type === 'PathPrefix') return { op: 'pathPrefix', value: withoutEnd(value) };
  const test = valueTest(type, value);
  return typeof test === 'string' ? `value: ${test}` : test;
}
