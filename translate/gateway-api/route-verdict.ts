import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { RouteParent } from './attachment.ts';
import type { RefRefusal } from './backend-ref.ts';
import { CONTROLLER_NAME } from './class.ts';
import { type Verdict, verdict } from './condition.ts';
import { readiness } from './ready.ts';

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

export interface RouteFindings {
  /** References of the whole route that cannot be followed. */
  readonly refusals: readonly RefRefusal[];
  /** Values that this version does not serve. */
  readonly unsupported: readonly string[];
  /** Values without which the route is served. */
  readonly ineffective?: readonly string[];
}

/** Source: GW-15; spec ALB-116. */
export function verdictOf(
  parent: RouteParent,
  { refusals, unsupported, ineffective = [] }: RouteFindings,
): RouteVerdict {
  const { ref, gateway, listenerSet, listeners, refusal, controllerName, reserved } = parent;
  const [unserved] = unsupported;
  const refused =
    refusal ?? (unserved === undefined ? undefined : { reason: 'UnsupportedValue', message: unsupported.join('; ') });
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
