import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web');
});
afterAll(() => lab.stop());

const annotated = (name: string, host: string, text: string) =>
  ingressOf(name, {
    hosts: { [host]: [{}] },
    annotations: { 'nginx.ingress.kubernetes.io/proxy-read-timeout': text },
  });

describe('ALB-80 layer 7 timeouts', () => {
  test('a backend that does not answer in time: 504, with our page', async () => {
    await lab.addRule('web', 'quick', {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
      serviceGroup: group({ app: 100 }),
      config: { timeout: { proxy_read_timeout_ms: 300 } },
    });
    await answersWith(200, port);
    const begun = performance.now();
    const answer = await ask(port, '/?sleep=5000', { method: 'POST', body: 'x' });
    expect(answer).toMatchObject({ status: 504, body: 'X-Error: 504\n' });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
    expect(lab.home.nginx(port).masters).toHaveLength(1);
  });

  test('Ingress: decimals and suffixes', async () => {
    await lab.home.apply(annotated('decimal', 'a.com', '1.5s'));
    await eventually(async () => {
      const [rule] = Object.values(await rulesOf(lab.home, 'decimal'));
      expect(rule?.spec.config?.timeout).toEqual({ proxy_read_timeout_ms: 1500 });
    });
  });

  test.each(['-1', 'abc'])('Ingress: %s is ignored, and told', async (text) => {
    const name = text === 'abc' ? 'word' : 'negative';
    await lab.home.apply(annotated(name, `${name}.com`, text));
    await answersWith(200, lab.ports.http, '/', { host: `${name}.com` });
    await eventually(async () => {
      const [rule] = Object.values(await rulesOf(lab.home, name));
      expect(rule?.spec.config?.timeout).toBeUndefined();
      expect((await eventsOf(lab.home, 'Ingress', name)).join()).toContain('proxy-read-timeout');
    });
  });
});
