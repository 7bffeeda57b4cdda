import { describe, expect, test } from 'vitest';
import { ManifestError, parseManifest } from './directory.ts';

const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n';

describe('parseManifest', () => {
  const cases = [
    { name: 'one document', text: service, want: ['a'] },
    { name: 'several, empty ones left out', text: `---\n${service}---\n# nothing\n---\n${service}`, want: ['a', 'a'] },
    {
      name: 'a List',
      text: JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } }],
      }),
      want: ['b'],
    },
    { name: 'an empty file', text: '', want: [] },
  ];
  for (const c of cases) {
    test(c.name, () => expect(parseManifest(c.text, 'f').map((o) => o.metadata.name)).toEqual(c.want));
  }

  const refused = [
    { name: 'no kind', text: 'metadata: {name: a}', want: 'f, document 1: apiVersion and kind are required' },
    {
      name: 'no name',
      text: `${service}---\napiVersion: v1\nkind: Secret`,
      want: 'f, document 2: metadata.name is required',
    },
    { name: 'a scalar', text: 'hello', want: 'f, document 1: not an object' },
    { name: 'no YAML', text: 'a: [', want: /^f, document 1: / },
  ];
  for (const c of refused) {
    test(`refused: ${c.name}`, () => {
      expect(() => parseManifest(c.text, 'f')).toThrow(ManifestError);
      expect(() => parseManifest(c.text, 'f')).toThrow(c.want);
    });
  }
});
