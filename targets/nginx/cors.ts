import type { CorsStep, OriginWildcard } from '@causeway/dataplane/policy/cors';
import type { CorsIR } from '@causeway/ir/gateway';

/** Texts are put together here, once, and not for each answer. */
export function renderCors(cors: CorsIR): CorsStep {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge } = cors;
  const { anyLabels, echoesOrigin, spaced, echoesMethod, echoesHeaders, onlyAllowed, preflightStatus } = cors;
  const any = typeof allowOrigins === 'string';
  const listed = typeof allowOrigins === 'string' ? [] : allowOrigins;
  const separator = spaced === true ? ', ' : ',';
  return {
    type: 'cors',
    any,
    // Browsers do not take `*` for requests with credentials.
    asterisk: any && (allowOrigins === '*' || (!allowCredentials && echoesOrigin !== true)),
    origins: listed.filter((origin) => !origin.includes('*')),
    wildcards: listed
      .flatMap(wildcardOf)
      .map((wildcard) => (anyLabels === true ? { ...wildcard, anyLabels } : wildcard)),
    configured: onlyAllowed === true ? '' : any ? '*' : listed.join(','),
    credentials: allowCredentials,
    allowMethods: allowMethods.join(', '),
    allowHeaders: allowHeaders.join(separator),
    ...(echoesMethod === true && { echoesMethod }),
    ...(echoesHeaders === true && { echoesHeaders }),
    ...(onlyAllowed === true && { onlyAllowed }),
    ...(preflightStatus === undefined ? {} : { preflightStatus }),
    exposeHeaders: exposeHeaders.join(separator),
    maxAge: String(maxAge),
  };
}

function wildcardOf(origin: string): readonly OriginWildcard[] {
  const star = origin.indexOf('*');
  return star < 0 ? [] : [{ scheme: origin.slice(0, star), suffix: origin.slice(star + 1) }];
}
