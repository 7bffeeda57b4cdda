import { EnvoyGatewayCtlKind } from '@causeway/apis/envoy-gateway/envoy-gateway-ctl';
import type { ALB2 } from '@causeway/apis/gateway/alb2';
import type { Frontend } from '@causeway/apis/gateway/frontend';
import { ALB_GROUP } from '@causeway/apis/gateway/group';
import { LABEL_ALB, LABEL_FRONTEND, LABEL_PROJECT } from '@causeway/apis/gateway/labels';
import type { Rule } from '@causeway/apis/gateway/rule';
import { groupKindText } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import { checkAlb2 } from './alb2.ts';
import { checkCtl } from './envoy-gateway-ctl.ts';
import { checkFrontend } from './frontend.ts';
import { checkNginxIngress, nginxAnnotations } from './ingress-nginx.ts';
import { checkIngress } from './project.ts';
import type { Read } from './read.ts';
import { checkRule } from './rule.ts';
import type { AdmissionRequest, AdmissionVerdict, Findings } from './verdict.ts';

const ALLOWED: AdmissionVerdict = { allowed: true, causes: [], warnings: [] };

/**
 * Whether a write may happen, judged after defaults and schema. Pure: called in
 * process by the embedded API server and, on a cluster, by a webhook.
 *
 * Only what users write is judged: status writes and deletions pass, and so
 * does an update that leaves the spec and what the object belongs to as they are, because an object that became
 * wrong by a newer rule must still be labelled, finalized and deleted.
 *
 * Source: design D14.
 */
export function review(request: AdmissionRequest, read: Read): AdmissionVerdict {
  const { object, oldObject } = request;
  if (object === undefined || request.operation === 'DELETE' || request.subresource !== undefined) return ALLOWED;
  const check = CHECKS[`${request.kind.kind}.${request.kind.group}`];
  if (check === undefined) return ALLOWED;
  const { causes, warnings } = check(object, read);
  if (causes.length === 0 || (oldObject !== undefined && isSame(object, oldObject))) {
    return { allowed: true, causes: [], warnings };
  }
  return { allowed: false, causes, warnings };
}

type Check = (object: KubernetesObject, read: Read) => Findings;

/** The casts hold because the API server validated the object against the schema of its kind. */
const CHECKS: Readonly<Record<string, Check>> = {
  [`ALB2.${ALB_GROUP}`]: (object) => checkAlb2(object as ALB2),
  [`Frontend.${ALB_GROUP}`]: (object, read) => checkFrontend(object as Frontend, read),
  [`Rule.${ALB_GROUP}`]: (object, read) => checkRule(object as Rule, read),
  [groupKindText(EnvoyGatewayCtlKind.names)]: checkCtl,
  'Ingress.networking.k8s.io': (object, read) => {
    const ofNginx = checkNginxIngress(object as Ingress, read);
    const { causes, warnings } = checkIngress(object as Ingress, read);
    return { causes: [...causes, ...ofNginx.causes], warnings: [...warnings, ...ofNginx.warnings] };
  },
};

/** `Kind.group` of everything that is judged. */
export const REVIEWED_KINDS: readonly string[] = Object.keys(CHECKS);

/** Whether nothing changed that is judged: the spec, annotations of ingress-nginx, and labels that say where an object belongs. */
function isSame(a: KubernetesObject, b: KubernetesObject): boolean {
  return (
    JSON.stringify(specOf(a)) === JSON.stringify(specOf(b)) &&
    JSON.stringify(nginxAnnotations(a)) === JSON.stringify(nginxAnnotations(b)) &&
    BELONGING.every((label) => a.metadata.labels?.[label] === b.metadata.labels?.[label])
  );
}

const BELONGING = [LABEL_ALB, LABEL_FRONTEND, LABEL_PROJECT];

function specOf(object: KubernetesObject): unknown {
  return 'spec' in object ? object.spec : undefined;
}
