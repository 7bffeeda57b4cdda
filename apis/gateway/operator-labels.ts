import type { KubernetesObject, ObjectKey } from '../meta/object.ts';
import { VERSION } from '../meta/version.ts';
import {
  LABEL_MANAGED_BY,
  LABEL_OPERATOR_ALB,
  LABEL_OPERATOR_ALB_NAME,
  LABEL_OPERATOR_ALB_NAMESPACE,
  LABEL_OPERATOR_VERSION,
  MANAGED_BY,
} from './labels.ts';

const LABEL_MAX = 63;

/** What every object carries that the operator makes for an ALB. Source: spec ALB 11.1. */
export function operatorLabels({ namespace, name }: ObjectKey): Readonly<Record<string, string>> {
  const both = `${namespace}_${name}`;
  return {
    [LABEL_MANAGED_BY]: MANAGED_BY,
    [LABEL_OPERATOR_VERSION]: VERSION,
    [LABEL_OPERATOR_ALB_NAME]: name,
    [LABEL_OPERATOR_ALB_NAMESPACE]: namespace,
    ...(namespace === '' || both.length > LABEL_MAX ? {} : { [LABEL_OPERATOR_ALB]: both }),
  };
}

/** Reports whether the operator made an object for this ALB, so that it may be changed and deleted with it. */
export function isOperatedFor({ metadata: { labels } }: KubernetesObject, { namespace, name }: ObjectKey): boolean {
  return (
    labels?.[LABEL_MANAGED_BY] === MANAGED_BY &&
    labels[LABEL_OPERATOR_ALB_NAME] === name &&
    labels[LABEL_OPERATOR_ALB_NAMESPACE] === namespace
  );
}
