/** Answers preflights and lets browsers read answers of other origins (spec ALB-76). */
import { allowedOrigin, type CorsStep, variesByOrigin } from '../policy/cors.ts';
import type { Answer } from './exchange.ts';
import { addVary } from './headers.ts';
import { nginxVariable, readText } from './nginx-variable.ts';

const ORIGIN = nginxVariable('http_origin');

/** Any OPTIONS counts as a preflight; the backend gets none of them. */
export function answerPreflight(preflight: Answer): Answer | undefined {
  return ngx.req.get_method() === 'OPTIONS' ? preflight : undefined;
}

/** The other headers of it are those of every answer. */
export function preflightAnswer(cors: CorsStep): Answer {
  return { status: 204, reason: '', headers: { 'access-control-max-age': cors.maxAge } };
}

/** In place of what the backend says about it. */
export function allowOrigin(cors: CorsStep): void {
  const headers = ngx.header;
  headers['Access-Control-Allow-Origin'] = allowedOrigin(cors, readText(ORIGIN));
  headers['Access-Control-Allow-Credentials'] = cors.credentials ? 'true' : undefined;
  headers['Access-Control-Allow-Methods'] = cors.allowMethods;
  headers['Access-Control-Allow-Headers'] = cors.allowHeaders;
  headers['Access-Control-Expose-Headers'] = cors.exposeHeaders === '' ? undefined : cors.exposeHeaders;
  if (variesByOrigin(cors)) addVary('Origin');
}
