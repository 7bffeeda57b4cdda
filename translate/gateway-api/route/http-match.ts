import { checkRegex } from '@causeway/apis/gateway/regex';
import type { HTTPRouteMatch } from '@causeway/apis/gateway-api/http-match';
import type { TermIR, TestIR } from '@causeway/ir/gateway';
import type { MatchRank } from './route-order.ts';

export interface TranslatedMatch {
  /** Beside that on the host. */
  readonly terms: readonly TermIR[];
  readonly rank: MatchRank;
}

/**
 * One match of a rule of an HTTPRoute -> terms. Regular expressions are for the whole value.
 *
 * Source: GW-19.
 *
 * @returns a text that says what is wrong, with the field
 */
export function translateHttpMatch(match: HTTPRouteMatch): TranslatedMatch | string {
  const { headers = [], queryParams = [], method } = match;
  const { type = 'PathPrefix', value = '/' } = match.path ?? {};
  const path = pathTerms(type, value);
  if (typeof path === 'string') return `path.value: ${path}`;
  const terms: TermIR[] = [...path];
  if (method !== undefined) terms.push({ subject: 'method', tests: [{ op: 'equal', value: method }] });
  const ofHeaders = headerTerms(headers);
  if (typeof ofHeaders === 'string') return ofHeaders;
  terms.push(...ofHeaders);
  for (const { name, type: comparison, value: wanted } of queryParams) {
    const test = valueTest(comparison, wanted);
    if (typeof test === 'string') return `queryParams[${name}].value: ${test}`;
    terms.push({ subject: 'query', name, tests: [test] });
  }
  const kind = type === 'Exact' ? 'exact' : type === 'PathPrefix' ? 'prefix' : 'regex';
  return {
    terms,
    rank: {
      path: kind,
      length: Buffer.byteLength(kind === 'prefix' ? withoutEnd(value) : value),
      method: method !== undefined,
      headers: ofHeaders.length,
      cookies: 0,
      queryParams: queryParams.length,
    },
  };
}

/**
 * A match of a rule of an HTTPRoute -> terms of the preflight by which browsers ask for such requests. It stands where the match does.
 *
 * Source: Fetch standard, CORS-preflight fetch.
 *
 * @returns a text that says what is wrong, with the field
 */
export function preflightMatch(match: HTTPRouteMatch, method: string): TranslatedMatch | string {
  const translated = translateHttpMatch({ ...match, method: 'OPTIONS' });
  if (typeof translated === 'string') return translated;
  const asked: TermIR[] = [
    { subject: 'header', name: 'origin', tests: [{ op: 'exists' }] },
    { subject: 'header', name: 'access-control-request-method', tests: [{ op: 'equal', value: method }] },
  ];
  return { ...translated, terms: [...translated.terms, ...asked] };
}

/** The same match for each of several sorts of requests, of which all terms must hold too: those of cookies. */
export function withCookies(
  match: TranslatedMatch,
  sorts: readonly (readonly TermIR[])[] | undefined,
): readonly TranslatedMatch[] {
  if (sorts === undefined) return [match];
  return sorts.map((terms) => ({
    terms: [...match.terms, ...terms],
    rank: { ...match.rank, cookies: terms.length },
  }));
}

/**
 * Of several for one name, written in different cases, the first counts.
 *
 * @returns a text that says what is wrong, with the field
 */
export function headerTerms(headers: NonNullable<HTTPRouteMatch['headers']>): readonly TermIR[] | string {
  const terms: TermIR[] = [];
  const byName = new Map([...headers].reverse().map((header) => [header.name.toLowerCase(), header]));
  for (const [name, header] of [...byName].reverse()) {
    const test = valueTest(header.type, header.value);
    if (typeof test === 'string') return `headers[${name}].value: ${test}`;
    terms.push({ subject: 'header', name, tests: [test] });
  }
  return terms;
}

function pathTerms(type: string, value: string): readonly TermIR[] | string {
  const term = (test: TestIR): readonly TermIR[] => [{ subject: 'path', tests: [test] }];
  switch (type) {
    case 'Exact':
      return term({ op: 'equal', value: decodedPath(value) });
    case 'PathPrefix': {
      const elements = withoutEnd(decodedPath(value));
      return elements === '' ? [] : term({ op: 'pathPrefix', value: elements });
    }
    default: {
      const test = valueTest('RegularExpression', value);
      return typeof test === 'string' ? test : term(test);
    }
  }
}

/** A slash at the end of a prefix says nothing. */
export function withoutEnd(path: string): string {
  return path.replace(/\/+$/, '');
}

/** Regular expressions are for the whole value. @returns a text that says what is wrong */
export function valueTest(type: 'Exact' | 'RegularExpression' | undefined, value: string): TestIR | string {
  if (type !== 'RegularExpression') return { op: 'equal', value };
  const verdict = checkRegex(value);
  return verdict.dialect === 'invalid' ? verdict.error : { op: 'regex', pattern: `^(?:${value})$` };
}

/** The data plane compares decoded paths, and encodes what it makes of them. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
