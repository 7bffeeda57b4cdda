import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Read } from './read.ts';
import { type Findings, forbidden } from './verdict.ts';

/** One in a namespace; those that are there already may be changed. Source: GW-02. */
export function checkCtl(ctl: KubernetesObject, read: Read): Findings {
  const key = keyOf(ctl);
  const [other] = read
    .all('EnvoyGatewayCtl')
    .filter(({ metadata }) => metadata.namespace === key.namespace && metadata.deletionTimestamp === undefined);
  if (other === undefined || read.get('EnvoyGatewayCtl', key) !== undefined) return { causes: [], warnings: [] };
  const message = `EnvoyGatewayCtl ${objectKeyText(keyOf(other))} is there already: one in a namespace`;
  return { causes: [forbidden('metadata.namespace', message)], warnings: [] };
}
