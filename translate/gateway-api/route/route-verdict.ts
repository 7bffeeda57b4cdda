import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { RefRefusal } from '../backend/backend-ref.ts';
import { CONTROLLER_NAME } from '../class/class.ts';
import { type Verdict, verdict } from '../condition.ts';
import { readiness } from '../ready.ts';
import type { RouteParent } from './attachment.ts';

/** What is said of a route at one of its parents. */
export interface RouteVerdict {
  readonly ref: ParentReference;
  readonly gateway: ObjectKey;
  /** Of the Gateway, to which it is attached; present: the listeners are its. */
  readonly listenerSet?: ObjectKey;
  /** Names of the listeners that it is attached to. */
  readonly listeners: readonly string[];
  readonly conditions: readonly Verdict[];
  /** Of the class of the Gateway: who says it. */
  readonly controllerName: string;
}

/** Values, or filters together, that are not served. */
export interface RuleMistake {
  /** Index of the rule. */
  readonly rule: number;
  readonly reason: 'UnsupportedValue' | 'IncompatibleFilters';
  readonly message: string;
}

export interface RouteFindings {
  /** References of the whole route that cannot be followed. */
  readonly refusals: readonly RefRefusal[];
  /** What of the rules is not served; those that it is in are left out. */
  readonly mistakes: readonly RuleMistake[];
  /** How many there are. */
  readonly rules: number;
  /** Values without which the route is served. */
  readonly ineffective?: readonly string[];
}

/** How the message begins where rules are left out. Source: Gateway API v1, RouteConditionPartiallyInvalid. */
const DROPPED = 'Dropped Rule';

/** Source: GW-15; spec ALB-116. */
export function verdictOf(
  parent: RouteParent,
  { refusals, mistakes, rules, ineffective = [] }: RouteFindings,
): RouteVerdict {
  const { ref, gateway, listenerSet, listeners, refusal, controllerName, reserved } = parent;
  const dropped = new Set(mistakes.map(({ rule }) => rule)).size;
  const isPartial = dropped > 0 && dropped < rules;
  const refused = refusal ?? (isPartial ? undefined : refusalOf(mistakes));
  const [unresolved] = refusals;
  const conditions = [
    refused === undefined
      ? verdict('Accepted', true, 'Accepted', ['the route is served', ...ineffective].join('; '))
      : verdict('Accepted', false, refused.reason, refused.message),
    unresolved === undefined
      ? verdict('ResolvedRefs', true, 'ResolvedRefs', 'every reference can be followed')
      : verdict(
          'ResolvedRefs',
          false,
          unresolved.reason,
          [...new Set(refusals.map(({ message }) => message))].join('; '),
        ),
    ...(isPartial && refused === undefined
      ? [verdict('PartiallyInvalid', true, 'UnsupportedValue', `${DROPPED}: ${textOf(mistakes)}`)]
      : []),
  ];
  const ready =
    controllerName === CONTROLLER_NAME ? [] : [readiness(conditions, ['Accepted', 'ResolvedRefs'], reserved)];
  return {
    ref,
    controllerName,
    gateway: keyOf(gateway),
    ...(listenerSet === undefined ? {} : { listenerSet: keyOf(listenerSet) }),
    listeners: listeners.map(({ listener }) => listener.spec.name),
    conditions: [...conditions, ...ready],
  };
}

/** Absent where all of a route is good, all of it is bad, or it is not accepted. */
export const POSSIBLE_ROUTE_CONDITIONS: readonly string[] = ['PartiallyInvalid'];

function refusalOf(mistakes: readonly RuleMistake[]): Pick<RuleMistake, 'reason' | 'message'> | undefined {
  if (mistakes.length === 0) return undefined;
  const isOfFilters = mistakes.every(({ reason }) => reason === 'IncompatibleFilters');
  return { reason: isOfFilters ? 'IncompatibleFilters' : 'UnsupportedValue', message: textOf(mistakes) };
}

function textOf(mistakes: readonly RuleMistake[]): string {
  return mistakes.map(({ message }) => message).join('; ');
}
