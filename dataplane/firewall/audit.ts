/** What rules said about a request, as a line of JSON. No values of the request are in it, and of its target only the path. */
import { encode } from 'cjson.safe';

export interface AuditEntry {
  readonly transaction: string;
  readonly client: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number;
  /** The rule that ended the request; absent when none did. */
  readonly blockedBy?: number;
  /** Rules that matched and say `log`, in the order in which they did. */
  readonly matched: readonly AuditMatch[];
}

interface AuditMatch {
  readonly rule: number;
  readonly message?: string;
  readonly severity?: number;
}

export function auditLine(entry: AuditEntry): string {
  const [json] = encode(entry);
  return json ?? '';
}

/**
 * The library tells about a match in words and then in `[name "value"]`. Only its words quote the request as it is, so the last of a
 * name is the library's own.
 */
export function auditMatch(text: string): AuditMatch {
  const message = lastOf(text, 'msg');
  const severity = tonumber(lastOf(text, 'severity'));
  const match: { rule: number; message?: string; severity?: number } = { rule: ruleOf(text) };
  if (message !== undefined && message !== '') match.message = message;
  if (severity !== undefined) match.severity = severity;
  return match;
}

/** 0 when it does not say. */
export function ruleOf(text: string): number {
  return tonumber(lastOf(text, 'id')) ?? 0;
}

function lastOf(text: string, name: string): string | undefined {
  const [value] = string.match(text, `.*%[${name} "([^"]*)"%]`);
  return value;
}
