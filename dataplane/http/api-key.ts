/**
 * Keys of clients. The agent verifies them, since it has the Secrets; a worker remembers for a few seconds whose one is, so that a
 * changed Secret soon counts.
 *
 * Source: GW-34.
 */
import { type ApiKeyPlace, type ApiKeyStep, apiKeyIn } from '../policy/api-key.ts';
import { withoutCookie, withoutParameter } from '../policy/request-values.ts';
import { askAgent } from './agent-question.ts';
import { remember, remembered } from './auth-memory.ts';
import type { Answer } from './exchange.ts';
import { setQuery } from './query.ts';
import { beginRequest, currentRequest } from './request.ts';
import { sealed } from './secret-key.ts';

const FRESH_SECONDS = 4;

const NO_KEY: Answer = { status: 401, reason: 'AuthFail : no API key' };
const WRONG_KEY: Answer = { status: 401, reason: 'AuthFail : unknown API key' };
const NOT_VERIFIED: Answer = {
  status: 503,
  reason: 'AuthFail : API keys cannot be verified now',
  headers: { 'retry-after': '1' },
};
const BROKEN: Answer = { status: 500, reason: 'AuthFail : invalid cfg' };

/** @returns what ends the request. Waits. */
export function verifyApiKey(step: ApiKeyStep): Answer | undefined {
  const key = apiKeyIn(step.places, currentRequest);
  if (key === undefined) return NO_KEY;
  const name = sealed(`api key\n${table.concat(step.secrets as string[], '\n')}\n\n${key}`);
  const known = remembered(name);
  if (known !== undefined) return letIn(step, known);
  const answer = askAgent({ op: 'apiKey', secrets: step.secrets, key });
  beginRequest();
  if (answer === undefined) return NOT_VERIFIED;
  switch (answer.verdict) {
    case 'yes': {
      const user = answer.user ?? '';
      remember(name, user, FRESH_SECONDS);
      return letIn(step, user);
    }
    case 'no':
      return WRONG_KEY;
    case 'broken':
      return BROKEN;
    default:
      return NOT_VERIFIED;
  }
}

function letIn({ clientHeader, hidesKey, places }: ApiKeyStep, user: string): undefined {
  if (hidesKey) hideKeys(places);
  if (clientHeader !== undefined) ngx.req.set_header(clientHeader, user);
  return undefined;
}

/** Wherever one may stand, also behind the one that counted. */
function hideKeys(places: readonly ApiKeyPlace[]): void {
  const query = currentRequest.queryText();
  const cookies = currentRequest.header('cookie') ?? '';
  let keptQuery = query;
  let keptCookies = cookies;
  for (const place of places) {
    if (place.in === 'header') ngx.req.clear_header(place.name);
    else if (place.in === 'query') keptQuery = withoutParameter(keptQuery, place.name);
    else keptCookies = withoutCookie(keptCookies, place.name);
  }
  if (keptQuery !== query) setQuery(keptQuery);
  if (keptCookies === '') ngx.req.clear_header('cookie');
  else if (keptCookies !== cookies) ngx.req.set_header('cookie', keptCookies);
  beginRequest();
}
