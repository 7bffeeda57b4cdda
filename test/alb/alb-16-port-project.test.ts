import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { frontend, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { eventsOf } from './events.ts';
import { frontendName, ingressOf, rulesOf } from './ingresses.ts';

let home: Installation;
let ports: AlbPorts;

beforeAll(async () => {
  home = await Installation.join();
  ports = await home.addAlb('ports', { enablePortProject: true });
  const portProjects = JSON.stringify([
    { port: String(ports.http), projects: ['p1'] },
    { port: String(ports.https), projects: ['p1'] },
  ]);
  const patch = JSON.stringify({ spec: { config: { portProjects } } });
  await home.kubectl(['patch', 'alb2', 'ports', '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
  for (const project of ['p1', 'p2']) {
    await home.kubectl(['create', 'namespace', project]);
    await home.kubectl(['label', 'namespace', project, `cpaas.io/project=${project}`]);
  }
  await home.apply(
    ...serviceTo({ name: 'app', port: 9 }),
    frontend('ports', frontendName('ports', ports.http), ports.http),
    frontend('ports', frontendName('ports', ports.https), ports.https, { protocol: 'https' }),
  );
});
afterAll(() => home.stop());

describe('ALB-16 port project ALB', () => {
  test('both Frontends exist: an Ingress of p1 gets rules, of p2 none', async () => {
    for (const namespace of ['p1', 'p2']) {
      await home.apply(ingressOf(`of-${namespace}`, { namespace, className: 'ports', hosts: { 'a.com': [{}] } }));
    }
    await eventually(async () => expect(Object.keys(await rulesOf(home, 'of-p1'))).toHaveLength(1));
    await eventually(async () => {
      expect((await eventsOf(home, 'Ingress', 'of-p2')).join()).toContain(
        `port ${ports.http} does not belong to project p2`,
      );
    });
    expect(await rulesOf(home, 'of-p2')).toEqual({});
  });

  test('without the https Frontend: none at all, and an event tells the reason', async () => {
    await home.kubectl(['delete', 'frontend', '-n', ALB_NAMESPACE, frontendName('ports', ports.https)]);
    await eventually(async () => expect(await rulesOf(home, 'of-p1')).toEqual({}));
    await eventually(async () => {
      expect((await eventsOf(home, 'Ingress', 'of-p1')).join()).toContain(
        `there is no Frontend for port ${ports.https}`,
      );
    });
    // Nobody makes it for them.
    expect((await home.list('Frontend')).map(({ spec }) => spec.port)).toEqual([ports.http]);
  });
});
