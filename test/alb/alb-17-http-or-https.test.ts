import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { ingress, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { shown } from './tls-client.ts';

let home: Installation;
let app: EchoBackend;

beforeAll(async () => {
  [home, app] = await Promise.all([Installation.join(), startEchoBackend('app')]);
  for (const name of ['a', 'fallback', 'other']) {
    await home.apply(tlsSecret(name, await selfSigned(`${name}.example`)));
  }
  await home.apply(...serviceTo(app));
});

afterAll(async () => {
  await home.stop();
  await app.close();
});

describe('ALB-17 HTTP or HTTPS of an Ingress', () => {
  let ports: AlbPorts;
  const bySecret = (annotations: Record<string, string> = {}) =>
    ingress('plain', '/', 'app', { className: 'strategy', host: 'b.com', annotations });

  beforeAll(async () => {
    ports = await home.addAlb('strategy', { defaultSSLCert: 'default/fallback' });
    await home.apply(bySecret(), ingress('secured', '/', 'app', { className: 'strategy', host: 'a.com', tls: 'a' }));
    await eventually(async () => expect(await answers('a.com')).toEqual({ http: 404, https: 200 }));
  });

  async function answers(host: string): Promise<{ http: number; https: number | 'fails' }> {
    const secure = ask(ports.https, '/', { host, serverName: host }).then(
      ({ status }) => status,
      () => 'fails' as const,
    );
    return { http: (await ask(ports.http, '/', { host })).status, https: await secure };
  }

  async function setStrategy(defaultSSLStrategy: string): Promise<void> {
    const patch = JSON.stringify({ spec: { config: { defaultSSLStrategy } } });
    await home.kubectl(['patch', 'alb2', 'strategy', '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
  }

  const enable = 'alb.networking.cpaas.io/enable-https';
  const cases = [
    { strategy: 'Never', annotations: {}, want: { http: 200, https: 'fails' } },
    { strategy: 'Both', annotations: {}, want: { http: 200, https: 200 } },
    { strategy: 'Always', annotations: {}, want: { http: 404, https: 200 } },
    { strategy: 'Always', annotations: { [enable]: 'false' }, want: { http: 200, https: 404 } },
    { strategy: 'Request', annotations: { [enable]: 'true' }, want: { http: 404, https: 'fails' } },
    { strategy: 'Request', annotations: { [enable]: 'false' }, want: { http: 200, https: 'fails' } },
  ] as const;
  test.each(cases)('$strategy, $annotations', async ({ strategy, annotations, want }) => {
    await setStrategy(strategy);
    await home.apply(bySecret(annotations));
    await eventually(async () => expect(await answers('b.com')).toEqual(want));
    // The host with a certificate is where it was.
    expect(await answers('a.com')).toEqual({ http: 404, https: 200 });
    expect(await shown(ports.https, 'a.com')).toBe('a');
  });

  test('one certificate of several hosts serves all of them on both ports', async () => {
    await setStrategy('Never');
    const mixed = ingress('mixed', '/', 'app', { className: 'strategy', host: 'c.com', tls: 'other' });
    const [first] = mixed.spec?.rules ?? [];
    await home.apply({ ...mixed, spec: { ...mixed.spec, rules: [first, { ...first, host: 'd.com' }] } });
    await eventually(async () => expect(await answers('c.com')).toEqual({ http: 200, https: 200 }));
    await eventually(async () => expect(await answers('d.com')).toEqual({ http: 200, https: 'fails' }));
    expect((await home.list('Rule')).filter(({ spec }) => spec.source?.name === 'mixed')).toHaveLength(4);
  });
});
