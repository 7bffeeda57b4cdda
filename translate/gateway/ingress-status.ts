import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { IngressLoadBalancerIngress } from 'kubernetes-types/networking/v1';

/** Our part of status.loadBalancer.ingress. */
export interface IngressStatusFragment {
  /** Entries that must be there: merge with those of others by ip or hostname; sorted. */
  readonly entries: readonly IngressLoadBalancerIngress[];
  /** ips and host names of ALBs that do not serve this Ingress (any more): their entries must go. Disjoint from `entries`. */
  readonly withdrawn: readonly string[];
}

/** Where the Ingress is reached. */
export function translateIngressStatus(view: View, key: ObjectKey): IngressStatusFragment {
  void view;
  void key;
  throw new Error('translateIngressStatus: not written yet');
}
