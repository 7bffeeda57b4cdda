import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ingressOf } from '../alb/ingresses.ts';
import { ALB, answersWith, Lab } from '../alb/lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
});
afterAll(() => lab.stop());

async function serve(host: string, path: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  const named = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]);
  await lab.home.apply(
    ingressOf(host.replace('.', '-'), {
      className: ALB,
      hosts: { [host]: [{ path, pathType: 'ImplementationSpecific' }] },
      annotations: Object.fromEntries(named) as Readonly<Record<string, string>>,
    }),
  );
}

async function seen(host: string, path: string): Promise<Echo> {
  return JSON.parse((await answersWith(200, lab.ports.http, path, { host })).body) as Echo;
}

describe('IN-11 rewrite, by an ALB', () => {
  test('groups of the path in rewrite-target; a group that is not there is empty', async () => {
    await serve('a.com', '/something(/|$)(.*)', { 'rewrite-target': '/$2' });
    expect((await seen('a.com', '/something/new?x=1')).url).toBe('/new?x=1');
    expect((await seen('a.com', '/something')).url).toBe('/');
    await serve('b.com', '/something(/|$)(.*)', { 'rewrite-target': '/$9' });
    expect((await seen('b.com', '/something/new')).url).toBe('/');
  });

  test('x-forwarded-prefix goes with a rewrite only', async () => {
    await serve('c.com', '/p(/|$)(.*)', { 'rewrite-target': '/$2', 'x-forwarded-prefix': '/p' });
    expect((await seen('c.com', '/p/x')).headers['x-forwarded-prefix']).toBe('/p');
    await serve('d.com', '/', { 'x-forwarded-prefix': '/p' });
    expect((await seen('d.com', '/')).headers['x-forwarded-prefix']).toBeUndefined();
  });

  test('app-root', async () => {
    await serve('e.com', '/', { 'app-root': '/app1' });
    expect((await answersWith(302, lab.ports.http, '/', { host: 'e.com' })).headers.location).toBe('/app1');
  });
});
