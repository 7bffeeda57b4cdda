import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

describe('ALB-27 annotation handling', () => {
  test('a timeout that cannot be read does not stop the redirect beside it; the event names it', async () => {
    const annotations = {
      [`${NGINX}/proxy-read-timeout`]: 'abc',
      [`${NGINX}/permanent-redirect`]: 'https://b.com/new',
    };
    await lab.home.apply(ingressOf('mixed', { className: ALB, hosts: { 'a.com': [{}] }, annotations }));
    const answer = await answersWith(301, lab.ports.http, '/x', { host: 'a.com' });
    expect(answer.headers.location).toBe('https://b.com/new');
    const [rule] = Object.values(await rulesOf(lab.home, 'mixed'));
    expect(rule?.spec.config).toEqual({ redirect: { url: 'https://b.com/new', code: 301 } });
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', 'mixed')).join('\n')).toContain(
        `metadata.annotations[${NGINX}/proxy-read-timeout]: Invalid value: "abc"`,
      ),
    );
  });

  test('a backend protocol that is not known leaves the path without rule, and no other', async () => {
    await lab.home.apply(
      ingressOf('fcgi', {
        className: ALB,
        hosts: { 'f.com': [{}] },
        annotations: { [`${NGINX}/backend-protocol`]: 'FCGI' },
      }),
      ingressOf('beside', { className: ALB, hosts: { 'g.com': [{}] } }),
    );
    await answersWith(200, lab.ports.http, '/', { host: 'g.com' });
    await answersWith(404, lab.ports.http, '/', { host: 'f.com' });
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', 'fcgi')).join('\n')).toContain(
        `metadata.annotations[${NGINX}/backend-protocol]: Unsupported value: "FCGI"`,
      ),
    );
  });

  test('names that nobody knows are told once and change nothing', async () => {
    const annotations = { [`${NGINX}/fastcgi-index`]: 'x', 'example.com/other': 'y' };
    await lab.home.apply(ingressOf('unknown', { className: ALB, hosts: { 'u.com': [{}] }, annotations }));
    await answersWith(200, lab.ports.http, '/', { host: 'u.com' });
    await eventually(async () => {
      const events = (await eventsOf(lab.home, 'Ingress', 'unknown')).filter((event) => event.startsWith('Warning'));
      expect(events).toHaveLength(1);
      expect(events[0]).toContain(`${NGINX}/fastcgi-index`);
      expect(events[0]).not.toContain('example.com/other');
    });
  });
});
