import { AUTH } from './auth.ts';
import { CANARY } from './canary.ts';
import type { CompatibilityCase } from './case.ts';
import { CORS } from './cors.ts';
import { LIMIT } from './limit.ts';
import { OTHERS } from './others.ts';
import { PROXY } from './proxy.ts';
import { ROUTING } from './routing.ts';
import { SESSION } from './session.ts';
import { TLS } from './tls.ts';

export const CASES: readonly CompatibilityCase[] = [
  ...ROUTING,
  ...CORS,
  ...AUTH,
  ...CANARY,
  ...SESSION,
  ...LIMIT,
  ...PROXY,
  ...OTHERS,
  ...TLS,
];
