import { STATUS_CODES } from 'node:http';
import type { OverridingResponse, ResponseOverride } from '@causeway/apis/envoy-gateway/response-override';
import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import { keyOf } from '@causeway/apis/meta/object';
import type { CustomErrorsIR, OwnErrorIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { parseOperators } from '../operator-text.ts';
import { redirectOf } from '../route/redirect.ts';
import { answerHeaders, responseText } from '../route/response-body.ts';
import type { Policy } from './policy-kind.ts';
import type { Tell } from './tell.ts';

const FIRST_ERROR = 400;
const LAST_ERROR = 599;
/** Paths of these redirects are whole ones. */
const NO_PREFIX = '';
/** Of a range: each status costs every data plane a location. */
const KNOWN: ReadonlySet<number> = new Set(Object.keys(STATUS_CODES).map(Number));

/**
 * Other answers than those of backends and of our own, by status. nginx reads the answers of backends from 400 on.
 *
 * Source: GW-45.
 */
export function overridesOf(
  view: View,
  policy: Policy<'BackendTrafficPolicy'>,
  tell: Tell,
): CustomErrorsIR | undefined {
  const answers = new Map<number, OwnErrorIR>();
  for (const [index, { match, response, redirect }] of (policy.spec.responseOverride ?? []).entries()) {
    const field = `responseOverride[${index}]`;
    const answer =
      redirect === undefined ? contentOf(view, policy, response ?? {}) : { redirect: redirectOf(redirect, NO_PREFIX) };
    if (typeof answer === 'string') {
      tell(field, answer, 'mistake');
      continue;
    }
    for (const status of statusesOf(match, field, tell)) {
      if (!answers.has(status)) answers.set(status, { status, ...answer });
    }
  }
  const sorted = [...answers.values()].sort((a, b) => a.status - b.status);
  if (sorted.length === 0) return undefined;
  return { statuses: sorted.map(({ status }) => status), intercept: true, backends: [], answers: sorted };
}

function statusesOf({ statusCodes }: ResponseOverride['match'], field: string, tell: Tell): readonly number[] {
  return statusCodes.flatMap(({ value, range }, index) => {
    const { start, end } = range ?? { start: value ?? 0, end: value ?? 0 };
    if (start < FIRST_ERROR) tell(`${field}.match.statusCodes[${index}]`, `below ${FIRST_ERROR} nothing is changed`);
    const all: number[] = [];
    for (let status = Math.max(start, FIRST_ERROR); status <= Math.min(end, LAST_ERROR); status += 1) {
      if (range === undefined || KNOWN.has(status)) all.push(status);
    }
    return all;
  });
}

/** @returns text: what is wrong */
function contentOf(
  view: View,
  policy: Policy,
  { contentType, body, statusCode, header = {} }: OverridingResponse,
): Omit<OwnErrorIR, 'status'> | string {
  const text = body === undefined ? '' : responseText(view, keyOf(policy).namespace, body);
  if (typeof text !== 'string') return `response.body: ${text.mistake}`;
  // An answer without a body has no type.
  const type = contentType ?? (text === '' ? '' : undefined);
  const headers = [...(header.add ?? []), ...(header.set ?? [])];
  const typed = contentType === undefined ? [] : [{ name: 'x', value: contentType }];
  for (const { name, value } of [...typed, ...headers]) {
    const mistake = headerNameMistake(name) ?? headerValueMistake(value);
    if (mistake !== undefined) return `response.header: ${mistake}`;
  }
  const made = parseOperators(text, 'body');
  if (typeof made === 'string') return `response.body: ${made}`;
  const madeHeaders = answerHeaders(headers);
  if (typeof madeHeaders === 'string') return `response.header: ${madeHeaders}`;
  return {
    ...(statusCode === undefined ? {} : { as: statusCode }),
    content: {
      ...(type === undefined ? {} : { contentType: type }),
      text: made,
      ...(headers.length === 0 ? {} : { headers: madeHeaders }),
    },
  };
}
