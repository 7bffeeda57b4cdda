import { objectAt, textAt } from '../../schema/json.ts';
import { AGE, date, NAME, text } from '../column.ts';

export const customResourceDefinitionColumns = [
  NAME,
  date('Created At', 'When the definition was created.', (object) =>
    textAt(objectAt(object, 'metadata'), 'creationTimestamp'),
  ),
];

export const leaseColumns = [
  NAME,
  text('Holder', 'The identity of the holder.', (object) => textAt(objectAt(object, 'spec'), 'holderIdentity')),
  AGE,
];
