import type { LabelSelector } from '@causeway/apis/gateway-api/label-selector';
import type { View } from '@causeway/resources/view';

export interface NamespaceChoice {
  readonly from: string;
  /** Counts with `from: Selector`; absent: none. */
  readonly selector?: LabelSelector | undefined;
  /** Of who chooses. */
  readonly own: string;
}

/** Whether what is in a namespace may be attached. Source: Gateway API v1, RouteNamespaces, ListenerNamespaces. */
export function selectsNamespace(view: View, { from, selector, own }: NamespaceChoice, namespace: string): boolean {
  switch (from) {
    case 'All':
      return true;
    case 'Same':
      return namespace === own;
    case 'Selector': {
      const labels = view.get('Namespace', { namespace: '', name: namespace })?.metadata.labels;
      return selector !== undefined && labels !== undefined && selects(selector, labels);
    }
    default:
      return false;
  }
}

/** An empty one selects everything. Source: meta/v1 LabelSelector. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (Object.entries(matchLabels).some(([key, value]) => labels[key] !== value)) return false;
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
