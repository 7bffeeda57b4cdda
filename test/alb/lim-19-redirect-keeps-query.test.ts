import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start([]);
  port = await lab.open('web');
});
afterAll(() => lab.stop());

describe('LIM-19 redirects keep the query, and an absolute url is one Location', () => {
  test.each([
    ['host', { host: 'b.com' }, '/host?a=1&b=%2F', 'http://b.com/host?a=1&b=%2F'],
    ['prefix', { prefix_match: '/prefix', replace_prefix: '/p' }, '/prefix/x?a=1', 'http://a.com/p/x?a=1'],
    [
      'absolute',
      { url: 'https://b.com/x', scheme: 'https', host: 'c.com', port: 9 },
      '/absolute?a=1',
      'https://b.com/x',
    ],
    ['query', { url: '/y?own=1', host: 'b.com' }, '/query?a=1', 'http://b.com/y?own=1'],
  ])('%s', async (name, redirect, path, location) => {
    await lab.addRule('web', name, {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', `/${name}`]] }],
      config: { redirect },
    });
    expect((await answersWith(302, port, path, { host: 'a.com' })).headers.location).toBe(location);
  });
});
