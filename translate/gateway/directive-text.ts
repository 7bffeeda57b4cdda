/**
 * Reads nginx configuration text as a list of simple directives; nothing of it is ever passed on as text.
 *
 * Source: nginx, ngx_conf_read_token: words end at blanks, `;` and `{`; `#` begins a comment at the start of a word;
 * quotes of either kind keep blanks.
 */
export interface Directive {
  readonly name: string;
  readonly values: readonly string[];
  /** From 1. */
  readonly line: number;
}

export interface DirectiveMistake {
  readonly line: number;
  readonly message: string;
}

export interface DirectiveText {
  readonly directives: readonly Directive[];
  /** What cannot be read; a block counts as one, with all that is in it. */
  readonly mistakes: readonly DirectiveMistake[];
}

const MAX_LENGTH = 64 * 1024;

export function readDirectives(text: string): DirectiveText {
  const directives: Directive[] = [];
  const mistakes: DirectiveMistake[] = [];
  if (text.length > MAX_LENGTH) return { directives, mistakes: [{ line: 1, message: 'too long' }] };
  let words: string[] = [];
  let wordsLine = 1;
  let line = 1;
  let depth = 0;
  let index = 0;
  while (index < text.length) {
    const char = text[index] ?? '';
    if (char === '\n') line += 1;
    if (/\s/.test(char)) {
      index += 1;
    } else if (char === '#') {
      while (index < text.length && text[index] !== '\n') index += 1;
    } else if (char === ';') {
      if (depth === 0 && words.length === 0) mistakes.push({ line, message: 'unexpected ";"' });
      const [name, ...values] = words;
      if (depth === 0 && name !== undefined) directives.push({ name, values, line: wordsLine });
      words = [];
      index += 1;
    } else if (char === '{') {
      if (depth === 0) mistakes.push({ line, message: `block "${words.join(' ')}": blocks are not taken` });
      depth += 1;
      words = [];
      index += 1;
    } else if (char === '}') {
      if (depth === 0 || words.length > 0) mistakes.push({ line, message: 'unexpected "}"' });
      depth = Math.max(0, depth - 1);
      words = [];
      index += 1;
    } else {
      if (words.length === 0) wordsLine = line;
      const word = readWord(text, index);
      if (word === undefined) {
        mistakes.push({ line, message: 'a quote is not closed' });
        return { directives, mistakes };
      }
      words.push(word.text);
      line += text.slice(index, word.end).split('\n').length - 1;
      index = word.end;
    }
  }
  if (depth > 0) mistakes.push({ line, message: 'a block is not closed' });
  else if (words.length > 0) mistakes.push({ line: wordsLine, message: `"${words[0]}" is not terminated by ";"` });
  return { directives, mistakes };
}

function readWord(text: string, start: number): { readonly text: string; readonly end: number } | undefined {
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    let word = '';
    for (let index = start + 1; index < text.length; index += 1) {
      const char = text[index] ?? '';
      if (char === quote) return { text: word, end: index + 1 };
      if (char === '\\') index += 1;
      word += text[index] ?? '';
    }
    return undefined;
  }
  const [word = ''] = /^[^\s;{}]+/.exec(text.slice(start, start + 4096)) ?? [];
  return { text: word, end: start + word.length };
}
