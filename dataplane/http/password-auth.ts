/**
 * Names and passwords. The agent verifies them (it has the Secret, and hashes are slow); a worker remembers for a few seconds that
 * it did, so that a changed Secret soon counts.
 *
 * Source: spec ALB-93, ALB-95; RFC 7617; RFC 7616.
 */
import type { PasswordAuthStep } from '../policy/auth.ts';
import { type Credentials, credentialsIn } from '../policy/credentials.ts';
import { askAgent } from './agent-question.ts';
import { remember, remembered } from './auth-memory.ts';
import type { Answer } from './exchange.ts';
import { beginRequest, currentRequest } from './request.ts';
import { sealed } from './secret-key.ts';

const FRESH_SECONDS = 4;

/** Like what the agent says while it is away or has too much to do. */
const NOT_VERIFIED: Answer = {
  status: 503,
  reason: 'AuthFail : passwords cannot be verified now',
  headers: { 'retry-after': '1' },
};

const BROKEN: Answer = { status: 500, reason: 'AuthFail : invalid cfg' };

/** @returns what ends the request */
export function verifyPassword(step: PasswordAuthStep): Answer | undefined {
  return step.scheme === 'basic' ? verifyBasic(step) : verifyDigest(step);
}

function verifyBasic(step: PasswordAuthStep): Answer | undefined {
  const given = credentialsIn(currentRequest.header('authorization'), 'basic', 'basic_auth but req no auth header');
  if (given.text === undefined) return refused(step, given);
  // nginx's decoder ends at the first `=`, whatever follows.
  const [strict] = string.find(given.text, '^[%w+/]+=?=?$');
  const decoded = strict === undefined ? undefined : ngx.decode_base64(given.text);
  if (decoded === undefined) return refused(step, { problem: 'invalid base64 encoding' });
  const [colon] = string.find(decoded, ':', 1, true);
  if (colon === undefined) return refused(step, { problem: 'invalid format' });
  const key = sealed(`${step.secret}\n${step.layout}\n${given.text}`);
  if (remembered(key) !== undefined) return undefined;
  const answer = askAgent({ op: 'basic', secret: step.secret, layout: step.layout, credentials: given.text });
  beginRequest();
  if (answer === undefined) return NOT_VERIFIED;
  switch (answer.verdict) {
    case 'yes':
      remember(key, '', FRESH_SECONDS);
      return undefined;
    case 'no':
      return refused(step, { problem: 'invalid user or passwd' });
    case 'broken':
      return BROKEN;
    default:
      return NOT_VERIFIED;
  }
}

function refused(step: PasswordAuthStep, { problem }: Credentials): Answer {
  return {
    status: 401,
    reason: `AuthFail : ${problem}`,
    headers: { 'www-authenticate': step.challenge },
  };
}

function verifyDigest(step: PasswordAuthStep): Answer | undefined {
  const { text } = credentialsIn(currentRequest.header('authorization'), 'digest', '');
  const answer = askAgent({
    op: 'digest',
    secret: step.secret,
    layout: step.layout,
    realm: step.realm,
    method: currentRequest.method(),
    target: currentRequest.target(),
    credentials: text,
  });
  beginRequest();
  if (answer === undefined) return NOT_VERIFIED;
  switch (answer.verdict) {
    case 'yes':
      return undefined;
    case 'no':
      return {
        status: 401,
        reason:
          text === undefined ? 'AuthFail : digest auth but req no auth header' : 'AuthFail : invalid user or passwd',
        headers: { 'www-authenticate': table.concat((answer.challenges ?? []) as string[], ', ') },
      };
    case 'broken':
      return BROKEN;
    default:
      return NOT_VERIFIED;
  }
}
