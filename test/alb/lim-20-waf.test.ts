import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

async function inspect(word: string): Promise<void> {
  const annotations = {
    'nginx.ingress.kubernetes.io/enable-modsecurity': 'true',
    'nginx.ingress.kubernetes.io/modsecurity-snippet': `SecRuleEngine On\nSecRule ARGS:a "@streq ${word}" "id:1,deny"`,
  };
  await lab.home.apply(ingressOf('waf', { className: ALB, annotations, hosts: { '': [{ path: '/' }] } }));
}

describe('LIM-20 the firewall', () => {
  test('other rules reload no nginx, and fail no request meanwhile', async () => {
    const { http } = lab.ports;
    await inspect('w0');
    await answersWith(403, http, '/?a=w0');
    // The first firewall costs a reload: its old workers end by and by.
    const workers = await eventually(() => {
      const found = lab.home.nginx(http).workers;
      expect(found).toHaveLength(2);
      return Promise.resolve(found);
    });
    for (const word of ['w1', 'w2', 'w3']) {
      await inspect(word);
      await eventually(async () => {
        expect((await ask(http, '/?a=fine')).status).toBe(200);
        expect((await ask(http, `/?a=${word}`)).status).toBe(403);
      });
    }
    expect(lab.home.nginx(http).workers).toEqual(workers);
  });

  test('the answer shows no product', async () => {
    const { body, headers } = await answersWith(403, lab.ports.http, '/?a=w3');
    expect(body).toBe('X-Error: 403\n');
    expect(JSON.stringify(headers)).not.toMatch(/nginx|openresty|modsecurity/i);
  });
});
