import { listAt, objectAt, textAt } from '../../schema/json.ts';
import { AGE, NAME, text } from '../column.ts';

export const configMapColumns = [
  NAME,
  text('Data', 'How many entries the ConfigMap has.', (object) =>
    ['data', 'binaryData'].reduce((sum, key) => sum + Object.keys(objectAt(object, key) ?? {}).length, 0),
  ),
  AGE,
];

export const secretColumns = [
  NAME,
  text('Type', 'Used to facilitate programmatic handling of secret data.', (object) => textAt(object, 'type')),
  text('Data', 'How many entries the Secret has.', (object) => Object.keys(objectAt(object, 'data') ?? {}).length),
  AGE,
];

export const serviceAccountColumns = [
  NAME,
  text(
    'Secrets',
    'How many secrets may be used by pods of this account.',
    (object) => listAt(object, 'secrets').length,
  ),
  AGE,
];

export const namespaceColumns = [
  NAME,
  text('Status', 'The status of the namespace', (object) => textAt(objectAt(object, 'status'), 'phase')),
  AGE,
];
