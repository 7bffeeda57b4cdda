import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
});
afterAll(() => lab.stop());

describe('ALB-69 Rule redirect', () => {
  test.each([
    [
      'all parts',
      { code: 308, url: '/t3-1', scheme: 'https', host: 'a.com', port: 9090 },
      '/t3',
      308,
      'https://a.com:9090/t3-1',
    ],
    ['path and host, code 302 by default', { url: '/t4-1', host: 'a.com' }, '/t4', 302, 'http://a.com/t4-1'],
    ['the scheme alone keeps the query', { scheme: 'https' }, '/t5?a=1', 302, 'https://127.0.0.1/t5?a=1'],
    ['a prefix is replaced', { prefix_match: '/t6/', scheme: 'https' }, '/t6/xxx', 302, 'https://127.0.0.1/xxx'],
    ['a relative url as it is', { url: '/t7-1?b=2', code: 301 }, '/t7?a=1', 301, '/t7-1?b=2'],
    [
      'an absolute url wins alone',
      { url: 'https://b.com/x', scheme: 'http', host: 'c.com' },
      '/t8',
      302,
      'https://b.com/x',
    ],
    ['303', { url: '/t9-1', code: 303 }, '/t9', 303, '/t9-1'],
    ['307', { url: '/t10-1', code: 307 }, '/t10', 307, '/t10-1'],
  ])('%s', async (name, redirect, asked, status, location) => {
    const path = asked.replace(/\?.*/, '');
    await lab.addRule('web', name.replace(/\W+/g, '-').toLowerCase(), {
      priority: 1,
      dslx: [{ type: 'URL', values: [['STARTS_WITH', path]] }],
      config: { redirect },
    });
    const answer = await answersWith(status, port, asked, { host: `127.0.0.1:${port}` });
    expect(answer.headers.location).toBe(location);
    expect(answer.body).toBe('');
    expect(answer.headers['x-alb-err-reason']).toBeUndefined();
  });

  test('the backend gets none of them', async () => {
    const seen = lab.backends['app']?.requests();
    expect((await ask(port, '/t3')).status).toBe(308);
    expect(lab.backends['app']?.requests()).toBe(seen);
  });

  test('another code is refused at admission', async () => {
    const rule = lab.addRule('web', 'bad', {
      dslx: [{ type: 'URL', values: [['EQ', '/x']] }],
      config: { redirect: { url: '/x', code: 200 } },
    });
    await expect(rule).rejects.toThrow('spec.config.redirect.code: Invalid value: 200');
  });
});
