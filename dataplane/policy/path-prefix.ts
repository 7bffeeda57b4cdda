/** Replacing the beginning of a path, for redirects and rewrites. Source: spec ALB-69. */
import { slice } from '#platform';

const SLASH = '/';

/**
 * `/foo/bar` with `/foo` replaced by `/xyz` is `/xyz/bar`: exactly one slash at the joint, and at least `/` stays. A path
 * that does not begin with the prefix is returned as it is.
 *
 * @param path begins with a slash, like the result
 */
export function replacePathPrefix(path: string, prefix: string, replacement: string): string {
  if (slice(path, 0, prefix.length) !== prefix) return path;
  const rest = slice(path, prefix.length, path.length);
  const head = withoutSlashAtEnd(replacement);
  const tail = rest === '' && !endsWithSlash(prefix) ? '' : SLASH + withoutSlashAtStart(rest);
  return head + tail === '' ? SLASH : head + tail;
}

function endsWithSlash(text: string): boolean {
  return slice(text, text.length - 1, text.length) === SLASH;
}

function withoutSlashAtEnd(text: string): string {
  return endsWithSlash(text) ? slice(text, 0, text.length - 1) : text;
}

function withoutSlashAtStart(text: string): string {
  return slice(text, 0, 1) === SLASH ? slice(text, 1, text.length) : text;
}
