import { describe, expect, test } from 'vitest';
import { readDirectives } from './directive-text.ts';

const cases: readonly { name: string; text: string; directives?: readonly string[][]; mistakes?: readonly string[] }[] =
  [
    { name: 'nothing', text: ' \n# only a comment; really' },
    { name: 'one', text: 'a 1;', directives: [['a', '1']] },
    { name: 'several on a line, one over lines', text: 'a;b\n 1\n 2;', directives: [['a'], ['b', '1', '2']] },
    { name: 'quotes', text: `a "x y" 'z;{' "q\\"";`, directives: [['a', 'x y', 'z;{', 'q"']] },
    { name: 'a # within a word is no comment', text: 'a b#c;', directives: [['a', 'b#c']] },
    {
      name: 'not terminated',
      text: 'a 1;\nb 2',
      directives: [['a', '1']],
      mistakes: ['2: "b" is not terminated by ";"'],
    },
    { name: 'a quote that is not closed', text: 'a "x;\ny', mistakes: ['1: a quote is not closed'] },
    {
      name: 'a block is one mistake, what is in it is not read',
      text: 'server {\n listen 80;\n location / { return 200; }\n}\na 1;',
      directives: [['a', '1']],
      mistakes: ['1: block "server": blocks are not taken'],
    },
    {
      name: 'a block that is not closed',
      text: 'a {\n b;',
      mistakes: ['1: block "a": blocks are not taken', '2: a block is not closed'],
    },
    { name: 'stray signs', text: ';\n}', mistakes: ['1: unexpected ";"', '2: unexpected "}"'] },
  ];

describe('directives', () => {
  for (const { name, text, directives = [], mistakes = [] } of cases) {
    test(name, () => {
      const read = readDirectives(text);
      expect(read.directives.map((each) => [each.name, ...each.values])).toEqual(directives);
      expect(read.mistakes.map(({ line, message }) => `${line}: ${message}`)).toEqual(mistakes);
    });
  }

  test('random text ends, and is either read or told', () => {
    let seed = 20_261_121;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const signs = ['a', 'b1', ' ', '\n', ';', '{', '}', '"', "'", '\\', '#', '$x'];
    for (let round = 0; round < 5_000; round += 1) {
      const text = Array.from({ length: random(30) }, () => signs[random(signs.length)]).join('');
      const { directives, mistakes } = readDirectives(text);
      const isSilent = directives.length === 0 && mistakes.length === 0;
      // Silence only where there is nothing but blanks and comments.
      if (isSilent) expect(text.replaceAll(/#[^\n]*/g, '').trim()).toBe('');
    }
  });
});
