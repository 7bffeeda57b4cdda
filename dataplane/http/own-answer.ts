import type { RouteAction } from '../policy/record.ts';
import { redirectLocation } from '../policy/redirect.ts';
import type { Answer } from './exchange.ts';
import { currentRequest } from './request.ts';

/** What an action answers that does not forward. */
export function ownAnswer(action: RouteAction): Answer {
  const { redirect, content } = action;
  if (redirect === undefined) {
    return { status: action.status ?? 500, reason: action.reason ?? '', content };
  }
  return { status: redirect.status, reason: '', headers: { location: redirectLocation(redirect, currentRequest) } };
}
