/** GatewayClasses whose Gateways are served by data planes of ALB2s. Source: spec ALB-111, ALB-112. */

import { albGatewayOf } from '@causeway/apis/gateway/alb-gateway';
import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { LABEL_GATEWAY_CLASS_DEPLOY, LABEL_GATEWAY_CLASS_TYPE } from '@causeway/apis/gateway/labels';
import { isOperatedFor, operatorLabels } from '@causeway/apis/gateway/operator-labels';
import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { ALB2, GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { albSettings, isIgnored } from '../../gateway/alb-settings.ts';
import type { Problem } from '../../gateway/problem.ts';
import { albControllerName } from './class.ts';

/** The GatewayClass of which each Gateway has an ALB2 of its own. */
export const STANDALONE_CLASS = 'exclusive-gateway';

const DEPLOY = 'cpaas.io';

export interface AlbClassTranslation {
  /** Absent: there must be none of ours. */
  readonly gatewayClass?: GatewayClass;
  readonly problems: readonly Problem[];
}

/**
 * The GatewayClass of an ALB2 in shared mode. A class of that name that is not labelled as made for this ALB2 is not touched.
 *
 * Source: spec ALB-112.
 */
export function translateAlbClass(view: View, key: ObjectKey): AlbClassTranslation {
  const alb = view.get('ALB2', key);
  const shared = alb === undefined ? undefined : sharedClassOf(alb);
  if (alb === undefined || shared === undefined || alb.metadata.deletionTimestamp !== undefined)
    return { problems: [] };
  const stored = view.get('GatewayClass', { namespace: '', name: shared });
  if (isIgnored(alb)) return { ...(stored && isOperatedFor(stored, key) && { gatewayClass: stored }), problems: [] };
  if (stored !== undefined && !isOperatedFor(stored, key)) {
    const message = `GatewayClass ${shared} belongs to somebody else and is not touched; no Gateways are served`;
    return { problems: [{ object: { kind: 'ALB2', key }, reason: 'Conflicted', message, severity: 'Warning' }] };
  }
  const { group, kind } = ALB2Kind.names;
  return {
    problems: [],
    gatewayClass: {
      apiVersion: apiVersionOf(GatewayClassKind.names),
      kind: 'GatewayClass',
      metadata: {
        name: shared,
        labels: {
          ...operatorLabels(key),
          [LABEL_GATEWAY_CLASS_DEPLOY]: DEPLOY,
          [LABEL_GATEWAY_CLASS_TYPE]: 'shared',
        },
      },
      spec: {
        controllerName: albControllerName(key.name),
        parametersRef: { group, kind, namespace: key.namespace, name: key.name },
      },
    },
  };
}

/** Name of the GatewayClass that an ALB2 serves; undefined: it serves none. */
function sharedClassOf(alb: ALB2): string | undefined {
  const gateway = albSettings(alb)?.gateway;
  return gateway?.mode === 'shared' ? gateway.className : undefined;
}

/** The ALB2 that a GatewayClass names; undefined: it names none. */
export function albOfClass({ spec: { parametersRef } }: GatewayClass): ObjectKey | undefined {
  if (parametersRef?.group !== ALB2Kind.names.group || parametersRef.kind !== ALB2Kind.names.kind) return undefined;
  return { namespace: parametersRef.namespace ?? '', name: parametersRef.name };
}

/** Whether a GatewayClass of ALBs is the one of which each Gateway has an ALB2 of its own. */
export function isStandaloneClass({ spec }: GatewayClass): boolean {
  return spec.controllerName === albControllerName(STANDALONE_CLASS);
}

/** An ALB2 that serves the Gateways of a class, or why there is none. */
export function servingAlb(view: View, gatewayClass: GatewayClass): ALB2 | string {
  const key = albOfClass(gatewayClass);
  if (key === undefined) return 'spec.parametersRef: names no ALB2';
  const alb = view.get('ALB2', key);
  const text = `ALB2 ${objectKeyText(key)}`;
  if (alb === undefined) return `${text} not found`;
  if (alb.metadata.deletionTimestamp !== undefined) return `${text} is being deleted`;
  const { name } = gatewayClass.metadata;
  if (sharedClassOf(alb) !== name) return `${text} does not serve the GatewayClass ${name}: spec.config.gateway`;
  if (gatewayClass.spec.controllerName !== albControllerName(key.name)) {
    return `spec.controllerName: that of ${text} is ${albControllerName(key.name)}`;
  }
  return alb;
}

/** The ALB2 that wants to make a GatewayClass of this name, the first by name. */
export function albWanting(view: View, className: string): ALB2 | undefined {
  return view.by('ALB2', 'gatewayClass', className).find((alb) => {
    const found = albGatewayOf(alb.metadata.name, alb.spec.config?.gateway);
    return typeof found === 'object' && found.mode === 'shared' && !isIgnored(alb);
  });
}

/** The class that there is once: its Gateways name their ALB2s by a label. Source: spec ALB-111. */
export function standaloneClass(): GatewayClass {
  return {
    apiVersion: apiVersionOf(GatewayClassKind.names),
    kind: 'GatewayClass',
    metadata: {
      name: STANDALONE_CLASS,
      labels: { [LABEL_GATEWAY_CLASS_DEPLOY]: DEPLOY, [LABEL_GATEWAY_CLASS_TYPE]: 'standalone' },
    },
    spec: { controllerName: albControllerName(STANDALONE_CLASS) },
  };
}
