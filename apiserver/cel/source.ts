/** One thing that is wrong with the text of an expression. */
export interface SourceError {
  /** In characters (code points) from the start of the expression. */
  readonly at: number;
  readonly message: string;
}

/** A text that is not CEL. */
export class CelSyntaxError extends Error {
  override readonly name = 'CelSyntaxError';
  readonly errors: readonly SourceError[];

  constructor(at: number, message: string, others: readonly SourceError[] = []) {
    super(message);
    this.errors = [...others, { at, message }];
  }
}

/** Longer lines are not shown beside an error. */
const SNIPPET_LENGTH = 16_384;

/** More errors of one expression are not told. */
const ERRORS_MAX = 100;

/** The errors of one expression as cel-go prints them, each with the line it is in and a caret. */
export function sourceErrorsText(source: string, errors: readonly SourceError[]): string {
  const characters = [...source];
  return [...errors]
    .sort((a, b) => a.at - b.at)
    .slice(0, ERRORS_MAX)
    .map((error) => errorText(characters, error))
    .join('\n');
}

function errorText(characters: readonly string[], { at, message }: SourceError): string {
  const before = characters.slice(0, at);
  const line = before.filter((each) => each === '\n').length + 1;
  const start = before.lastIndexOf('\n') + 1;
  const end = characters.indexOf('\n', start);
  const snippet = characters.slice(start, end === -1 ? undefined : end);
  const column = at - start;
  const text = `ERROR: <input>:${line}:${column + 1}: ${message}`;
  if (characters.length === 0 || snippet.length > SNIPPET_LENGTH) return text;
  return `${text}\n | ${snippet.join('').replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`;
}
