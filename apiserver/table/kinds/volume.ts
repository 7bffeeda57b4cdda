import { type JsonObject, listAt, objectAt, textAt } from '../../schema/json.ts';
import { AGE, NAME, text, wide } from '../column.ts';

const specOf = (object: JsonObject): JsonObject | undefined => objectAt(object, 'spec');

const className = text('StorageClass', 'The class of the volume.', (each) => {
  const annotations = objectAt(objectAt(each, 'metadata'), 'annotations');
  return textAt(annotations, 'volume.beta.kubernetes.io/storage-class') || textAt(specOf(each), 'storageClassName');
});
const attributesClass = text('VolumeAttributesClass', 'The class of its attributes.', (each) => {
  return textAt(specOf(each), 'volumeAttributesClassName') || '<unset>';
});
const volumeMode = wide(
  text('VolumeMode', 'Whether it has a file system.', (each) => textAt(specOf(each), 'volumeMode') || '<unset>'),
);
const status = text('Status', 'The phase of the volume.', (each) => {
  const terminating = objectAt(each, 'metadata')?.['deletionTimestamp'] !== undefined;
  return terminating ? 'Terminating' : textAt(objectAt(each, 'status'), 'phase');
});

export const persistentVolumeColumns = [
  NAME,
  text('Capacity', 'How much it holds.', (each) => quantityText(objectAt(specOf(each), 'capacity'))),
  text('Access Modes', 'Who may mount it.', (each) => modesText(specOf(each))),
  text('Reclaim Policy', 'What becomes of it.', (each) => textAt(specOf(each), 'persistentVolumeReclaimPolicy')),
  status,
  text('Claim', 'The claim it is bound to.', (each) => {
    const claim = objectAt(specOf(each), 'claimRef');
    return claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`;
  }),
  className,
  attributesClass,
  text('Reason', 'Why it is in its phase.', (each) => textAt(objectAt(each, 'status'), 'reason')),
  AGE,
  volumeMode,
];

export const persistentVolumeClaimColumns = [
  NAME,
  status,
  text('Volume', 'The volume it is bound to.', (each) => textAt(specOf(each), 'volumeName')),
  text('Capacity', 'How much that holds.', (each) =>
    textAt(specOf(each), 'volumeName') === '' ? '' : quantityText(objectAt(objectAt(each, 'status'), 'capacity')),
  ),
  text('Access Modes', 'Who may mount it.', (each) =>
    textAt(specOf(each), 'volumeName') === '' ? '' : modesText(objectAt(each, 'status')),
  ),
  className,
  attributesClass,
  AGE,
  volumeMode,
];

export const storageClassColumns = [
  {
    ...NAME,
    cell: (object: JsonObject) => {
      const metadata = objectAt(object, 'metadata');
      const isDefault = textAt(objectAt(metadata, 'annotations'), 'storageclass.kubernetes.io/is-default-class');
      return `${textAt(metadata, 'name')}${isDefault === 'true' ? ' (default)' : ''}`;
    },
  },
  text('Provisioner', 'Who makes the volumes.', (each) => textAt(each, 'provisioner')),
  text('ReclaimPolicy', 'What becomes of them.', (each) => textAt(each, 'reclaimPolicy') || 'Delete'),
  text('VolumeBindingMode', 'When they are bound.', (each) => textAt(each, 'volumeBindingMode') || 'Immediate'),
  text('AllowVolumeExpansion', 'Whether they can grow.', (each) => each['allowVolumeExpansion'] === true),
  AGE,
];

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function modesText(object: JsonObject | undefined): string {
  const modes = new Set(listAt(object, 'accessModes').map(String));
  return Object.entries(SHORT_MODES)
    .filter(([mode]) => modes.has(mode))
    .map(([, short]) => short)
    .join(',');
}

function quantityText(quantities: JsonObject | undefined): string {
  return String(quantities?.['storage'] ?? '0');
}
