import { objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { AGE, date, NAME, text, wide } from '../column.ts';

export const roleColumns = [
  NAME,
  date('Created At', 'When the role was created.', (object) =>
    textAt(objectAt(object, 'metadata'), 'creationTimestamp'),
  ),
];

function subjects(kind: string): (object: Parameters<typeof objectsAt>[0]) => string {
  return (object) =>
    objectsAt(object, 'subjects')
      .filter((subject) => subject['kind'] === kind)
      .map((subject) => (kind === 'ServiceAccount' ? `${textAt(subject, 'namespace')}/` : '') + textAt(subject, 'name'))
      .join(', ');
}

export const bindingColumns = [
  NAME,
  text('Role', 'The role that is granted.', (object) => {
    const reference = objectAt(object, 'roleRef');
    return `${textAt(reference, 'kind')}/${textAt(reference, 'name')}`;
  }),
  AGE,
  wide(text('Users', 'Users who have it.', subjects('User'))),
  wide(text('Groups', 'Groups that have it.', subjects('Group'))),
  wide(text('ServiceAccounts', 'Accounts of programs that have it.', subjects('ServiceAccount'))),
];
