import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a']);
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
});
