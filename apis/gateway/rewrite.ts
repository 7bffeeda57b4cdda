/** What stands in place of a match: texts, and numbers of groups. */
export type RewriteTarget = readonly (string | number)[];

/**
 * Reads rewrite_target: `$1` to `$9` and `${1}` are groups of the regular expression, `$$` is a dollar sign, as is one before
 * anything else. Source: spec ALB-72.
 *
 * @returns a text that says what is wrong
 */
export function readRewriteTarget(text: string): RewriteTarget | string {
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  // Blanks and semicolons are signs of configuration that was meant to end up somewhere else.
  if (!/^[^\s;{}]*$/.test(text.replaceAll(/\$\{\d\}/g, ''))) return 'must have no blanks, semicolons and braces';
  if (/[?#]/.test(text)) return 'must be a path: the query of the request stays';
  const parts: (string | number)[] = [];
  let rest = text;
  while (rest !== '') {
    const match = /\$(?:(\d)|\{(\d)\}|\$)/.exec(rest);
    if (match === null) {
      parts.push(rest);
      break;
    }
    if (match.index > 0) parts.push(rest.slice(0, match.index));
    const group = match[1] ?? match[2];
    parts.push(group === undefined ? '$' : Number(group));
    rest = rest.slice(match.index + match[0].length);
  }
  return parts;
}

const MAX_LENGTH = 2048;
