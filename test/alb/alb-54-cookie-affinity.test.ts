import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { frontend, group, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab, shares } from './lab.ts';

const PODS = ['a', 'b', 'c'];
const VALUE = /^\d+(\.\d+)?\.\d+\.\d+$/;
let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(PODS);
  await lab.serve('pods', PODS);
  port = await lab.open('cookie', { serviceGroup: { ...group({ pods: 100 }), session_affinity_policy: 'cookie' } });
  await answersWith(200, port);
});
afterAll(() => lab.stop());

function withCookie(value: string): ReturnType<typeof ask> {
  return ask(port, '/', { headers: { cookie: `other=1; JSESSIONID=${value}` } });
}

describe('ALB-54 cookie affinity', () => {
  test('a first request gets JSESSIONID; with it, 20 requests reach the pod of the first, and no cookie is set', async () => {
    const first = await ask(port);
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    const [pair = '', ...attributes] = cookie.split('; ');
    const [name, value = ''] = pair.split('=');
    expect(name).toBe('JSESSIONID');
    expect(value).toMatch(VALUE);
    expect(attributes).toEqual(['Path=/', 'HttpOnly']);
    expect(first.headers['via']).toBe('alb');

    const later = await shares(20, async () => {
      const answer = await withCookie(value);
      expect(answer.headers['set-cookie']).toBeUndefined();
      return answer;
    });
    expect(later).toEqual({ [String(first.headers['x-backend'])]: 20 });
  });

  test('a cookie of the client with another value is honoured as it is', async () => {
    expect(Object.values(await shares(20, () => withCookie('mine')))).toEqual([20]);
    const many = await shares(60, (index) => withCookie(`session-${index}`));
    expect(Object.keys(many).sort()).toEqual(PODS);
  });

  test('first requests spread over the pods', async () => {
    expect(Object.keys(await shares(60, () => ask(port))).sort()).toEqual(PODS);
  });

  test('over https the cookie is Secure', async () => {
    const secure = await lab.open('secure', {
      protocol: 'https',
      certificate_name: 'default/tls',
      serviceGroup: { ...group({ pods: 100 }), session_affinity_policy: 'cookie', session_affinity_attribute: 'route' },
    });
    await lab.home.apply(tlsSecret('tls', await selfSigned('secure.example.com')));
    const answer = await eventually(async () => {
      const got = await ask(secure, '/', { serverName: '', host: 'secure.example.com' });
      expect(got.status).toBe(200);
      return got;
    });
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^route=[0-9.]+; Path=\/; HttpOnly; Secure$/);
  });

  test('a name that no cookie can have is refused', async () => {
    const serviceGroup = {
      ...group({ pods: 100 }),
      session_affinity_policy: 'cookie',
      session_affinity_attribute: 'a;b',
    };
    const { stderr } = await lab.home.tryApply(frontend(ALB, 'refused', 8099, { serviceGroup }));
    expect(stderr).toContain(
      'spec.serviceGroup.session_affinity_attribute: Invalid value: "a;b": not the name of a cookie',
    );
  });
});
