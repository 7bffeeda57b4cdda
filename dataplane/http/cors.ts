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

/** Says in place of the backend who may read the answer. */
export function compileCors(cors: CorsStep): (this: void) => void {
  const credentials = cors.credentials ? 'true' : undefined;
  const exposed = cors.exposeHeaders === '' ? undefined : cors.exposeHeaders;
  const { allowMethods, allowHeaders } = cors;
  const varies = variesByOrigin(cors);
  return () => {
    const { header } = ngx;
    header['Access-Control-Allow-Origin'] = allowedOrigin(cors, readText(ORIGIN));
    header['Access-Control-Allow-Credentials'] = credentials;
    header['Access-Control-Allow-Methods'] = allowMethods;
    header['Access-Control-Allow-Headers'] = allowHeaders;
    header['Access-Control-Expose-Headers'] = exposed;
    if (varies) addVary('Origin');
  };
}
