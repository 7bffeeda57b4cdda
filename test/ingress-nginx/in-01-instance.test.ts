import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ingressNginx, NginxLab } from './nginx-lab.ts';

let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['app']);
});
afterAll(() => lab.stop());

async function conditionOf(name: string) {
  const object = await lab.home.read('IngressNginx', { namespace: 'default', name });
  return object?.status?.conditions?.find(({ type }) => type === 'Accepted');
}

describe('IN-01 an instance', () => {
  test('its IngressClass and controller; Ingresses of the class are served, without Frontends and Rules', async () => {
    await lab.home.apply(ingress('web', '/', 'app', { className: 'default-demo' }));
    await eventually(async () => expect((await ask(lab.http)).headers['x-backend']).toBe('app'));
    const found = await lab.home.read('IngressClass', { namespace: '', name: 'default-demo' });
    expect(found?.spec?.controller).toBe('ingress-nginx.cpaas.io/default-demo');
    expect(await lab.home.list('Rule')).toEqual([]);
    expect(await lab.home.list('Frontend')).toEqual([]);
    await eventually(async () => expect(await conditionOf('demo')).toMatchObject({ status: 'True' }));
    await eventually(async () => {
      const { status } = (await lab.home.read('Ingress', { namespace: 'default', name: 'web' })) ?? {};
      expect(status?.loadBalancer?.ingress?.map(({ ip }) => ip)).toEqual(['192.0.2.7']);
    });
  });

  test('settings that are not known are named in a condition; the others serve', async () => {
    const ports = [await freePort(), await freePort()] as const;
    const object = await ingressNginx('odd', ports, { config: { 'keep-alive': 'x', 'no-such-option': '1' } });
    await lab.home.apply({ ...object, spec: { controller: { ...object.spec.controller, tolerations: [] }, tcp: {} } });
    await lab.running('odd');
    await eventually(async () => {
      const { status, message = '' } = (await conditionOf('odd')) ?? {};
      expect(status).toBe('False');
      for (const field of ['spec.tcp', 'controller.tolerations', 'config.keep-alive', 'config.no-such-option']) {
        expect(message).toContain(field);
      }
    });
    // It takes Ingresses without a class.
    await lab.home.apply(ingress('any', '/any', 'app'));
    await eventually(async () => expect((await ask(ports[0], '/any')).status).toBe(200));
  });

  test('of two with one class the later one is refused', async () => {
    const controller = { ingressClassResource: { name: 'default-demo' }, watchIngressWithoutClass: false };
    await lab.home.apply(await ingressNginx('rival', [await freePort(), await freePort()], controller));
    await eventually(async () => {
      expect((await conditionOf('rival'))?.message).toContain('another IngressNginx has class default-demo');
    });
    expect((await ask(lab.http)).status).toBe(200);
  });

  test('when it goes the later one has the class; when that goes too, all that was made for them is gone', async () => {
    const classOf = async () => (await lab.home.read('IngressClass', { namespace: '', name: 'default-demo' }))?.spec;
    await lab.home.kubectl(['delete', 'ingressnginx', 'demo', '-n', 'default']);
    await eventually(async () => {
      await expect(ask(lab.http)).rejects.toThrow();
      expect((await classOf())?.controller).toBe('ingress-nginx.cpaas.io/default-rival');
    });
    await lab.home.kubectl(['delete', 'ingressnginx', 'rival', '-n', 'default']);
    await eventually(async () => {
      expect(await classOf()).toBeUndefined();
      const names = (await lab.home.list('Instance')).map(({ metadata }) => metadata.name);
      expect(names.filter((name) => !name.startsWith('odd.'))).toEqual([]);
    });
  });

  test('one that is deleted while no controllers run is cleaned up behind by the next ones', async () => {
    const controller = { watchIngressWithoutClass: false };
    await lab.home.apply(await ingressNginx('late', [await freePort(), await freePort()], controller));
    await lab.home.apply(ingress('late', '/', 'app', { className: 'default-late' }));
    const addresses = async () => {
      const { status } = (await lab.home.read('Ingress', { namespace: 'default', name: 'late' })) ?? {};
      return status?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? [];
    };
    await eventually(async () => expect(await addresses()).toEqual(['192.0.2.7']));
    process.kill(lab.home.programs()['controllers'] ?? 0, 'SIGSTOP');
    await lab.home.kubectl(['delete', 'ingressnginx', 'late', '-n', 'default', '--wait=false']);
    await lab.home.killProgram('controllers');
    await eventually(async () => {
      expect(await lab.home.read('IngressNginx', { namespace: 'default', name: 'late' })).toBeUndefined();
      expect(await lab.home.read('IngressClass', { namespace: '', name: 'default-late' })).toBeUndefined();
      expect(await addresses()).toEqual([]);
    });
  });
});
