/**
 * Conditions for lines of the access log: of CEL what compares attributes of a request with texts and numbers.
 *
 *     or    = and { "||" and }          and = not { "&&" not }
 *     not   = "!" not | "(" or ")" | test
 *     test  = attribute ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) literal
 *           | attribute "." ( "startsWith" | "endsWith" | "contains" ) "(" text ")"
 *           | text "in" ( "request" | "response" ) ".headers"
 *
 * Source: Envoy Gateway v1.7, ProxyAccessLogSetting.matches; Envoy, "Attributes".
 */
import type { LogConditionIR, RequestValueIR } from '@causeway/ir/gateway';

const ATTRIBUTES: Readonly<Record<string, RequestValueIR>> = {
  'connection.requested_server_name': 'serverName',
  'connection.tls_version': 'tlsVersion',
  'request.host': 'host',
  'request.id': 'requestId',
  'request.method': 'method',
  'request.path': 'target',
  'request.protocol': 'protocol',
  'request.scheme': 'scheme',
  'request.url_path': 'path',
  'response.code': 'status',
  'response.code_details': 'details',
  'response.size': 'bytesSent',
  'source.address': 'client',
  'upstream.address': 'upstream',
};

const TOKEN = /\s*(\|\||&&|==|!=|<=|>=|[!<>()[\].]|-?\d+|[A-Za-z_]\w*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/y;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
const METHODS = ['startsWith', 'endsWith', 'contains'] as const;

class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** @returns a text: what of it is not served */
export function parseLogCondition(expression: string): LogConditionIR | string {
  try {
    const reader = new Reader(tokensOf(expression));
    const condition = reader.or();
    reader.end();
    return condition;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (expression.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const [whole, token] = TOKEN.exec(expression) ?? [];
    if (whole === undefined || token === undefined)
      throw new Unreadable(`not served from ${JSON.stringify(expression.slice(at, at + 30))} on`);
    tokens.push(token);
    at += whole.length;
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  or(): LogConditionIR {
    return this.#chain('or', '||', () => this.#chain('and', '&&', () => this.#not()));
  }

  end(): void {
    if (this.#peek() !== undefined) this.#fail();
  }

  #chain(type: 'and' | 'or', sign: string, part: () => LogConditionIR): LogConditionIR {
    const first = part();
    const of = [first];
    while (this.#takes(sign)) of.push(part());
    return of.length === 1 ? first : { type, of };
  }

  #not(): LogConditionIR {
    if (this.#takes('!')) return { type: 'not', of: this.#not() };
    if (!this.#takes('(')) return this.#test();
    const inner = this.or();
    this.#expect(')');
    return inner;
  }

  #test(): LogConditionIR {
    const next = this.#peek() ?? '';
    if (isText(next)) {
      this.#at += 1;
      this.#expect('in');
      const object = this.#next();
      this.#expect('.');
      this.#expect('headers');
      return { type: 'present', value: headerOf(object, textOf(next)) };
    }
    const value = this.#attribute();
    const comparison = COMPARISONS.find((sign) => this.#takes(sign));
    if (comparison !== undefined) return { type: 'compare', value, operator: comparison, with: this.#literal() };
    this.#expect('.');
    const operator = METHODS.find((method) => this.#takes(method)) ?? this.#fail();
    this.#expect('(');
    const literal = this.#literal();
    this.#expect(')');
    return { type: 'compare', value, operator, with: literal };
  }

  /** `request.headers['x']`, or one that has a name of its own. */
  #attribute(): RequestValueIR {
    const object = this.#next();
    this.#expect('.');
    const field = this.#next();
    if (field === 'headers') {
      this.#expect('[');
      const name = this.#next();
      this.#expect(']');
      return headerOf(object, isText(name) ? textOf(name) : this.#fail(name));
    }
    return ATTRIBUTES[`${object}.${field}`] ?? this.#fail(`${object}.${field}`);
  }

  #literal(): string | number {
    const token = this.#next();
    if (isText(token)) return textOf(token);
    return /^-?\d+$/.test(token) ? Number(token) : this.#fail(token);
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#peek();
    if (token === undefined) throw new Unreadable('it ends too early');
    this.#at += 1;
    return token;
  }

  #takes(token: string): boolean {
    const isHere = this.#peek() === token;
    if (isHere) this.#at += 1;
    return isHere;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) this.#fail();
  }

  #fail(what = this.#peek()): never {
    throw new Unreadable(what === undefined ? 'it ends too early' : `${what} is not served`);
  }
}

function headerOf(object: string, name: string): RequestValueIR {
  if (object !== 'request' && object !== 'response') throw new Unreadable(`${object}.headers is not served`);
  const header = name.toLowerCase();
  return object === 'request' ? `request:${header}` : `response:${header}`;
}

function isText(token: string): boolean {
  return token.startsWith("'") || token.startsWith('"');
}

function textOf(token: string): string {
  return token.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}
