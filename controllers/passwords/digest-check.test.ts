import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DigestCheck } from './digest-check.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const USERS = new Map([['foo:r', md5('foo:r:bar')]]);

function question(nonce: string | undefined, more = '') {
  const response = md5(`${md5('foo:r:bar')}:${nonce}:00000001:c:auth:${md5('GET:/x')}`);
  const credentials = `username="foo",realm="r",nonce="${nonce}",uri="/x",qop=auth,nc=00000001,cnonce="c",response="${response}"${more}`;
  return {
    users: USERS,
    realm: 'r',
    method: 'GET',
    target: '/x',
    credentials: nonce === undefined ? undefined : credentials,
  };
}

function nonceFrom(check: DigestCheck): string {
  const verdict = check.verify(question(undefined));
  return verdict.verdict === 'no' ? (/nonce="([^"]+)"/.exec(verdict.challenges[0] ?? '')?.[1] ?? '') : '';
}

test('a nonce is good for five minutes; then the client is told that only the nonce was wrong', () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const check = new DigestCheck(() => now);
  const [first, second] = [nonceFrom(check), nonceFrom(check)];
  now += 299_000;
  expect(check.verify(question(first))).toEqual({ verdict: 'yes', user: 'foo' });
  now += 2_000;
  const late = check.verify(question(second));
  expect(late).toMatchObject({ verdict: 'no', challenges: [expect.stringMatching(/, stale=true$/)] });
});

test.each([',username="root"', ', =', ', uri=/y'])(
  'parameters that could be read in two ways are refused: %s',
  (more) => {
    const check = new DigestCheck(() => 0);
    expect(check.verify(question(nonceFrom(check), more)).verdict).toBe('no');
  },
);

test('a nonce of another agent is not ours, and the count of ours is good once', () => {
  const check = new DigestCheck(() => 0);
  expect(check.verify(question(nonceFrom(new DigestCheck(() => 0)))).verdict).toBe('no');
  const nonce = nonceFrom(check);
  expect(check.verify(question(nonce)).verdict).toBe('yes');
  expect(check.verify(question(nonce)).verdict).toBe('no');
});
