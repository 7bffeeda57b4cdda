import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { rule } from '../acceptance/objects.ts';
import { ALB, Lab } from './lab.ts';
import { addRules, expectMatch, type Match, startsWith, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['start', 'exact', 'pattern', 'unicode', 'end', 'bomb', 'plain']);
  port = await lab.open('web');
  await addRules(lab, 'web', {
    start: to('start', startsWith('/a b')),
    exact: to('exact', { type: 'URL', values: [['EQ', '/x']] }),
    pattern: to('pattern', { type: 'URL', values: [['REGEX', '^/v[0-9]+/']] }),
    unicode: to('unicode', startsWith('/größe/日本')),
    end: to('end', { type: 'URL', values: [['ENDS_WITH', '.min.js']] }),
    // Nothing in common but that matching them takes exponential time.
    bomb: to('bomb', { type: 'URL', values: [['REGEX', '^/bomb/(a+)+$']] }),
    'bomb-2': to('bomb', { type: 'URL', values: [['REGEX', '^/bomb/(a|aa)+$']] }),
    'bomb-3': to('bomb', { type: 'URL', values: [['REGEX', '^/bomb/(?=(a+)+$)']] }),
    'bomb-4': to('bomb', { type: 'URL', values: [['REGEX', '^/bomb/(.*a){20}$']] }),
    plain: to('plain', startsWith('/plain')),
  });
});
afterAll(() => lab.stop());

describe('ALB-08 URL on the decoded path', () => {
  const cases: readonly Match[] = [
    { name: 'STARTS_WITH /a b: /a%20b/c', path: '/a%20b/c', want: 'start' },
    { name: 'EQ /x: the query is not part of it', path: '/x?y=1', want: 'exact' },
    { name: 'EQ /x: /x/', path: '/x/', want: 404 },
    { name: 'dot segments and repeated slashes go first', path: '//y/..///x', want: 'exact' },
    { name: 'REGEX ^/v[0-9]+/: /v2/z', path: '/v2/z', want: 'pattern' },
    { name: 'REGEX ^/v[0-9]+/: /vv/z', path: '/vv/z', want: 404 },
    { name: 'not ASCII', path: '/gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC/x', want: 'unicode' },
    { name: 'ENDS_WITH: a plain suffix, dots before it do not matter', path: '/a.b/c.min.js', want: 'end' },
    { name: 'ENDS_WITH: another end', path: '/c.min.css', want: 404 },
  ];
  test.each(cases)('$name', (match) => expectMatch(port, match));
});

describe('ALB-08 hostile regular expressions (design D6)', () => {
  test('cost their own request only: matching gives up, the worker serves on', async () => {
    await expectMatch(port, { name: 'it matches what it can', path: '/bomb/aaaa', want: 'bomb' });
    await expectMatch(port, { name: 'others are served', path: '/plain', want: 'plain' });
    const workers = lab.home.nginx(port);
    const bomb = `/bomb/${'a'.repeat(4000)}!`;
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, bomb)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    console.log(`20 requests against 4 exponential expressions: ${Math.round(performance.now() - started)} ms`);
    await expectMatch(port, { name: 'others are served', path: '/plain', want: 'plain' });
    expect(lab.home.nginx(port)).toEqual(workers);
  });
});

test('ALB-08 an expression that only PCRE knows is accepted with a Warning, and matches (design D6)', async () => {
  const ahead = to('plain', { type: 'URL', values: [['REGEX', '^/ahead/(?!admin)']] });
  const { code, stderr } = await lab.home.tryApply(rule({ alb: ALB, frontend: 'web', name: 'ahead' }, ahead));
  expect(code).toBe(0);
  expect(stderr).toContain(
    'Warning: spec.dslx[0].values[0][1]: regular expression "^/ahead/(?!admin)" is for nginx only',
  );
  await expectMatch(port, { name: 'another word', path: '/ahead/user', want: 'plain' });
  await expectMatch(port, { name: 'the word', path: '/ahead/admin', want: 404 });
});
