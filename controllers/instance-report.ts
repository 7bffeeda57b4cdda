import type { InstanceStatus as ReportedStatus } from '@causeway/apis/gateway/instance';
import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import {
  type ALB2,
  type Gateway,
  type GatewayClass,
  type IngressNginx,
  type Instance,
  KIND_REFS,
} from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { InstanceStatus } from '@causeway/targets/nginx/status';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import type { ObjectWithStatus, StatusWriter } from '@causeway/targets/status/status-writer';
import { ingressNginxOf } from '@causeway/translate/gateway/ingress-nginx/settings';
import { classOfPlane } from '@causeway/translate/gateway-api/class/merged-class';
import { gatewayOf } from '@causeway/translate/gateway-api/plane/data-plane';

export interface InstanceReportOptions {
  readonly snapshot: Snapshot;
  readonly instances: DerivedObjects;
  readonly status: StatusWriter;
  /** Name of this machine. */
  readonly node: string;
  /** Of the object. */
  readonly nameOf: (alb: ObjectKey) => string;
  /** The newest report about the data plane of an ALB; absent: there is none here. */
  readonly reportOf: (alb: ObjectKey) => InstanceStatus | undefined;
  /** Up to where this agent has seen the API. */
  readonly observedResourceVersion: () => string;
  readonly now: () => Date;
}

/** A report is repeated this often though nothing changed, to show that the agent lives. */
const HEARTBEAT_MS = 30_000;

/**
 * Data plane -> its Instance object, which tells the leader what is served here
 * (design D5). Keys are ALBs. The object goes with the data plane.
 */
export function instanceReportController(options: InstanceReportOptions): Reconcile<ObjectKey> {
  const { snapshot, instances, status, node, nameOf, reportOf, observedResourceVersion, now } = options;
  return async (key) => {
    const owner = `instanceReport/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const alb = ownerOf(view, key);
    const stored = view.get('Instance', { namespace: key.namespace, name: nameOf(key) });
    const report = reportOf(key);
    if (alb === undefined || report === undefined) {
      if (stored !== undefined) await instances.remove([stored]);
      else snapshot.forget(owner);
      return done;
    }
    const [created] =
      stored === undefined ? await instances.put({ create: [newInstance(alb, key, nameOf(key))], update: [] }) : [];
    const object: ObjectWithStatus | undefined = created ?? stored;
    if (object === undefined) return done;
    const next: ReportedStatus = {
      ...report,
      node,
      observedResourceVersion: observedResourceVersion(),
      heartbeatTime: `${now().toISOString().slice(0, 19)}Z`,
    };
    await status.put(KIND_REFS.Instance, object, () => next, { repeat: isOld(stored, now()) });
    return { requeueAfterMs: HEARTBEAT_MS };
  };
}

/** One per ALB and node; a node runs at most one data plane of an ALB. */
export function instanceName(alb: ObjectKey, node: string): string {
  return `${alb.name}-${node}`.toLowerCase();
}

/** The object that a data plane was made for. */
function ownerOf(view: View, plane: ObjectKey): Owner | undefined {
  const ingressNginx = ingressNginxOf(plane);
  if (ingressNginx !== undefined) return view.get('IngressNginx', ingressNginx);
  const gatewayClass = classOfPlane(plane);
  if (gatewayClass !== undefined) return view.get('GatewayClass', { namespace: '', name: gatewayClass });
  const gateway = gatewayOf(plane);
  return gateway === undefined ? view.get('ALB2', plane) : view.get('Gateway', gateway);
}

type Owner = ALB2 | IngressNginx | Gateway | GatewayClass;

function newInstance(owner: Owner, key: ObjectKey, instance: string): Instance {
  const { name, uid = '' } = owner.metadata;
  const ref = KIND_REFS[owner.kind as 'ALB2' | 'IngressNginx' | 'Gateway' | 'GatewayClass'];
  return {
    apiVersion: apiVersionOf(KIND_REFS.Instance),
    kind: KIND_REFS.Instance.kind,
    metadata: {
      name: instance,
      namespace: key.namespace,
      labels: { [LABEL_ALB]: key.name },
      ownerReferences: [{ apiVersion: apiVersionOf(ref), kind: ref.kind, name, uid }],
    },
    spec: {},
  };
}

function isOld(stored: Instance | undefined, now: Date): boolean {
  const heartbeat = Date.parse(stored?.status?.heartbeatTime ?? '');
  return now.getTime() - heartbeat >= HEARTBEAT_MS;
}
