import {
  LABEL_MANAGED_BY,
  LABEL_OPERATOR_ALB,
  LABEL_OPERATOR_ALB_NAME,
  LABEL_OPERATOR_ALB_NAMESPACE,
  MANAGED_BY,
} from '@causeway/apis/gateway/labels';
import type { ObjectKey } from '@causeway/apis/meta/object';

const LABEL_MAX = 63;

/** What every object carries that the operator makes for an ALB. Source: spec ALB 11.1. */
export function operatorLabels({ namespace, name }: ObjectKey): Readonly<Record<string, string>> {
  const both = `${namespace}_${name}`;
  return {
    [LABEL_MANAGED_BY]: MANAGED_BY,
    [LABEL_OPERATOR_ALB_NAME]: name,
    [LABEL_OPERATOR_ALB_NAMESPACE]: namespace,
    ...(both.length > LABEL_MAX ? {} : { [LABEL_OPERATOR_ALB]: both }),
  };
}
