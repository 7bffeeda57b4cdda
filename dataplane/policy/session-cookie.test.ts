import { describe, expect, test } from 'vitest';
import { cookieAttributes, isOver, knowsSameSiteNone, parseSession, peerMark, sessionValue } from './session-cookie.ts';

const mark = peerMark({ address: '10.0.0.1', port: 80, weight: 1 });

describe('a session', () => {
  test.each([{ ofCanary: false }, { ofCanary: true }])('is read as it was written: %o', ({ ofCanary }) => {
    const session = { key: '1.2.3', mark, ofCanary };
    expect(parseSession(sessionValue(session))).toEqual(session);
  });

  test.each([
    undefined,
    '',
    'x',
    '|',
    `|${mark}`,
    '1.2.3|',
    '1.2.3|abc',
    `1.2.3|${mark}|d`,
    `1.2.3|${mark}x`,
    `${'1'.repeat(65)}|${mark}`,
  ])('of somebody else: %j', (value) => {
    expect(parseSession(value)).toBeUndefined();
  });

  test.each([
    ['1000.5.7', undefined, 9_999_999, false],
    ['1000.5.7', 60, 1059, false],
    ['1000.5.7', 60, 1060, true],
    ['not ours', 60, 1000, true],
    ['99999999999.1', 60, 1000, true],
  ])('that began at %s and lasts %s is over at %d: %s', (key, absoluteSeconds, now, expected) => {
    const cookie = {
      mode: 'persistent',
      path: '/',
      ...(absoluteSeconds !== undefined && { absoluteSeconds }),
    } as const;
    expect(isOver({ key, mark, ofCanary: false }, cookie, now)).toBe(expected);
  });

  test('marks differ, and do not tell the address', () => {
    expect(mark).toMatch(/^[0-9a-f]{16}$/);
    expect(peerMark({ address: '10.0.0.1', port: 81, weight: 1 })).not.toBe(mark);
    expect(peerMark({ address: '10.0.0.2', port: 80, weight: 1 })).not.toBe(mark);
  });
});

describe('attributes', () => {
  test.each([
    [{}, false, '; Path=/; HttpOnly'],
    [{}, true, '; Path=/; Secure; HttpOnly'],
    [{ secure: false }, true, '; Path=/; HttpOnly'],
    [{ maxAgeSeconds: 60, sameSite: 'Strict', path: '/p' }, false, '; Max-Age=60; SameSite=Strict; Path=/p; HttpOnly'],
    [{ domain: 'a.com', secure: true }, false, '; Domain=a.com; Path=/; Secure; HttpOnly'],
    [{ sameSite: 'None' }, false, '; SameSite=None; Path=/; HttpOnly'],
  ] as const)('%o', (given, overTls, want) => {
    expect(cookieAttributes({ mode: 'balanced', path: '/', ...given }, overTls, undefined)).toBe(want);
  });

  test('SameSite=None is left out for browsers that do not know it, if that is asked for', () => {
    const old = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.1 Safari/537.36';
    const cookie = { mode: 'balanced', path: '/', sameSite: 'None' } as const;
    expect(cookieAttributes(cookie, false, old)).toContain('SameSite=None');
    expect(cookieAttributes({ ...cookie, sameSiteNoneIfKnown: true }, false, old)).not.toContain('SameSite');
  });
});

test.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Safari/604.1', false],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 13_1 like Mac OS X) AppleWebKit/605.1.15 Version/13.0 Safari/604.1', true],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 Version/12.1 Safari/605.1.15', false],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/537.36 Chrome/80.0.3 Safari/537.36', true],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/51.0.2704 Safari/537.36', false],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/67.0.3396 Safari/537.36', true],
  ['Mozilla/5.0 (Linux; U; Android 8.1) UCBrowser/12.13.0 Mobile', false],
  ['', true],
])('SameSite=None is known to %s: %s', (userAgent, want) => {
  expect(knowsSameSiteNone(userAgent)).toBe(want);
});
