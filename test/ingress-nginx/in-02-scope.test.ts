import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ingressNginx, NginxLab } from './nginx-lab.ts';

let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['app'], { scope: { namespaceSelector: 'cpaas.io/project=demo' } });
});
afterAll(() => lab.stop());

describe('IN-02 scope', () => {
  test('an Ingress without class is served as soon as its namespace has the label, and no longer than that', async () => {
    await lab.home.apply(ingress('any', '/any', 'app'));
    await eventually(async () => expect((await ask(lab.http, '/any')).status).toBe(404));
    await lab.home.kubectl(['label', 'namespace', 'default', 'cpaas.io/project=demo']);
    await eventually(async () => expect((await ask(lab.http, '/any')).status).toBe(200));
    await lab.home.kubectl(['label', 'namespace', 'default', 'cpaas.io/project=other', '--overwrite']);
    await eventually(async () => expect((await ask(lab.http, '/any')).status).toBe(404));
  });

  test('with a selector that cannot be read nothing is served, and the condition says so', async () => {
    const ports = [await freePort(), await freePort()] as const;
    await lab.home.apply(await ingressNginx('odd', ports, { scope: { namespaceSelector: 'cpaas.io/project' } }));
    await lab.running('odd');
    await eventually(async () => {
      const object = await lab.home.read('IngressNginx', { namespace: 'default', name: 'odd' });
      expect(object?.status?.conditions?.[0]).toMatchObject({
        status: 'False',
        message: expect.stringContaining('invalid namespaceSelector') as string,
      });
    });
    expect((await ask(ports[0], '/any')).status).toBe(404);
  });
});
