/**
 * Design D6: an expression that admission takes without a Warning means the same to RE2, which explains, and to PCRE, which
 * serves. Random expressions of the whole syntax, those of no dialect included, on random texts.
 */
import { checkRegex } from '@causeway/apis/gateway/regex';
import { LuaEngine } from '@causeway/dataplane/test/lua-engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine, recordsOf } from './engine.ts';
import { Random } from './random.ts';

const SEED = Number(process.env['CAUSEWAY_SEED'] ?? 5);
const PATTERNS = 6000;
const TEXTS = 6;
const PATTERNS_PER_BATCH = 150;

let lua: LuaEngine;

beforeAll(async () => {
  lua = await LuaEngine.start();
});

afterAll(() => lua?.stop());

/** Pieces of expressions, sensible or not, in any order. */
const PIECES = [
  ...[
    'a',
    'b',
    'K',
    'k',
    's',
    '1',
    ' ',
    '-',
    '/',
    '.',
    '|',
    '^',
    '$',
    '(',
    ')',
    '(?:',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '=',
    '!',
  ],
  ...['*', '+', '?', '{2}', '{1,}', '{0,2}', '{,2}', '{2', '*?', '+?', '??', '*+', '{1}{2}'],
  ...[
    '[ab]',
    '[^a]',
    '[a-c]',
    '[]a]',
    '[^]a]',
    '[a-]',
    '[-a]',
    '[a\\]b]',
    '[\\d-z]',
    '[[:alpha:]]',
    '[[:^alpha:]]',
    '[[:word:]]',
  ],
  ...[
    '[[:foo:]]',
    '[[.a.]]',
    '[[=a=]]',
    '[a[b]',
    '[\\s]',
    '[^\\s]',
    '[\\S]',
    '[\\w-]',
    '[\\x41-\\x43]',
    '[é]',
    '[\\b]',
    '[\\v]',
  ],
  ...[
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\b',
    '\\B',
    '\\A',
    '\\z',
    '\\Z',
    '\\t',
    '\\n',
    '\\r',
    '\\f',
    '\\a',
    '\\e',
    '\\v',
  ],
  ...[
    '\\h',
    '\\R',
    '\\K',
    '\\G',
    '\\C',
    '\\X',
    '\\N',
    '\\0',
    '\\01',
    '\\012',
    '\\1',
    '\\12',
    '\\8',
    '\\x41',
    '\\x{41}',
    '\\xe9',
    '\\x{100}',
  ],
  ...[
    '\\x',
    '\\Qa.b\\E',
    '\\Q',
    '\\E',
    '\\.',
    '\\-',
    '\\/',
    '\\@',
    '\\é',
    '\\_',
    '\\pL',
    '\\p{Lu}',
    '\\PL',
    '\\c',
    '\\o{101}',
  ],
  ...[
    '(?i)',
    '(?-i)',
    '(?s)',
    '(?m)',
    '(?x)',
    '(?U)',
    '(?i:a)',
    '(?s:.)',
    '(?P<n>a)',
    '(?<n>a)',
    '(?P=n)',
    '(?#x)',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?>a)',
    '(?|a)',
    '(*UTF8)',
    'é',
    'É',
    'ß',
  ],
];
const LETTERS = [
  'a',
  'b',
  'c',
  'k',
  'K',
  's',
  '1',
  '2',
  ' ',
  '-',
  '/',
  '.',
  '\t',
  '\n',
  '\v',
  '\r',
  '\u00a0',
  'é',
  'É',
  'ß',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '\\',
  '_',
  'A',
  'Q',
  'E',
  '\u0007',
  '\u001b',
  '\u2028',
];

test(`${PATTERNS} expressions that both know: no difference`, { timeout: 300_000 }, async () => {
  const random = new Random(SEED);
  const differences: string[] = [];
  let tried = 0;
  while (tried < PATTERNS) {
    const patterns: string[] = [];
    while (patterns.length < PATTERNS_PER_BATCH) {
      const pattern = random.list(1, 5, () => random.pick(PIECES)).join('');
      if (checkRegex(pattern).dialect === 'portable') patterns.push(pattern);
    }
    const cases = patterns.map((pattern) => ({
      rule: { name: 'r', priority: 0, dslx: [{ type: 'HEADER' as const, key: 'x', values: [['REGEX', pattern]] }] },
      requests: Array.from({ length: TEXTS }, () => ({
        headers: { x: [random.list(0, 6, () => random.pick(LETTERS)).join('')] },
      })),
    }));
    const answers = await lua.match(cases.map(({ rule, requests }) => ({ routes: recordsOf(rule), requests })));
    for (const [n, { rule, requests }] of cases.entries()) {
      const engine = new Engine([rule]);
      for (const [m, request] of requests.entries()) {
        const [re2, pcre] = [engine.match(request) ?? 'none', answers[n]?.[m]];
        if (re2 !== pcre)
          differences.push(
            `${JSON.stringify(patterns[n])} on ${JSON.stringify(request.headers.x[0])}: RE2 ${re2}, PCRE ${pcre}`,
          );
      }
    }
    tried += patterns.length;
  }
  console.log(`seed ${SEED}: ${tried} expressions on ${tried * TEXTS} texts, ${differences.length} differences`);
  expect(differences).toEqual([]);
});
