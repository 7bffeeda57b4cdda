import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { base64 } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { answersWith } from './lab.ts';
import { annotated, GuardedLab } from './protected.ts';

let guarded: GuardedLab;
let http: number;

const LOGIN = { headers: { authorization: `Basic ${base64('foo:bar')}` } };

beforeAll(async () => {
  guarded = await GuardedLab.start();
  http = guarded.lab.ports.http;
  const url = { 'auth-url': 'http://auth.default.svc/' };
  await guarded.lab.home.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } },
    ...['default', 'other'].flatMap((namespace) => [
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pw', namespace } },
        data: { auth: base64('foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1') },
      },
      {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'headers', namespace } },
        data: { 'X-From': namespace },
      },
    ]),
    annotated('own', { 'auth-type': 'basic', 'auth-secret': 'pw' }),
    annotated('named', { 'auth-type': 'basic', 'auth-secret': 'default/pw' }),
    annotated('foreign', { 'auth-type': 'basic', 'auth-secret': 'other/pw' }),
    annotated('map', { ...url, 'auth-proxy-set-headers': 'default/headers' }),
    annotated('foreign-map', { ...url, 'auth-proxy-set-headers': 'other/headers' }),
  );
  await answersWith(200, http, '/map');
});
afterAll(() => guarded.stop());

describe('LIM-16 Secrets and ConfigMaps of other namespaces', () => {
  test('those of the Ingress itself', async () => {
    await answersWith(200, http, '/own', LOGIN);
    await answersWith(200, http, '/named', LOGIN);
    expect(guarded.auth.asked.at(-1)?.headers['x-from']).toBe('default');
  });

  test('those of others are not used, and nobody gets through', async () => {
    await answersWith(500, http, '/foreign', LOGIN);
    const answer = await answersWith(503, http, '/foreign-map');
    expect(answer.headers['x-alb-err-reason']).toBe('AuthFail : invalid-auth-req-cm-ref');
    const rule = (await guarded.lab.home.list('Rule')).find(({ spec }) => spec.source?.name === 'foreign');
    await eventually(async () =>
      expect((await eventsOf(guarded.lab.home, 'Rule', rule?.metadata.name ?? '')).join('\n')).toContain(
        'RefNotPermitted spec.config.auth.basic.secret: Secret other/pw is in another namespace',
      ),
    );
  });

  test('unless their owner consents by a ReferenceGrant, for as long as it is there', async () => {
    const from = [{ group: 'networking.k8s.io', kind: 'Ingress', namespace: 'default' }];
    const metadata = { name: 'default', namespace: 'other' };
    const grant = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'ReferenceGrant', metadata };
    await guarded.lab.home.apply({ ...grant, spec: { from, to: [{ group: '', kind: 'Secret', name: 'pw' }] } });
    await answersWith(200, http, '/foreign', LOGIN);
    await answersWith(503, http, '/foreign-map');

    const changed = { ...grant, apiVersion: 'gateway.networking.k8s.io/v1beta1' };
    await guarded.lab.home.apply({ ...changed, spec: { from, to: [{ group: '', kind: 'ConfigMap' }] } });
    await answersWith(200, http, '/foreign-map');
    expect(guarded.auth.asked.at(-1)?.headers['x-from']).toBe('other');
    await answersWith(500, http, '/foreign', LOGIN);

    expect(await guarded.lab.home.kubectl(['delete', 'refgrant', 'default', '-n', 'other'])).toContain('deleted');
    await answersWith(503, http, '/foreign-map');
  });

  test('a ReferenceGrant that names nobody is refused', async () => {
    const refused = await guarded.lab.home.tryApply({
      ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'ReferenceGrant' },
      metadata: { name: 'nobody', namespace: 'other' },
      spec: { from: [], to: [{ group: '', kind: 'Secret' }] },
    });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('spec.from');
  });

  test('unless the ALB opts out', async () => {
    await guarded.lab.home.configure('alb', { allowCrossNamespaceReferences: true });
    await answersWith(200, http, '/foreign', LOGIN);
    await answersWith(200, http, '/foreign-map');
    expect(guarded.auth.asked.at(-1)?.headers['x-from']).toBe('other');
    expect((await ask(http, '/foreign')).status).toBe(401);
  });
});
