import { afterAll, beforeAll, describe, test } from 'vitest';
import { Lab } from './lab.ts';
import { addRules, expectMatch, type Match, type Term, to } from './matching.ts';

let lab: Lab;
let port: number;

/** A Rule for a path of its own, so that the cases do not meet. */
function at(path: string, term: Term): ReturnType<typeof to> {
  return to('app', { type: 'URL', values: [['EQ', path]] }, term);
}

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web');
  await addRules(lab, 'web', {
    header: at('/header', { type: 'HEADER', key: 'X-Env', values: [['EQ', 'dev']] }),
    joined: at('/joined', { type: 'HEADER', key: 'X-List', values: [['EQ', '1, 2']] }),
    underscore: at('/underscore', { type: 'HEADER', key: 'X_Env', values: [['EQ', 'dev']] }),
    range: at('/range', { type: 'HEADER', key: 'X-Level', values: [['RANGE', 'b', 'd']] }),
    'header-exists': at('/header-exists', { type: 'HEADER', key: 'X-Env', values: [['EXIST']] }),
    param: at('/param', { type: 'PARAM', key: 'a', values: [['EXIST']] }),
    'param-regex': at('/param-regex', { type: 'PARAM', key: 'a', values: [['REGEX', '.*']] }),
    'param-value': at('/param-value', { type: 'PARAM', key: 'ä b', values: [['EQ', '50 %']] }),
    mixed: at('/mixed', { type: 'PARAM', key: 'a', values: [['EQ', '1'], ['EXIST']] }),
    cookie: at('/cookie', { type: 'COOKIE', key: 'uid', values: [['EXIST']] }),
    'cookie-value': at('/cookie-value', { type: 'COOKIE', key: 'uid', values: [['IN', '1', 'a=b']] }),
  });
});
afterAll(() => lab.stop());

describe('ALB-09 HEADER, PARAM, COOKIE', () => {
  const many = Array.from({ length: 300 }, (_, n) => `p${n}=${n}`).join('&');
  const cases: readonly Match[] = [
    { name: 'HEADER X-Env EQ dev: x-env: dev', path: '/header', headers: { 'x-env': 'dev' }, want: 'app' },
    { name: 'HEADER: another value', path: '/header', headers: { 'x-env': 'Dev' }, want: 404 },
    { name: 'HEADER: no header', path: '/header', want: 404 },
    { name: 'HEADER several times: joined', path: '/joined', headers: { 'X-List': ['1', '2'] }, want: 'app' },
    { name: 'HEADER several times: not one of them', path: '/joined', headers: { 'X-List': '1' }, want: 404 },
    { name: 'HEADER X_Env stands for X-Env', path: '/underscore', headers: { 'X-ENV': 'dev' }, want: 'app' },
    { name: 'HEADER X_Env as it is written', path: '/underscore', headers: { x_env: 'dev' }, want: 'app' },
    { name: 'HEADER RANGE', path: '/range', headers: { 'x-level': 'cz' }, want: 'app' },
    { name: 'HEADER RANGE: outside', path: '/range', headers: { 'x-level': 'da' }, want: 404 },
    { name: 'HEADER EXIST: empty', path: '/header-exists', headers: { 'x-env': '' }, want: 'app' },
    { name: 'PARAM a EXIST: ?a', path: '/param?a', want: 'app' },
    { name: 'PARAM a EXIST: the name counts case', path: '/param?A', want: 404 },
    { name: 'PARAM a EXIST behind 300 others', path: `/param?${many}&a`, want: 'app' },
    { name: 'PARAM REGEX .*: an empty value', path: '/param-regex?a=', want: 'app' },
    { name: 'PARAM REGEX .*: without parameter', path: '/param-regex', want: 404 },
    { name: 'PARAM: name and value decoded', path: '/param-value?%C3%A4+b=50+%25', want: 'app' },
    { name: 'PARAM several times: any value', path: '/param-value?%C3%A4%20b=1&%C3%A4%20b=50%20%', want: 'app' },
    { name: 'EXIST among other rows', path: '/mixed?a=2', want: 'app' },
    { name: 'COOKIE uid EXIST', path: '/cookie', headers: { cookie: 'x=y; uid=' }, want: 'app' },
    { name: 'COOKIE uid EXIST: no cookie', path: '/cookie', want: 404 },
    { name: 'COOKIE: the name counts case', path: '/cookie', headers: { cookie: 'UID=1' }, want: 404 },
    { name: 'COOKIE: its value', path: '/cookie-value', headers: { cookie: 'uid=a=b' }, want: 'app' },
    { name: 'COOKIE in the second header', path: '/cookie-value', headers: { cookie: ['x=1', 'uid=1'] }, want: 'app' },
  ];
  test.each(cases)('$name', (match) => expectMatch(port, match));
});
