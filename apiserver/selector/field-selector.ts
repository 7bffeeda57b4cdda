import { SelectorError } from './selector-error.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/**
 * `a=b,c!=d`; in values `\`, `,` and `=` are escaped with `\`. All requirements must hold.
 *
 * Source: apimachinery pkg/fields/selector.go.
 *
 * @throws SelectorError
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => {
      const requirement = parseTerm(term);
      if (requirement !== undefined) return requirement;
      throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    });
}

/** Splits at commas that are not escaped. */
function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string): FieldRequirement | undefined {
  const match = /^((?:\\.|[^\\=!])*?)(!=|==|=)(.*)$/s.exec(term);
  if (match === null) return undefined;
  const [, field = '', operator = '', value = ''] = match;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescaped(value) };
}

function unescaped(value: string): string {
  const bad = /\\(?![\\,=])|(?<!\\)(?:\\\\)*=/.exec(value);
  if (bad === null) return value.replace(/\\([\\,=])/g, '$1');
  throw new SelectorError(
    value[bad.index] === '\\' && !bad[0].includes('=')
      ? `invalid field selector: invalid escape sequence: ${value.slice(bad.index, bad.index + 2)}`
      : `invalid field selector: unescaped character in value: ${'='.charCodeAt(0)}`,
  );
}
