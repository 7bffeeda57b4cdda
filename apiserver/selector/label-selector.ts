import { labelValue, qualifiedName } from '../schema/names.ts';
import { SelectorError } from './selector-error.ts';

/*
 * A parser of label selectors with one token of lookahead, after the one in Kubernetes, so that the error texts are the same:
 *
 *   selector    = [ requirement { "," requirement } ]
 *   requirement = [ "!" ] KEY | KEY operator value | KEY ("in" | "notin") "(" [ value { "," value } ] ")"
 *   operator    = "=" | "==" | "!=" | ">" | "<"
 *
 * `in` and `notin` are words: where a value is expected they are ordinary values.
 *
 * Source: apimachinery pkg/labels/selector.go.
 */

export type LabelOperator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** One value for `=`, `!=`, `gt` and `lt`, none for `exists` and `!`. */
  readonly values: readonly string[];
}

type TokenKind = 'identifier' | 'end' | 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<' | '(' | ')' | ',' | '!';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const END: Token = { kind: 'end', text: '' };

/**
 * All requirements must hold.
 *
 * @throws SelectorError
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return new Parser(tokensOf(text)).parse();
}

export function labelsMatch(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every((requirement) => requirementHolds(requirement, labels ?? {}));
}

function requirementHolds(
  { key, operator, values }: LabelRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
      return value !== undefined && isInteger(value) && BigInt(value) > BigInt(values[0] ?? 0);
    case 'lt':
      return value !== undefined && isInteger(value) && BigInt(value) < BigInt(values[0] ?? 0);
  }
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:(==|!=|[=<>(),!])|([^\s=!(),<>]+))/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, symbol, word] = match;
    if (symbol !== undefined) tokens.push({ kind: symbol as TokenKind, text: symbol });
    else if (word === 'in' || word === 'notin') tokens.push({ kind: word, text: word });
    else if (word !== undefined) tokens.push({ kind: 'identifier', text: word });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): readonly LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const first = this.#peekValue();
      if (first.kind === 'end' && requirements.length === 0) return requirements;
      if (first.kind !== 'identifier' && first.kind !== '!') {
        throw requirements.length === 0
          ? new SelectorError(`found '${first.text}', expected: !, identifier, or 'end of string'`)
          : new SelectorError(`found '${first.text}', expected: identifier after ','`);
      }
      requirements.push(this.#requirement());
      const after = this.#take();
      if (after.kind === 'end') return requirements;
      if (after.kind !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
    }
  }

  #requirement(): LabelRequirement {
    const negated = this.#peek().kind === '!';
    if (negated) this.#next++;
    const key = this.#takeValue();
    if (key.kind !== 'identifier') throw problem(`found '${key.text}', expected: identifier`);
    checkKey(key.text);
    const next = this.#peek().kind;
    if (negated || next === 'end' || next === ',') {
      return { key: key.text, operator: negated ? '!' : 'exists', values: [] };
    }
    return this.#comparison(key.text);
  }

  #comparison(key: string): LabelRequirement {
    const operator = this.#take();
    switch (operator.kind) {
      case '=':
      case '==':
        return { key, operator: '=', values: [this.#exactValue(key)] };
      case '!=':
        return { key, operator: '!=', values: [this.#exactValue(key)] };
      case '>':
        return { key, operator: 'gt', values: [this.#number(key)] };
      case '<':
        return { key, operator: 'lt', values: [this.#number(key)] };
      case 'in':
      case 'notin':
        return { key, operator: operator.kind, values: this.#set(key) };
      default:
        throw problem(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  /** The empty value needs no token: `a=` and `a=,b` are fine. */
  #exactValue(key: string): string {
    const next = this.#peekValue();
    if (next.kind === 'end' || next.kind === ',') return '';
    if (next.kind !== 'identifier') throw problem(`found '${next.text}', expected: identifier`);
    this.#next++;
    return checkedValue(key, next.text);
  }

  #number(key: string): string {
    const text = this.#exactValue(key);
    if (isInteger(text)) return text;
    throw problem(
      `values[0]: Invalid value: ${JSON.stringify(text)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }

  #set(key: string): readonly string[] {
    const open = this.#take();
    if (open.kind !== '(') throw problem(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const token = this.#takeValue();
      if (token.kind === ')' && values.length === 0) return [''];
      if (token.kind === ',' || token.kind === ')') {
        values.push('');
        if (token.kind === ')') return values;
        continue;
      }
      if (token.kind !== 'identifier') throw problem(`found '${token.text}', expected: ',', ')' or identifier`);
      values.push(checkedValue(key, token.text));
      const after = this.#take();
      if (after.kind === ')') return values;
      if (after.kind !== ',') throw problem(`found '${after.text}', expected: ',' or ')'`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? END;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  /** Where a value is expected, `in` and `notin` are values. */
  #peekValue(): Token {
    const token = this.#peek();
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
  }

  #takeValue(): Token {
    const token = this.#peekValue();
    this.#next++;
    return token;
  }
}

function checkKey(key: string): void {
  const wrong = qualifiedName(key);
  if (wrong !== undefined) throw problem(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong}`);
}

function checkedValue(key: string, value: string): string {
  const wrong = labelValue(value);
  if (wrong !== undefined) throw problem(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong}`);
  return value;
}

function problem(text: string): SelectorError {
  return new SelectorError(`unable to parse requirement: ${text}`);
}
