import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventsOf } from '../alb/events.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

/** Longer than the timeout of the test, shorter than the default. */
const SLOW = '/?sleep=2000';
let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['app']);
});
afterAll(() => lab.stop());

async function serve(host: string, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const prefixed = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]);
  const name = host.replace('.', '-');
  // Without class, where an annotation that cannot be read is stored.
  await lab.home.apply(
    ingress(name, '/', 'app', { host, annotations: Object.fromEntries(prefixed) as Record<string, string> }),
  );
  await eventually(async () => expect((await ask(lab.http, '/', { host })).status).toBe(200));
}

async function statusOf(host: string): Promise<number> {
  return (await ask(lab.http, SLOW, { host })).status;
}

describe('IN-08 request timeouts', () => {
  test('of an Ingress; another one waits', async () => {
    await serve('short.com', { 'proxy-read-timeout': '1', 'proxy-next-upstream-tries': '1' });
    await serve('long.com');
    expect(await Promise.all([statusOf('short.com'), statusOf('long.com')])).toEqual([504, 200]);
  });

  test.each(['2s', 'x'])('%s is ignored, and told', async (text) => {
    const host = `${text}.com`;
    await serve(host, { 'proxy-read-timeout': text });
    expect(await statusOf(host)).toBe(200);
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', `${text}-com`)).join('\n')).toMatch(/proxy-read-timeout\].* ignored/),
    );
  });

  test('connecting within 0 seconds is refused: the default stays', async () => {
    await serve('zero.com', { 'proxy-connect-timeout': '0' });
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', 'zero-com')).join('\n')).toMatch(/proxy-connect-timeout\].* ignored/),
    );
  });

  test('of the ConfigMap, for every Ingress that does not say otherwise', async () => {
    await serve('own.com', { 'proxy-read-timeout': '60' });
    const patch = JSON.stringify({
      spec: { controller: { config: { 'proxy-read-timeout': '1', 'proxy-next-upstream': 'off' } } },
    });
    await lab.home.kubectl(['patch', 'ingressnginx', 'demo', '-n', 'default', '--type=merge', '-p', patch]);
    await eventually(async () => expect(await statusOf('long.com')).toBe(504));
    expect(await statusOf('own.com')).toBe(200);
  });
});
