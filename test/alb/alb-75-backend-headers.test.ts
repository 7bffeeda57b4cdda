import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { group, rule } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
  port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
});
afterAll(() => lab.stop());

const ASKED = { host: 'a.com:8080', headers: { 'x-forwarded-for': '9.9.9.9', x_under_score: '1' } };

function told(): Record<string, string> {
  return {
    host: 'a.com:8080',
    'x-forwarded-host': 'a.com:8080',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '9.9.9.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-scheme': 'http',
    'x-forwarded-port': String(port),
    'x-original-uri': '/x?y=1',
    'x-original-url': 'http://a.com:8080/x?y=1',
    'x-original-method': 'GET',
    x_under_score: '1',
  };
}

describe('ALB-75 headers always sent to HTTP backends', () => {
  test('what the backend is told about the client, and what the client about the proxy', async () => {
    const answer = await answersWith(200, port, '/x?y=1', ASKED);
    expect(answer.headers).toMatchObject({ via: 'alb' });
    expect(answer.headers.server ?? '').not.toMatch(/\d/);
    const echo = JSON.parse(answer.body) as Echo;
    expect(echo).toMatchObject({ url: '/x?y=1', headers: told() });
  });

  test('a route may change one of them: the others stay, and those of the client have no say', async () => {
    const object = rule(
      { alb: ALB, frontend: 'web', name: 'changed' },
      { dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }], serviceGroup: group({ app: 100 }) },
    );
    const changes = {
      headers: { 'X-Forwarded-Proto': 'https' },
      headers_remove: ['X-Scheme'],
      headers_add: { 'X-Forwarded-For': ['7.7.7.7'] },
    };
    const annotations = { 'alb.rule.cpaas.io/rewrite-request': JSON.stringify(changes) };
    await lab.home.apply({ ...object, metadata: { ...object.metadata, annotations } });
    await eventually(async () => {
      const headers = { ...ASKED.headers, 'x-forwarded-proto': 'gopher', 'x-real-ip': '6.6.6.6', 'x-scheme': 'gopher' };
      const answer = await answersWith(200, port, '/x?y=1', { ...ASKED, headers });
      const seen = (JSON.parse(answer.body) as Echo).headers;
      const { 'x-scheme': _, ...others } = told();
      expect(seen).toMatchObject({
        ...others,
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '9.9.9.9, 127.0.0.1, 7.7.7.7',
      });
      expect(seen['x-scheme']).toBeUndefined();
    });
  });
});
