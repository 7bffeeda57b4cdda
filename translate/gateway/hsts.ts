import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { ResponseHeadersIR } from '@causeway/ir/gateway';
import { listenerProtocol, speaksTls } from './frontend-port.ts';
import type { Inherited } from './inheritance.ts';

const DEFAULT_MAX_AGE = 31_536_000;

/** Strict-Transport-Security, on ports that speak TLS only: elsewhere browsers ignore it. Source: RFC 6797; IN-12. */
export function translateHsts({ hsts }: Inherited, frontend: Frontend): readonly ResponseHeadersIR[] {
  if (hsts?.enable !== true || !speaksTls(listenerProtocol(frontend))) return [];
  const { maxAge = DEFAULT_MAX_AGE, includeSubDomains = true, preload = false } = hsts;
  const value = `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`;
  return [{ type: 'responseHeaders', changes: [{ op: 'set', name: 'Strict-Transport-Security', value: [value] }] }];
}
