import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress, serviceTo } from '../acceptance/objects.ts';
import { eventsOf } from '../alb/events.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

const FIRST = { className: 'default-demo', host: 'a.com' };
let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['first', 'second']);
  await lab.home.apply(ingress('first', '/a', 'first', FIRST));
  await eventually(async () =>
    expect((await ask(lab.http, '/a', { host: 'a.com' })).headers['x-backend']).toBe('first'),
  );
});
afterAll(() => lab.stop());

describe('IN-04 no duplicate access points', () => {
  test('a second Ingress of the namespace with the host and path is refused, with the name of the first', async () => {
    await expect(lab.home.apply(ingress('second', '/a', 'second', FIRST))).rejects.toThrow(
      /rules\[0\]\.http\.paths\[0\]\.path: Duplicate value: "a\.com\/a": .* Ingress default\/first/,
    );
    await lab.home.apply(ingress('second', '/b', 'second', FIRST));
    await eventually(async () =>
      expect((await ask(lab.http, '/b', { host: 'a.com' })).headers['x-backend']).toBe('second'),
    );
    await expect(lab.home.apply(ingress('second', '/a', 'second', FIRST))).rejects.toThrow(/Duplicate value/);
  });

  test('one of another namespace is stored, the older one is served, and the other gets a Warning', async () => {
    const namespace = 'other';
    const [, backend] = lab.backends;
    const foreign = [
      ...serviceTo({ name: 'second', port: backend?.port ?? 0 }),
      ingress('foreign', '/a', 'second', FIRST),
    ];
    await lab.home.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      ...foreign.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })),
    );
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', 'foreign')).join('\n')).toMatch(
        /Warning Conflicted .*paths\[0\]: host and path are those of Ingress default\/first/,
      ),
    );
    expect((await ask(lab.http, '/a', { host: 'a.com' })).headers['x-backend']).toBe('first');
    await lab.home.kubectl(['delete', 'ingress', 'first', '-n', 'default']);
    await eventually(async () =>
      expect((await ask(lab.http, '/a', { host: 'a.com' })).headers['x-backend']).toBe('second'),
    );
  });
});
