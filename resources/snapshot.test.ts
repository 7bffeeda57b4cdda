import type { KubernetesObject } from '@causeway/apis/meta/object';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KindMap } from './kinds.ts';
import { Snapshot } from './snapshot.ts';
import type { View } from './view.ts';

type Rule = KindMap['Rule'];

function rule(
  name: string,
  change: { frontend?: string; priority?: number; version?: string; certificate?: string } = {},
): Rule {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: {
      namespace: 'ns',
      name,
      labels: { 'alb2.cpaas.io/frontend': change.frontend ?? 'f1' },
      ...(change.version === undefined ? {} : { resourceVersion: change.version }),
    },
    spec: {
      priority: change.priority ?? 5,
      ...(change.certificate === undefined ? {} : { certificate_name: change.certificate }),
    },
  };
}

/** What became stale since the last call. */
function watch(snapshot: Snapshot): () => readonly string[] {
  const stale: string[] = [];
  snapshot.onStale((reader) => stale.push(reader));
  return () => stale.splice(0).sort();
}

describe('a reader becomes stale', () => {
  const key = { namespace: 'ns', name: 'r' };
  const before = rule('r');
  const cases: readonly { name: string; read: (view: View) => void; change: (s: Snapshot) => void; stale: boolean }[] =
    [
      {
        name: 'when what it got changes',
        read: (v) => v.get('Rule', key),
        change: (s) => s.put('Rule', rule('r', { priority: 4 })),
        stale: true,
      },
      {
        name: 'when what it got goes',
        read: (v) => v.get('Rule', key),
        change: (s) => s.remove('Rule', key),
        stale: true,
      },
      {
        name: 'not by a new resourceVersion',
        read: (v) => v.get('Rule', key),
        change: (s) => s.put('Rule', rule('r', { version: '2' })),
        stale: false,
      },
      {
        name: 'not by another object',
        read: (v) => v.get('Rule', key),
        change: (s) => s.put('Rule', rule('q')),
        stale: false,
      },
      {
        name: 'when what was absent appears',
        read: (v) => v.get('Rule', { ...key, name: 'q' }),
        change: (s) => s.put('Rule', rule('q')),
        stale: true,
      },
      {
        name: 'when a list grows',
        read: (v) => v.by('Rule', 'frontend', 'ns/f1'),
        change: (s) => s.put('Rule', rule('q')),
        stale: true,
      },
      {
        name: 'when an object leaves a list',
        read: (v) => v.by('Rule', 'frontend', 'ns/f1'),
        change: (s) => s.put('Rule', rule('r', { frontend: 'f2' })),
        stale: true,
      },
      {
        name: 'when an object of a list changes',
        read: (v) => v.by('Rule', 'frontend', 'ns/f1'),
        change: (s) => s.put('Rule', rule('r', { priority: 4 })),
        stale: true,
      },
      {
        name: 'when an empty list fills',
        read: (v) => v.by('Rule', 'frontend', 'ns/f2'),
        change: (s) => s.put('Rule', rule('q', { frontend: 'f2' })),
        stale: true,
      },
      {
        name: 'not by another list',
        read: (v) => v.by('Rule', 'frontend', 'ns/f1'),
        change: (s) => s.put('Rule', rule('q', { frontend: 'f2' })),
        stale: false,
      },
      {
        name: 'not when has() stays true',
        read: (v) => v.has('Rule', 'frontend', 'ns/f1'),
        change: (s) => s.put('Rule', rule('q')),
        stale: false,
      },
      {
        name: 'when has() turns false',
        read: (v) => v.has('Rule', 'frontend', 'ns/f1'),
        change: (s) => s.remove('Rule', key),
        stale: true,
      },
      {
        name: 'when has() turns true',
        read: (v) => v.has('Rule', 'frontendCertificate', 'ns/f1'),
        change: (s) => s.put('Rule', rule('r', { certificate: 'n/c' })),
        stale: true,
      },
      {
        name: 'when it read all of a kind',
        read: (v) => v.all('Rule'),
        change: (s) => s.put('Rule', rule('q', { frontend: 'f2' })),
        stale: true,
      },
      {
        name: 'not by another kind',
        read: (v) => v.all('Frontend'),
        change: (s) => s.put('Rule', rule('q')),
        stale: false,
      },
      {
        name: 'not after it was forgotten',
        read: (v) => v.get('Rule', key),
        change: (s) => {
          s.forget('reader');
          s.remove('Rule', key);
        },
        stale: false,
      },
      {
        name: 'not by what only an earlier view of it read',
        read: (v) => v.get('Rule', key),
        change: (s) => {
          s.view('reader');
          s.remove('Rule', key);
        },
        stale: false,
      },
      {
        name: 'by a relist that lacks the object',
        read: (v) => v.get('Rule', key),
        change: (s) => s.replace('Rule', []),
        stale: true,
      },
      {
        name: 'not by a relist with the same',
        read: (v) => v.get('Rule', key),
        change: (s) => s.replace('Rule', [rule('r', { version: '9' })]),
        stale: false,
      },
    ];
  for (const c of cases) {
    test(c.name, () => {
      const snapshot = new Snapshot();
      snapshot.put('Rule', before);
      const stale = watch(snapshot);
      c.read(snapshot.view('reader'));
      c.change(snapshot);
      expect(stale()).toEqual(c.stale ? ['reader'] : []);
    });
  }
});

test('a stale reader is told once, until it reads again', () => {
  const snapshot = new Snapshot();
  const stale = watch(snapshot);
  snapshot.view('reader').all('Rule');
  snapshot.put('Rule', rule('a'));
  snapshot.put('Rule', rule('b'));
  expect(stale()).toEqual(['reader']);
  snapshot.view('reader').all('Rule');
  snapshot.put('Rule', rule('c'));
  expect(stale()).toEqual(['reader']);
});

test('a listener may read and write while it is told', () => {
  const snapshot = new Snapshot();
  let calls = 0;
  snapshot.onStale((reader) => {
    calls += 1;
    snapshot.view(reader).all('Rule');
    if (calls === 1) snapshot.put('Rule', rule('b'));
  });
  snapshot.view('reader').all('Rule');
  snapshot.put('Rule', rule('a'));
  expect(calls).toBe(2);
});

test('status counts only where a translator reads it', () => {
  const snapshot = new Snapshot();
  const alb = {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: { namespace: 'ns', name: 'a' },
    spec: { type: 'nginx' },
  } as const;
  snapshot.put('ALB2', alb);
  const stale = watch(snapshot);
  snapshot.view('reader').all('ALB2');
  snapshot.put('ALB2', { ...alb, status: { state: 'Running' } });
  expect(stale()).toEqual([]);
  snapshot.put('ALB2', { ...alb, status: { state: 'Running', detail: { address: { ipv4: ['192.0.2.1'] } } } });
  expect(stale()).toEqual(['reader']);
});

test('lists are sorted, whatever the order of arrival', () => {
  const snapshot = new Snapshot();
  for (const name of ['b', 'c', 'a']) snapshot.put('Rule', rule(name));
  const view = snapshot.view('reader');
  const names = (rules: readonly Rule[]) => rules.map(({ metadata }) => metadata.name);
  expect(names(view.all('Rule'))).toEqual(['a', 'b', 'c']);
  expect(names(view.by('Rule', 'frontend', 'ns/f1'))).toEqual(['a', 'b', 'c']);
});

test('onChange tells additions, changes in meaning and removals', () => {
  const snapshot = new Snapshot();
  const told: string[] = [];
  snapshot.onChange('Rule', ({ name }) => told.push(name));
  snapshot.put('Rule', rule('a'));
  snapshot.put('Rule', rule('a', { version: '2' }));
  snapshot.put('Rule', rule('a', { priority: 1 }));
  snapshot.remove('Rule', { namespace: 'ns', name: 'a' });
  snapshot.remove('Rule', { namespace: 'ns', name: 'a' });
  expect(told).toEqual(['a', 'a', 'a']);
});

/** A read and a change, both small numbers, so that they meet often. */
const names = fc.constantFrom('a', 'b', 'c');
const frontends = fc.constantFrom('f1', 'f2');
const changes = fc.oneof(
  fc.record({
    put: fc.record({
      name: names,
      frontend: frontends,
      priority: fc.constantFrom(1, 2),
      certificate: fc.option(fc.constant('n/c'), { nil: undefined }),
    }),
  }),
  fc.record({ remove: names }),
  fc.record({ replace: fc.uniqueArray(names) }),
);
const reads = fc.oneof(
  names.map(
    (name) =>
      (view: View): unknown =>
        view.get('Rule', { namespace: 'ns', name }),
  ),
  frontends.map(
    (frontend) =>
      (view: View): unknown =>
        view.by('Rule', 'frontend', `ns/${frontend}`),
  ),
  frontends.map(
    (frontend) =>
      (view: View): unknown =>
        view.has('Rule', 'frontendCertificate', `ns/${frontend}`),
  ),
  fc.constant((view: View): unknown => view.all('Rule')),
);

test('incremental equals full: whoever would read something else is told, and nobody else who read the same', () => {
  fc.assert(
    fc.property(
      fc.array(reads, { minLength: 1, maxLength: 6 }),
      fc.array(changes, { maxLength: 30 }),
      (readers, steps) => {
        const snapshot = new Snapshot();
        const results = new Map<string, unknown>();
        const read = (name: string): void => {
          const reader = readers[Number(name)];
          if (reader !== undefined) results.set(name, structuredClone(reader(snapshot.view(name))));
        };
        const stale = watch(snapshot);
        for (const name of readers.keys()) read(String(name));
        for (const step of steps) {
          if ('put' in step) {
            const { certificate, ...rest } = step.put;
            snapshot.put('Rule', rule(step.put.name, certificate === undefined ? rest : { ...rest, certificate }));
          } else if ('remove' in step) {
            snapshot.remove('Rule', { namespace: 'ns', name: step.remove });
          } else {
            snapshot.replace(
              'Rule',
              step.replace.map((name) => rule(name)),
            );
          }
          for (const name of stale()) read(name);
          for (const [name, reader] of readers.entries()) {
            expect(results.get(String(name))).toEqual(reader(snapshot.view('fresh')));
          }
          snapshot.forget('fresh');
          stale();
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test('a change costs its readers, not the size of the snapshot', () => {
  const snapshot = new Snapshot();
  const objects: KubernetesObject[] = [];
  for (let index = 0; index < 2000; index += 1) {
    const object = rule(`r${index}`, { frontend: `f${index}` });
    objects.push(object);
    snapshot.put('Rule', object);
    snapshot.view(`rule/${index}`).get('Rule', { namespace: 'ns', name: `r${index}` });
  }
  const stale = watch(snapshot);
  snapshot.put('Rule', rule('r7', { frontend: 'f7', priority: 1 }));
  expect(stale()).toEqual(['rule/7']);
});

test('an object without the shape of its schema is there, and no index finds it', () => {
  const snapshot = new Snapshot();
  const odd = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'odd', namespace: 'a' },
    spec: { rules: 'x' },
  };
  snapshot.put('Ingress', odd as never);
  const view = snapshot.view('reader');
  expect(view.get('Ingress', { namespace: 'a', name: 'odd' })).toEqual(odd);
  expect(view.by('Ingress', 'host', 'x')).toEqual([]);
  snapshot.remove('Ingress', { namespace: 'a', name: 'odd' });
  expect(view.all('Ingress')).toEqual([]);
});
