import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { base64 } from '../acceptance/objects.ts';
import { frontendName, ingressOf } from './ingresses.ts';
import { ALB, answersWith } from './lab.ts';
import { annotated, GuardedLab } from './protected.ts';

const NGINX = 'nginx.ingress.kubernetes.io';
const ENABLE = 'alb.ingress.cpaas.io/auth-enable';

let guarded: GuardedLab;
let http: number;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  http = guarded.lab.ports.http;
  guarded.auth.answer(401);
  await guarded.lab.home.apply(
    annotated('all', { 'auth-url': 'http://auth.default.svc/', [ENABLE]: 'false' }),
    annotated('global', { 'auth-url': 'http://auth.default.svc/', 'enable-global-auth': 'false' }),
    annotated('nothing', {}),
    ingressOf('paths', {
      hosts: { '': [{ path: '/paths/0' }, { path: '/paths/1' }] },
      annotations: {
        [`${NGINX}/auth-url`]: 'http://auth.default.svc/',
        [`index.0-0.${ENABLE}`]: 'false',
      },
    }),
  );
  await answersWith(200, http, '/nothing');
});
afterAll(() => guarded.stop());

describe('ALB-91 disabling', () => {
  test('of an Ingress, by both annotations', async () => {
    await answersWith(200, http, '/all');
    await answersWith(200, http, '/global');
  });

  test('of one path: the others stay protected', async () => {
    await answersWith(200, http, '/paths/0');
    await answersWith(401, http, '/paths/1');
  });

  test('of what would be inherited from the Frontend', async () => {
    await guarded.lab.home.apply({
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: 'pw', namespace: ALB_NAMESPACE },
      data: { auth: base64('foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1') },
    });
    const patch = JSON.stringify({ spec: { config: { auth: { basic: { secret: `${ALB_NAMESPACE}/pw` } } } } });
    const frontend = frontendName(ALB, http);
    await guarded.lab.home.kubectl(['patch', 'ft', frontend, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
    const answer = await answersWith(401, http, '/nothing');
    expect(answer.headers['www-authenticate']).toBe('Basic realm=""');
    expect((await ask(http, '/all')).status).toBe(200);
    expect((await ask(http, '/paths/0')).status).toBe(200);
  });

  test('what is neither true nor false switches nothing off', async () => {
    await guarded.lab.home.apply(annotated('typo', { 'auth-url': 'http://auth.default.svc/', [ENABLE]: 'no, please' }));
    await answersWith(401, http, '/typo');
  });
});
