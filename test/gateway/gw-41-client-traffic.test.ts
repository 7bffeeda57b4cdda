import { Agent } from 'node:https';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../acceptance/certificate-authority.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, HTTPS_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  const tls = { certificateRefs: [{ name: 'shown' }] };
  lab = await GatewayLab.start(['a'], [httpListener(), { name: 'https', port: HTTPS_PORT, protocol: 'HTTPS', tls }]);
  await lab.home.apply(tlsSecret('shown', await selfSigned('a.com')));
  await lab.home.apply(httpRoute('web', [to('a', '/')]));
  await lab.answers({ '/': 'a' });
});
afterAll(() => lab.stop());

describe('GW-41 and GW-42 ClientTrafficPolicy', () => {
  test('headers of all requests and answers of a listener', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo/http', {
        headers: {
          earlyRequestHeaders: { set: [{ name: 'x-early', value: 'yes' }] },
          lateResponseHeaders: { set: [{ name: 'x-late', value: 'yes' }], remove: ['x-backend'] },
        },
      }),
    );
    await eventually(async () => {
      const { headers, body } = await lab.ask('/');
      expect([headers['x-late'], headers['x-backend']]).toEqual(['yes', undefined]);
      expect((JSON.parse(body) as Echo).headers['x-early']).toBe('yes');
    });
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
        settings: { timeout: { http: { idleTimeout: '5s' } } },
        http3: {},
      }),
    );
    await eventually(async () => {
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toBe('False Invalid: spec.http3: not served');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client', 'Warning')).toContain('DeprecatedField');
      expect((await lab.ask('/')).headers['x-backend']).toBe('a');
    });
  });

  test('what contradicts itself is refused', async () => {
    const cases = [
      [{ tls: { minVersion: '1.3', ciphers: ['AES128-SHA'] } }, 'setting ciphers has no effect'],
      [{ tls: { minVersion: '1.3', maxVersion: '1.2' } }, 'minVersion must be smaller'],
      [
        { clientIPDetection: { xForwardedFor: { numTrustedHops: 1 }, customHeader: { name: 'x-ip' } } },
        'customHeader cannot be used in conjunction with xForwardedFor',
      ],
      [{ timeout: { http: { idleTimeout: '30' } } }, 'spec.timeout.http.idleTimeout'],
    ] as const;
    for (const [spec, message] of cases) {
      await expect(lab.home.apply(policy('ClientTrafficPolicy', 'bad', 'Gateway/demo', spec))).rejects.toThrow(message);
    }
  });

  test('clients show a certificate where they can; without authorities nobody gets in', async () => {
    const authority = await createAuthority('clients');
    const { chainPem, keyPem } = await authority.issue('ann');
    const agent = new Agent({ cert: chainPem, key: keyPem });
    const status = async (own?: Agent): Promise<number> =>
      (await lab.ask('/', { port: HTTPS_PORT, serverName: 'a.com', ...(own && { agent: own }) })).status;
    await eventually(async () => expect(await status()).toBe(200));
    await lab.home.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'authorities', namespace: 'default' },
        data: { 'ca.crt': authority.certificatePem },
      },
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
        tls: { clientValidation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'authorities' }] } },
      }),
    );
    await eventually(async () => {
      expect(await status()).toBe(400);
      expect(await status(agent)).toBe(200);
      expect((await lab.ask('/')).status).toBe(200);
    });
    await lab.home.kubectl(['delete', 'configmap', 'authorities', '-n', 'default']);
    await eventually(async () => {
      expect(await status(new Agent({ cert: chainPem, key: keyPem }))).toBe(403);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('authorities not found');
    });
    agent.destroy();
  });
});
