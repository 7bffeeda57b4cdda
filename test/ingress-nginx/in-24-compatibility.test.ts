/** What of ingress-nginx an ALB serves on Ingresses of its class; causeway convert ingress-nginx --check tells it before they are moved. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf } from '../alb/events.ts';
import { ingressOf } from '../alb/ingresses.ts';
import { ALB, answersWith, Lab } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

async function serve(name: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  const named = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${NGINX}${key}`, value]));
  await lab.home.apply(ingressOf(name, { className: ALB, hosts: { [`${name}.com`]: [{}] }, annotations: named }));
}

async function warningsOf(name: string): Promise<readonly string[]> {
  return (await eventsOf(lab.home, 'Ingress', name)).filter((event) => event.startsWith('Warning'));
}

describe('IN-24 compatibility of ALBs', () => {
  test('what the matrix has as supported or partial works together, and nothing is told', async () => {
    await serve('supported', {
      'backend-protocol': 'HTTP',
      'enable-cors': 'true',
      'cors-allow-origin': 'https://b.com',
      'cors-allow-methods': 'GET',
      'cors-allow-headers': 'X-A',
      'cors-allow-credentials': 'true',
      'cors-expose-headers': 'X-B',
      'cors-max-age': '5',
      'force-ssl-redirect': 'false',
      'ssl-redirect': 'false',
      'proxy-connect-timeout': '5',
      'proxy-send-timeout': '5',
      'proxy-read-timeout': '5',
      'rewrite-target': '/',
      'upstream-vhost': 'b.com',
      'enable-opentelemetry': 'false',
      'opentelemetry-trust-incoming-span': 'true',
      'enable-modsecurity': 'false',
      affinity: 'cookie',
      'enable-global-auth': 'false',
      'whitelist-source-range': '127.0.0.0/8',
      'denylist-source-range': '192.0.2.0/24',
      'enable-access-log': 'false',
    });
    const { body, headers } = await answersWith(200, lab.ports.http, '/x', {
      host: 'supported.com',
      headers: { origin: 'https://b.com' },
    });
    expect(JSON.parse(body)).toMatchObject({ headers: { host: 'b.com' } });
    expect(headers['access-control-allow-origin']).toBe('https://b.com');
    await serve('moved', { 'permanent-redirect': 'https://b.com/', 'permanent-redirect-code': '308' });
    await answersWith(308, lab.ports.http, '/', { host: 'moved.com' });
    await serve('elsewhere', { 'temporal-redirect': 'https://b.com/' });
    await answersWith(302, lab.ports.http, '/', { host: 'elsewhere.com' });
    await eventually(async () => expect(await eventsOf(lab.home, 'Ingress', 'elsewhere')).not.toEqual([]));
    for (const name of ['supported', 'moved', 'elsewhere']) expect(await warningsOf(name)).toEqual([]);
  });

  test('what is not supported is ignored as a whole, and listed in one Warning', async () => {
    await serve('unsupported', { 'fastcgi-index': 'x.php', 'enable-influxdb': 'true', 'secure-backends': 'true' });
    await answersWith(200, lab.ports.http, '/', { host: 'unsupported.com' });
    await eventually(async () => {
      const [warning = '', ...others] = await warningsOf('unsupported');
      expect(others).toEqual([]);
      for (const name of ['fastcgi-index', 'enable-influxdb', 'secure-backends'])
        expect(warning).toContain(`${NGINX}${name}`);
    });
  });
});
