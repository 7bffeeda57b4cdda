import type { RedirectConfig } from '@causeway/apis/gateway/policy-config';
import type { RedirectIR, RedirectPathIR } from '@causeway/ir/gateway';

const CODES = [301, 302, 303, 307, 308] as const;
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:|^\/\//i;

/**
 * config.redirect -> redirect. An absolute url wins alone; one that stands for a path replaces path and query; without url
 * the query stays.
 *
 * Source: spec ALB-69.
 *
 * @returns undefined when the object says nothing, or has a code that is no redirect
 */
export function translateRedirect(config: RedirectConfig | undefined): RedirectIR | undefined {
  if (config === undefined) return undefined;
  const { url = '', scheme = '', host = '', port = 0, prefix_match: prefix = '' } = config;
  const status = CODES.find((code) => code === (config.code || 302));
  if (status === undefined || ([url, scheme, host, prefix].every((text) => text === '') && port === 0))
    return undefined;
  const onlyUrl = scheme === '' && host === '' && port === 0;
  if (url !== '' && (onlyUrl || ABSOLUTE.test(url)))
    return { type: 'redirect', status, to: { type: 'location', location: url } };
  const path = pathOf(url, prefix, config.replace_prefix ?? '');
  return {
    type: 'redirect',
    status,
    to: {
      type: 'parts',
      ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
      ...(host === '' ? {} : { host }),
      ...(port === 0 ? {} : { port }),
      ...(path === undefined ? {} : { path }),
    },
  };
}

function pathOf(url: string, prefix: string, replacement: string): RedirectPathIR | undefined {
  if (prefix !== '') return { type: 'prefix', prefix, replacement };
  return url === '' ? undefined : { type: 'full', path: url };
}
