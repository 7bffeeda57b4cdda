/** The ALB2 that a Gateway of class `exclusive-gateway` has for itself. Source: spec ALB-111. */
import { createHash } from 'node:crypto';
import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { LABEL_ALB_REF, LABEL_MANAGED_BY, MANAGED_BY } from '@causeway/apis/gateway/labels';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { ALB2, Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { albSettings } from '../../gateway/alb-settings.ts';
import { isStandaloneClass } from '../class/alb-class.ts';
import { isAlbClass, ourClassOf } from '../class/class.ts';

export interface StandaloneAlbTranslation {
  /** Is to be made. */
  readonly create?: ALB2;
  /** Is to go with the Gateway, and does not yet. */
  readonly adopt?: ALB2;
  /** Was made for the Gateway, which has no use for it any more. */
  readonly remove?: ALB2;
  /** Value of the label by which the Gateway is to name its ALB2; absent: it stays. */
  readonly label?: string;
}

/**
 * Gateway -> its ALB2. One that a label of the Gateway names is made by somebody else, and goes with the Gateway if it says that it is for it.
 * Its name ends in a hash of the Gateway's uid, not in random letters.
 */
export function translateStandaloneAlb(view: View, key: ObjectKey): StandaloneAlbTranslation {
  const gateway = view.get('Gateway', key);
  if (gateway === undefined || gateway.metadata.deletionTimestamp !== undefined) return {};
  const own = { namespace: key.namespace, name: nameFor(gateway) };
  const made = view.get('ALB2', own);
  const isMade = made !== undefined && isOwnedBy(made, gateway);
  const found = ourClassOf(view, gateway);
  const isStandalone = found !== undefined && isAlbClass(found) && isStandaloneClass(found);
  const named = gateway.metadata.labels?.[LABEL_ALB_REF] ?? '';
  if (!isStandalone || (named !== '' && named !== own.name)) {
    const adopted = isStandalone ? adoptable(view, gateway, { ...own, name: named }) : undefined;
    return {
      ...(isMade && made.metadata.labels?.[LABEL_MANAGED_BY] === MANAGED_BY && { remove: made }),
      ...(adopted && { adopt: adopted }),
    };
  }
  return {
    ...(made === undefined && { create: standaloneAlb(gateway, own) }),
    ...(named === '' && (made === undefined || isMade) && { label: own.name }),
  };
}

/** An ALB2 that says that it is for this Gateway alone. */
function adoptable(view: View, gateway: Gateway, key: ObjectKey): ALB2 | undefined {
  const alb = view.get('ALB2', key);
  const mode = alb && albSettings(alb)?.gateway;
  const isFor =
    mode?.mode === 'standalone' &&
    mode.gateway !== undefined &&
    objectKeyText(mode.gateway) === objectKeyText(keyOf(gateway));
  return alb !== undefined && isFor && !isOwnedBy(alb, gateway) ? alb : undefined;
}

/** What makes an ALB2 go with a Gateway. */
export function ownerReferenceTo({ apiVersion, kind, metadata: { name, uid = '' } }: Gateway) {
  return { apiVersion, kind, name, uid };
}

function isOwnedBy({ metadata }: ALB2, { metadata: { uid } }: Gateway): boolean {
  return (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

function standaloneAlb(gateway: Gateway, { namespace, name }: ObjectKey): ALB2 {
  const { names } = ALB2Kind;
  return {
    apiVersion: apiVersionOf(names),
    kind: 'ALB2',
    metadata: {
      name,
      namespace,
      labels: { [LABEL_MANAGED_BY]: MANAGED_BY },
      ownerReferences: [ownerReferenceTo(gateway)],
    },
    spec: {
      type: 'nginx',
      config: {
        loadbalancerName: name,
        replicas: 1,
        networkMode: 'container',
        enableALb: false,
        enableIngress: 'false',
        vip: { enableLbSvc: true },
        gateway: { mode: 'standalone', name: `${gateway.metadata.name}/${namespace}` },
      },
    },
  };
}

/** Names of Services, which are made for it, have at most 63 characters, and no dots. */
function nameFor({ metadata: { name, uid = name } }: Gateway): string {
  const hash = createHash('sha256').update(uid).digest('hex').slice(0, 5);
  return `${name.replaceAll('.', '-').slice(0, 63 - '-lb-xxxxx-lb-xxxxx'.length)}-lb-${hash}`;
}
