import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingressOf } from '../alb/ingresses.ts';
import { ALB, answersWith, Lab } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
const ATTACK = `/?q=${encodeURIComponent('<script>alert(1)</script>')}`;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { modsecurity: { enable: true } });
});
afterAll(() => lab.stop());

async function serve(name: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  const prefixed = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${NGINX}${key}`, value]));
  await lab.home.apply(
    ingressOf(name, { className: ALB, annotations: prefixed, hosts: { [`${name}.example`]: [{ path: '/' }] } }),
  );
}

/** Transactions that the core rules told about. */
async function audited(): Promise<readonly string[]> {
  const [instance] = await lab.home.list('Instance');
  const text = readFileSync(`${instance?.status?.logDirectory}/firewall/audit.log`, 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { readonly transaction: string }).transaction);
}

describe('IN-14 WAF', () => {
  const core = { 'enable-modsecurity': 'true', 'enable-owasp-core-rules': 'true' };

  test('core rules with the engine on: an attack is 403, and logged with its transaction', async () => {
    await serve('on', {
      ...core,
      'modsecurity-snippet': 'SecRuleEngine On',
      'modsecurity-transaction-id': 'on-$arg_id',
    });
    await answersWith(403, lab.ports.http, `${ATTACK}&id=1`, { host: 'on.example' });
    await answersWith(200, lab.ports.http, '/?q=shoes', { host: 'on.example' });
    await eventually(async () => expect(await audited()).toContain('on-1'));
  });

  test('the engine only detects unless told otherwise: 200, and logged', async () => {
    await serve('detects', { ...core, 'modsecurity-transaction-id': 'detects-$arg_id' });
    await answersWith(200, lab.ports.http, `${ATTACK}&id=2`, { host: 'detects.example' });
    await eventually(async () => expect(await audited()).toContain('detects-2'));
  });

  test('switched off on one Ingress while it is on for all', async () => {
    await lab.home.kubectl([
      ...['annotate', 'alb2', ALB, '-n', 'kube-system'],
      `${NGINX}modsecurity-snippet=SecRuleEngine On\nSecRule ARGS:q "@detectXSS" "id:1,deny"`,
    ]);
    await serve('global', {});
    await serve('off', { 'enable-modsecurity': 'false' });
    await answersWith(403, lab.ports.http, ATTACK, { host: 'global.example' });
    await answersWith(200, lab.ports.http, ATTACK, { host: 'off.example' });
  });
});
