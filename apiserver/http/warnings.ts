/** Together, in characters: clients refuse answers whose headers are larger than 16 KiB. */
const MAX_TOTAL = 4 * 1024;
/** Of each, once all of them together are longer than {@link MAX_TOTAL}. */
const MAX_EACH = 256;

/**
 * Values of the header `warning`, each once, in order. Where all are too long, each is cut; what is too much even then is left out, and
 * the last one says how many.
 *
 * Source: RFC 7234 section 5.5, as Kubernetes uses it: code 299 and no agent; its limits are those of Kubernetes.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  const distinct = [...new Set(texts)].map(printable);
  if (length(distinct) <= MAX_TOTAL) return distinct.map(header);
  const kept: string[] = [];
  let room = MAX_TOTAL;
  for (const text of distinct) {
    const cut = text.length > MAX_EACH ? `${text.slice(0, MAX_EACH - 3)}...` : text;
    room -= cut.length;
    if (room < 0) break;
    kept.push(cut);
  }
  if (kept.length < distinct.length) kept.push(`${distinct.length - kept.length} more warnings`);
  return kept.map(header);
}

function length(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Headers are latin-1, one line. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ');
}

function header(text: string): string {
  return `299 - "${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
