import type { Expression, FoldMacro, ListItem, MapEntry } from './expression.ts';
import { CelSyntaxError, type SourceError } from './source.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A rule that nests deeper than this is refused, as in cel-go: nobody writes one, and the stack is finite. */
const DEPTH_MAX = 250;
const CHAIN_MAX = 600;

/** Source: cel-go, ExpressionSizeCodePointLimit. */
const SIZE_MAX = 100_000;

const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

const EXPECTED =
  "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/**
 * Reads an expression of the Common Expression Language with optional syntax (`a.?b`, `a[?b]`, `{?k: v}`) and the macros
 * of Kubernetes: has, all, exists, exists_one, map, filter, those with two variables, optMap and optFlatMap.
 *
 * Source: CEL language definition, "Syntax" and "Macros"; cel-go ext, two-variable comprehensions and optionals.
 *
 * @throws CelSyntaxError
 */
export function parse(source: string): Expression {
  const size = source.length;
  if (size > SIZE_MAX) {
    throw new CelSyntaxError(0, `expression code point size exceeds limit: size: ${size}, limit ${SIZE_MAX}`);
  }
  const errors: SourceError[] = [];
  const expression = parsed(source, errors);
  const [first, ...others] = errors;
  if (first !== undefined) throw new CelSyntaxError(first.at, first.message, others);
  checkDepth(expression);
  return expression;
}

function parsed(source: string, errors: SourceError[]): Expression {
  const tokens = tokensOf(source, (error) => errors.push(error));
  try {
    return new Parser(source, tokens).parse();
  } catch (error) {
    if (!(error instanceof CelSyntaxError) || errors.length === 0) throw error;
    throw new CelSyntaxError(error.errors[0]?.at ?? 0, error.message, errors);
  }
}

/** Also chains of operators make deep trees, which are walked recursively later. */
function checkDepth(expression: Expression): void {
  const pending = [{ each: expression, depth: 1 }];
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    const { each, depth } = top;
    if (depth > CHAIN_MAX) throw new CelSyntaxError(each.at, `expression recursion limit exceeded: ${CHAIN_MAX}`);
    for (const inner of partsOf(each)) pending.push({ each: inner, depth: depth + 1 });
  }
}

/** The expressions directly inside an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
      return [];
    case 'select':
      return [expression.operand];
    case 'call':
      return expression.target === undefined ? expression.args : [expression.target, ...expression.args];
    case 'list':
      return expression.items.map(({ value }) => value);
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'optionalMap':
      return [expression.target, expression.body];
    case 'fold': {
      const { range, condition, result } = expression;
      return [range, condition, result].filter((each) => each !== undefined);
    }
  }
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#expression();
    const token = this.#next();
    if (token.kind !== 'end') {
      const word = this.#peek().kind === 'end' ? 'extraneous' : 'mismatched';
      throw new CelSyntaxError(token.at, `Syntax error: ${word} input '${token.text}' expecting <EOF>`);
    }
    return expression;
  }

  #expression(): Expression {
    if (++this.#depth > DEPTH_MAX) {
      throw new CelSyntaxError(this.#peek().at, `expression recursion limit exceeded: ${DEPTH_MAX}`);
    }
    let expression = this.#binary(0);
    const token = this.#peek();
    if (this.#take('?')) {
      const yes = this.#binary(0);
      this.#expect(':');
      const no = this.#expression();
      expression = { kind: 'call', at: token.at, name: '_?_:_', target: undefined, args: [expression, yes, no] };
    }
    this.#depth--;
    return expression;
  }

  #binary(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const token = this.#peek();
      const name = token.kind === 'literal' ? undefined : operators[token.text];
      if (name === undefined || !Object.hasOwn(operators, token.text)) return left;
      this.#index++;
      const right = this.#binary(level + 1);
      left = { kind: 'call', at: token.at, name, target: undefined, args: [left, right] };
    }
  }

  #unary(): Expression {
    const token = this.#peek();
    if (token.kind !== 'operator' || (token.text !== '!' && token.text !== '-')) return this.#member();
    let count = 0;
    while (this.#take(token.text)) count++;
    if (token.text === '-' && count === 1) {
      const next = this.#peek();
      const { value } = next;
      if (next.kind === 'literal' && (typeof value === 'bigint' || typeof value === 'number')) {
        this.#index++;
        return this.#memberOf({ kind: 'literal', at: token.at, value: -value });
      }
    }
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return { kind: 'call', at: token.at, name: `${token.text}_`, target: undefined, args: [operand] };
  }

  #member(): Expression {
    return this.#memberOf(this.#primary());
  }

  #memberOf(first: Expression): Expression {
    let operand = first;
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'operator') return operand;
      if (this.#take('.')) {
        const optional = this.#take('?');
        const field = this.#next();
        if (field.kind !== 'identifier') throw this.#notViable(token, field);
        const paren = this.#peek();
        if (!optional && this.#take('(')) operand = memberCall(operand, field.text, paren.at, this.#list(')'));
        else operand = { kind: 'select', at: token.at, operand, field: field.text, test: false, optional };
      } else if (this.#take('[')) {
        const name = this.#take('?') ? '_[?_]' : '_[_]';
        if (this.#peek().kind === 'end') throw unexpected(this.#peek(), EXPECTED.replace("'!'", "'!', '?'"));
        const index = this.#expression();
        this.#expect(']');
        operand = { kind: 'call', at: token.at, name, target: undefined, args: [operand, index] };
      } else {
        if (token.text === '{' && isQualifiedName(operand)) {
          throw new CelSyntaxError(token.at, `undeclared reference to '${nameOf(operand)}' (in container '')`);
        }
        return operand;
      }
    }
  }

  #primary(): Expression {
    const token = this.#next();
    if (token.kind === 'literal') {
      if (token.value === 2n ** 63n) throw new CelSyntaxError(token.at, 'invalid int literal');
      return { kind: 'literal', at: token.at, value: token.value ?? null };
    }
    if (token.kind === 'identifier') return this.#identifier(token);
    switch (token.kind === 'operator' ? token.text : '') {
      case '.':
        return this.#identifier(this.#next());
      case '(': {
        const inner = this.#expression();
        this.#expect(')');
        return inner;
      }
      case '[':
        return { kind: 'list', at: token.at, items: this.#items() };
      case '{':
        return { kind: 'map', at: token.at, entries: this.#entries() };
      default:
        throw unexpected(token, EXPECTED);
    }
  }

  #identifier(token: Token): Expression {
    if (token.kind !== 'identifier') throw unexpected(token, 'expecting IDENTIFIER');
    switch (token.text) {
      case 'true':
      case 'false':
        return { kind: 'literal', at: token.at, value: token.text === 'true' };
      case 'null':
        return { kind: 'literal', at: token.at, value: null };
      case 'in':
        throw unexpected(token, EXPECTED);
      default:
        break;
    }
    const paren = this.#peek();
    if (this.#take('(')) return globalCall(token.text, paren.at, this.#list(')'));
    if (RESERVED.has(token.text)) throw new CelSyntaxError(token.at, `reserved identifier: ${token.text}`);
    return { kind: 'identifier', at: token.at, name: token.text };
  }

  #list(closing: string): Expression[] {
    const list: Expression[] = [];
    if (this.#take(closing)) return list;
    do list.push(this.#expression());
    while (this.#take(','));
    this.#expect(closing);
    return list;
  }

  #items(): ListItem[] {
    const items: ListItem[] = [];
    while (!this.#take(']')) {
      const optional = this.#take('?');
      items.push({ value: this.#expression(), optional });
      if (this.#take(',')) continue;
      if (this.#peek().kind === 'end') throw unexpected(this.#peek(), "expecting {']', ','}");
      this.#expect(']');
      break;
    }
    return items;
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = [];
    while (!this.#take('}')) {
      const optional = this.#take('?');
      const key = this.#expression();
      const { at } = this.#peek();
      this.#expect(':');
      entries.push({ at, key, value: this.#expression(), optional });
      if (this.#take(',')) continue;
      this.#expect('}');
      break;
    }
    return entries;
  }

  #notViable(from: Token, to: Token): CelSyntaxError {
    const text = [...this.#source].slice(from.at, to.at).join('') + (to.kind === 'end' ? '' : to.text);
    return new CelSyntaxError(to.at, `Syntax error: no viable alternative at input '${text}'`);
  }

  #peek(): Token {
    const token = this.#tokens[this.#index] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error('no tokens');
    return token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#index++;
    return token;
  }

  #take(operator: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== operator) return false;
    this.#index++;
    return true;
  }

  #expect(operator: string): void {
    if (this.#take(operator)) return;
    const token = this.#peek();
    const isMissing = token.kind === 'end' || (operator === ':' && token.kind !== 'operator');
    if (!isMissing) throw unexpected(token, `expecting '${operator}'`);
    throw new CelSyntaxError(token.at, `Syntax error: missing '${operator}' at '${token.text}'`);
  }
}

/** From what binds least to what binds most; texts of operators to the names of their functions. */
const PRECEDENCE: readonly Readonly<Record<string, string>>[] = [
  { '||': '_||_' },
  { '&&': '_&&_' },
  { '==': '_==_', '!=': '_!=_', '<': '_<_', '<=': '_<=_', '>': '_>_', '>=': '_>=_', in: '@in' },
  { '+': '_+_', '-': '_-_' },
  { '*': '_*_', '/': '_/_', '%': '_%_' },
];

function unexpected(token: Token, expecting: string): CelSyntaxError {
  return new CelSyntaxError(token.at, `Syntax error: mismatched input '${token.text}' ${expecting}`);
}

function isQualifiedName(expression: Expression): boolean {
  if (expression.kind === 'identifier') return true;
  return (
    expression.kind === 'select' && !expression.test && !expression.optional && isQualifiedName(expression.operand)
  );
}

/** `a.b.c` of a chain of plain selections; undefined when it is none. */
export function qualifiedName(expression: Expression): string | undefined {
  return isQualifiedName(expression) ? nameOf(expression) : undefined;
}

function nameOf(expression: Expression): string {
  if (expression.kind === 'identifier') return expression.name;
  return expression.kind === 'select' ? `${nameOf(expression.operand)}.${expression.field}` : '';
}

function globalCall(name: string, at: number, args: readonly Expression[]): Expression {
  const [argument] = args;
  if (name !== 'has' || args.length !== 1 || argument === undefined) {
    return { kind: 'call', at, name, target: undefined, args };
  }
  if (argument.kind !== 'select' || argument.optional) {
    throw new CelSyntaxError(argument.at, 'invalid argument to has() macro');
  }
  return { ...argument, at, test: true };
}

/** Macros by name and number of arguments: how many of them are names, and what the loop makes. */
const FOLDS: Readonly<Record<string, { readonly names: 1 | 2; readonly macro: FoldMacro; readonly parts: string }>> = {
  'all/2': { names: 1, macro: 'all', parts: 'c' },
  'exists/2': { names: 1, macro: 'exists', parts: 'c' },
  'exists_one/2': { names: 1, macro: 'existsOne', parts: 'c' },
  'map/2': { names: 1, macro: 'list', parts: 'r' },
  'map/3': { names: 1, macro: 'list', parts: 'cr' },
  'filter/2': { names: 1, macro: 'list', parts: 'c' },
  'all/3': { names: 2, macro: 'all', parts: 'c' },
  'exists/3': { names: 2, macro: 'exists', parts: 'c' },
  'exists_one/3': { names: 2, macro: 'existsOne', parts: 'c' },
  'existsOne/3': { names: 2, macro: 'existsOne', parts: 'c' },
  'transformList/3': { names: 2, macro: 'list', parts: 'r' },
  'transformList/4': { names: 2, macro: 'list', parts: 'cr' },
  'transformMap/3': { names: 2, macro: 'map', parts: 'r' },
  'transformMap/4': { names: 2, macro: 'map', parts: 'cr' },
  'transformMapEntry/3': { names: 2, macro: 'mapEntry', parts: 'r' },
  'transformMapEntry/4': { names: 2, macro: 'mapEntry', parts: 'cr' },
};

function memberCall(target: Expression, name: string, at: number, args: readonly Expression[]): Expression {
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    const [variable, body] = args;
    if (body === undefined) throw new Error('no body');
    const flat = name === 'optFlatMap';
    const variableName = simpleName(variable, at, `${name}() variable name must be a simple identifier`);
    return { kind: 'optionalMap', at, target, name: variableName, body, flat };
  }
  const key = `${name}/${args.length}`;
  const fold = Object.hasOwn(FOLDS, key) ? FOLDS[key] : undefined;
  if (fold === undefined) return { kind: 'call', at, name, target, args };
  const wrong = 'argument must be a simple name';
  const bodies = args.slice(fold.names);
  const variable = simpleName(args[0], at, wrong);
  const filters = name === 'filter';
  return {
    kind: 'fold',
    at,
    macro: fold.macro,
    range: target,
    name: variable,
    name2: fold.names === 2 ? simpleName(args[1], at, wrong) : undefined,
    condition: fold.parts.startsWith('c') ? bodies[0] : undefined,
    result: filters
      ? { kind: 'identifier', at: args[0]?.at ?? at, name: variable }
      : fold.parts.endsWith('r')
        ? bodies.at(-1)
        : undefined,
  };
}

function simpleName(expression: Expression | undefined, at: number, problem: string): string {
  if (expression?.kind === 'identifier') return expression.name;
  throw new CelSyntaxError(expression?.at ?? at, problem);
}
