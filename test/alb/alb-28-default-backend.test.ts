import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const KEY = 'nginx.ingress.kubernetes.io/default-backend';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app', 'spare']);
  await lab.serve('shop', ['app']);
});
afterAll(() => lab.stop());

describe('ALB-28 default-backend', () => {
  test('it gets the requests while the Service has no endpoint, and not before and after', async () => {
    await lab.home.apply(ingress('web', '/', 'shop', { className: ALB, annotations: { [KEY]: 'spare' } }));
    expect((await answersWith(200, lab.ports.http)).headers['x-backend']).toBe('app');
    await lab.serve('shop', []);
    await eventually(async () => expect((await ask(lab.ports.http, '/x?y=1')).headers['x-backend']).toBe('spare'));
    await lab.serve('shop', ['app']);
    await eventually(async () => expect((await ask(lab.ports.http)).headers['x-backend']).toBe('app'));
  });

  test('a Service that is not there is told, and the answer is the usual one', async () => {
    await lab.home.apply(ingress('other', '/other', 'none', { className: ALB, annotations: { [KEY]: 'nowhere' } }));
    await answersWith(500, lab.ports.http, '/other');
    await eventually(async () =>
      expect(await lab.home.kubectl(['get', 'events', '-n', 'kube-system'])).toContain(
        'Service default/nowhere not found, or without port',
      ),
    );
  });
});
