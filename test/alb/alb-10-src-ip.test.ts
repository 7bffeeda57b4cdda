import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask } from '../acceptance/http-request.ts';
import { frontend, rule } from '../acceptance/objects.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, Lab } from './lab.ts';
import { addRules, expectMatch, type Match, to } from './matching.ts';

let lab: Lab;
/** Of an ALB that trusts no proxy. */
let port: number;
/** Of one that trusts 127.0.0.0/24 and 10.0.0.0/8. */
let trusting: number;

beforeAll(async () => {
  lab = await Lab.start(['v6', 'v4', 'peer', 'local']);
  port = await lab.open('web');
  trusting = await freePort();
  await lab.home.addAlb('trusting', { trustedProxies: ['127.0.0.0/24', '10.0.0.0/8'] });
  const own = (name: string) => ({ alb: 'trusting', frontend: 'behind', name });
  await lab.home.apply(
    frontend('trusting', 'behind', trusting),
    rule(own('v6'), to('v6', { type: 'SRC_IP', values: [['RANGE', '2001:db8::1', '[2001:db8::ff]']] })),
    rule(own('v4'), to('v4', { type: 'SRC_IP', values: [['EQ', '192.0.2.7']] })),
    rule(own('long'), to('v6', { type: 'SRC_IP', values: [['IN', '2001:0DB8:0:0:1:0:0:1', '2001:db8::2:1']] })),
  );
  await addRules(lab, 'web', {
    peer: to('peer', { type: 'SRC_IP', values: [['RANGE', '127.0.2.0', '127.0.2.255']] }),
    local: to('local', { type: 'SRC_IP', values: [['IN', '127.0.3.1', '127.0.3.2']] }),
  });
});
afterAll(() => lab.stop());

describe('ALB-10 SRC_IP', () => {
  const cases: readonly Match[] = [
    { name: 'RANGE holds the peer', from: '127.0.2.7', want: 'peer' },
    { name: 'RANGE does not', from: '127.0.4.1', want: 404 },
    { name: 'numerically: 127.0.2.99 stands before 127.0.2.255', from: '127.0.2.99', want: 'peer' },
    { name: 'IN', from: '127.0.3.2', want: 'local' },
    { name: 'a header of a peer nobody trusts is nothing', from: '127.0.4.1', ...forwarded('127.0.2.7'), want: 404 },
    { name: 'X-Real-IP neither', from: '127.0.4.1', headers: { 'x-real-ip': '127.0.2.7' }, want: 404 },
  ];
  test.each(cases)('$name', (match) => expectMatch(port, match));
});

describe('ALB-10 behind trusted proxies', () => {
  const cases: readonly Match[] = [
    { name: '2001:db8::10, a trusted proxy', ...forwarded('2001:db8::10, 10.0.0.1'), want: 'v6' },
    { name: '2001:db8::100', ...forwarded('2001:db8::100, 10.0.0.1'), want: 404 },
    { name: 'the last one that is not trusted counts', ...forwarded('192.0.2.7, 198.51.100.1'), want: 404 },
    { name: 'before a trusted one', ...forwarded('192.0.2.7, 10.1.1.1'), want: 'v4' },
    { name: 'no header: the peer', want: 404 },
    { name: 'a peer that is not trusted', ...forwarded('192.0.2.7'), from: '127.0.9.1', want: 404 },
    { name: 'X-Real-IP', headers: { 'x-real-ip': '192.0.2.7' }, want: 'v4' },
    {
      name: 'X-Real-IP before X-Forwarded-For',
      headers: { 'x-real-ip': '192.0.2.7', 'x-forwarded-for': '192.0.2.8' },
      want: 'v4',
    },
    {
      name: 'X-Real-IP of a peer that is not trusted',
      headers: { 'x-real-ip': '192.0.2.7' },
      from: '127.0.9.1',
      want: 404,
    },
    { name: 'an operand in another spelling', ...forwarded('2001:db8::1:0:0:1'), want: 'v6' },
  ];
  test.each(cases)('$name', (match) => expectMatch(trusting, match));
});

test('ALB-10 bad input: a range upside down', async () => {
  const upsideDown = to('peer', { type: 'SRC_IP', values: [['RANGE', '10.0.0.9', '10.0.0.1']] });
  const { code, stderr } = await lab.home.tryApply(rule({ alb: ALB, frontend: 'web', name: 'refused' }, upsideDown));
  expect(code).toBe(1);
  expect(stderr).toContain('spec.dslx[0].values[0]: Invalid value: range start above end: 10.0.0.9 > 10.0.0.1');
});

function forwarded(addresses: string): Ask {
  return { headers: { 'x-forwarded-for': addresses } };
}
