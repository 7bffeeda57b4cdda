/** The table over all annotations is admission/ingress-nginx.test.ts; the effect of each has a file in test/alb. */
import { INGRESS_ANNOTATIONS } from '@causeway/apis/gateway/annotation/index';
import { INGRESS_NGINX_GROUPS } from '@causeway/apis/gateway/annotation/ingress-nginx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { shares } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';
let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['stable', 'next']);
  await lab.home.apply(ingress('main', '/', 'stable', { className: 'default-demo', host: 'a.com' }));
  await eventually(async () => expect((await ask(lab.http, '/', { host: 'a.com' })).status).toBe(200));
});
afterAll(() => lab.stop());

function annotated(
  name: string,
  annotations: Readonly<Record<string, string>>,
  host = `${name}.com`,
  service = 'stable',
) {
  const named = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}${key}`, value]));
  return ingress(name, '/', service, { className: 'default-demo', host, annotations: named });
}

describe('IN-23 annotation engine', () => {
  test('a value that cannot be read is refused, with the name of the annotation and the value', async () => {
    const bad = annotated('bad', { 'limit-rps': 'many', 'proxy-read-timeout': '2s' });
    await expect(lab.home.apply(bad)).rejects.toThrow(
      /limit-rps\]: Invalid value: "many".*proxy-read-timeout\]: Invalid value: "2s"/s,
    );
    const raw = annotated('raw', { 'configuration-snippet': 'more_set_headers "A: b";' });
    await expect(lab.home.apply(raw)).rejects.toThrow(/configuration-snippet\]: Forbidden: risky annotation/);
  });

  test('weight 20: 17 to 23 percent of 1000 requests', async () => {
    const canary = annotated('canary', { canary: 'true', 'canary-weight': '20' }, 'a.com', 'next');
    await lab.home.apply(canary);
    const askOne = () => ask(lab.http, '/', { host: 'a.com' });
    await eventually(async () => expect(Object.keys(await shares(40, askOne)).sort()).toEqual(['next', 'stable']));
    const { next = 0 } = await shares(1000, askOne);
    expect(next).toBeGreaterThanOrEqual(170);
    expect(next).toBeLessThanOrEqual(230);
  });

  test('whatever is written into all annotations at once, others are served', async () => {
    const names = Object.values(INGRESS_NGINX_GROUPS)
      .flat()
      .filter((name) => Object.hasOwn(INGRESS_ANNOTATIONS, name));
    const hostile = ['1;}', '1\nlisten 81;', '"; return 200;', '$(id)', '1 }} server {{'];
    // Without class, as stored objects of before may be: admission only warns.
    const all = hostile.map((value, index) => {
      const { metadata, spec, ...rest } = annotated(
        `hostile-${index}`,
        Object.fromEntries(names.map((name) => [name, value])),
      );
      const { ingressClassName: _class, ...open } = spec ?? {};
      return { ...rest, metadata, spec: open };
    });
    await lab.home.apply(...all);
    await lab.home.apply(ingress('after', '/', 'stable', { className: 'default-demo', host: 'after.com' }));
    await eventually(async () => expect((await ask(lab.http, '/', { host: 'after.com' })).status).toBe(200));
    expect((await ask(lab.http, '/', { host: 'a.com' })).status).toBe(200);
  });
});
