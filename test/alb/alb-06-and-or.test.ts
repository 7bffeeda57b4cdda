import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Ask } from '../acceptance/http-request.ts';
import { Lab } from './lab.ts';
import { addRules, expectMatch, type Match, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { trustedProxies: ['127.0.0.1/32'] });
  port = await lab.open('web');
  await addRules(lab, 'web', {
    documented: to(
      'app',
      { type: 'METHOD', values: [['EQ', 'POST']] },
      {
        type: 'URL',
        values: [
          ['STARTS_WITH', '/app-a'],
          ['STARTS_WITH', '/app-b'],
        ],
      },
      { type: 'PARAM', key: 'group', values: [['EQ', 'vip']] },
      { type: 'HOST', values: [['ENDS_WITH', '.app.com']] },
      { type: 'HEADER', key: 'location', values: [['IN', 'east-1', 'east-2']] },
      { type: 'COOKIE', key: 'uid', values: [['EXIST']] },
      { type: 'SRC_IP', values: [['RANGE', '1.1.1.1', '1.1.1.100']] },
    ),
  });
});
afterAll(() => lab.stop());

describe('ALB-06 AND of terms, OR of rows: the documented example', () => {
  const request: Ask = {
    method: 'POST',
    host: 'x.app.com',
    headers: { location: 'east-2', cookie: 'uid=1', 'x-real-ip': '1.1.1.50' },
  };
  const withHeader = (name: string, value: string): Ask => ({ headers: { ...request.headers, [name]: value } });
  const cases: readonly Match[] = [
    { name: 'all hold', want: 'app' },
    { name: 'the other row of the path', path: '/app-a?group=vip', want: 'app' },
    { name: 'the other value of the header', ...withHeader('location', 'east-1'), want: 'app' },
    { name: 'GET', method: 'GET', want: 404 },
    { name: '/app-c', path: '/app-c/x?group=vip', want: 404 },
    { name: 'group=vap', path: '/app-b/x?group=vap', want: 404 },
    { name: 'Host x.y.app.com', host: 'x.y.app.com', want: 404 },
    { name: 'location east-3', ...withHeader('location', 'east-3'), want: 404 },
    { name: 'no cookie', ...withHeader('cookie', ''), want: 404 },
    { name: 'X-Real-IP 1.1.1.101', ...withHeader('x-real-ip', '1.1.1.101'), want: 404 },
  ];
  test.each(cases)('$name', (match) => expectMatch(port, { path: '/app-b/x?group=vip', ...request, ...match }));
});
