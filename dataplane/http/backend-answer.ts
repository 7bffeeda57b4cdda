/** Changes what backends answer that do not know how they are reached. Answers of our own stay. */
import { changedCookie, type SetCookieStep } from '../policy/set-cookie.ts';
import type { LocationStep } from '../policy/step.ts';
import { templateText } from '../policy/template.ts';
import type { Exchange } from './exchange.ts';
import { currentRequest } from './request.ts';

export function changeCookies(step: SetCookieStep, exchange: Exchange): void {
  const present = exchange.answer === undefined ? ngx.header['Set-Cookie'] : undefined;
  if (typeof present === 'string') {
    ngx.header['Set-Cookie'] = changedCookie(step, present);
  } else if (typeof present === 'object') {
    const changed: string[] = [];
    for (const one of present) changed.push(changedCookie(step, one));
    ngx.header['Set-Cookie'] = changed;
  }
}

export function changeLocation({ from, to }: LocationStep, exchange: Exchange): void {
  const present = exchange.answer === undefined ? ngx.header['Location'] : undefined;
  if (typeof present !== 'string' || string.sub(present, 1, from.length) !== from) return;
  ngx.header['Location'] = templateText(to, currentRequest) + string.sub(present, from.length + 1);
}
