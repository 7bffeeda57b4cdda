import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { group, rule } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web');
});
afterAll(() => lab.stop());

async function change(annotations: Readonly<Record<string, unknown>>): Promise<void> {
  const name = 'changed';
  const object = rule(
    { alb: ALB, frontend: 'web', name },
    { dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }], serviceGroup: group({ app: 100 }) },
  );
  await lab.home.apply({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [
          `alb.rule.cpaas.io/rewrite-${key}`,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
    },
  });
}

describe('ALB-78 header modification', () => {
  test('a request header from a cookie whose value is in quotes; without a value it stays', async () => {
    await change({ request: { headers_var: { Authorization: 'cookie_auth_token', 'X-None': 'http_absent' } } });
    await eventually(async () => {
      const seen = await seenWith({ cookie: 'auth_token="t 1"', 'x-none': 'stays' });
      expect(seen).toMatchObject({ authorization: 't 1', 'x-none': 'stays' });
    });
  });

  test('request headers are set, removed and added, in this order', async () => {
    await change({
      request: {
        headers_add: { 'X-Set': ['2'] },
        headers_remove: ['X-Gone'],
        headers: { 'X-Set': '1', 'X-Env': 'test' },
      },
    });
    await eventually(async () => {
      const seen = await seenWith({ 'x-gone': 'client', 'x-set': 'client' });
      expect(seen).toMatchObject({ 'x-set': '1, 2', 'x-env': 'test' });
      expect(seen['x-gone']).toBeUndefined();
    });
  });

  test('answer headers, on 200 and on 404 of the backend; two of one name', async () => {
    const value = 'max-age=63072000; includeSubDomains; preload';
    await change({
      response: {
        headers: { 'Strict-Transport-Security': value },
        headers_add: { a: ['1', '2'] },
        headers_remove: ['X-Backend'],
      },
    });
    await eventually(async () => expect((await ask(port)).headers['strict-transport-security']).toBe(value));
    const answer = await ask(port, '/?status=404');
    expect(answer.status).toBe(404);
    expect(answer.headers).toMatchObject({ 'strict-transport-security': value, a: '1, 2' });
    expect(answer.headers['x-backend']).toBeUndefined();
  });

  test('any key suffices for an answer', async () => {
    await change({ response: { headers_remove: ['X-Backend'] } });
    await eventually(async () => {
      const { headers } = await ask(port);
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['x-backend']).toBeUndefined();
    });
  });

  test('what cannot be read is told and changes nothing', async () => {
    await change({ request: '{"headers":{"a":"1\\nb: 2"}}' });
    await eventually(async () =>
      expect(await lab.home.kubectl(['get', 'events', '-n', 'kube-system'])).toMatch(
        /InvalidField .*rewrite-request]: the value .* has control characters/,
      ),
    );
    expect((await answersWith(200, port)).headers['x-backend']).toBe('app');
  });
});

/** Headers that the backend gets. */
async function seenWith(headers: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await ask(port, '/', { headers });
  return (JSON.parse(body) as Echo).headers;
}
