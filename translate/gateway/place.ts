import type { PlaceIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';

const LABEL_ZONE = 'topology.kubernetes.io/zone';

/** Where the data planes of a machine are: its Node says so. */
export function translatePlace(view: View, node: string): PlaceIR {
  // Names of hosts may have capitals, those of Nodes have none.
  const id = node.toLowerCase();
  const zone = view.get('Node', { namespace: '', name: id })?.metadata.labels?.[LABEL_ZONE] ?? '';
  return { kind: 'place', id, ...(zone === '' ? {} : { zone }) };
}
