import type { RedirectConfig } from '@causeway/apis/gateway/policy-config';
import type { FeatureContext, IngressFeature } from './ingress-feature.ts';
import type { IngressReader } from './ingress-reader.ts';
import type { IngressPath } from './ingress-rule.ts';

const BY_PATH = [
  'permanent-redirect',
  'permanent-redirect-code',
  'temporal-redirect',
  'temporal-redirect-code',
  'force-ssl-redirect',
  'ssl-redirect',
  'redirect-host',
  'redirect-port',
  'redirect-prefix-match',
  'redirect-replace-prefix',
  'redirect-code',
] as const;

/** Annotations that redirect, as config.redirect of the Rule. Source: spec ALB-69, ALB-70, section 5.7. */
export const REDIRECT_FEATURE: IngressFeature = {
  annotations: [...BY_PATH, 'preserve-trailing-slash'],
  byPath: BY_PATH,
  translate: (read, path, context) => {
    const redirect = redirectOf(read, path, context);
    return redirect === undefined ? {} : { config: { redirect } };
  },
};

function redirectOf(read: IngressReader, path: IngressPath, context: FeatureContext): RedirectConfig | undefined {
  const target = targetOf(read);
  const isSecured = securesConnection(read, path, context);
  // On the https port a redirect to https alone would come back to where it is.
  if (target === undefined && (!isSecured || context.isTls)) return undefined;
  const code = read.value('redirect-code') ?? target?.code ?? (isSecured ? 308 : undefined);
  return {
    ...target,
    ...(code === undefined ? {} : { code }),
    ...(isSecured ? { scheme: 'https' } : {}),
  };
}

/** Where the annotations lead beside the scheme; of two URLs the temporal one wins. */
function targetOf(read: IngressReader): RedirectConfig | undefined {
  const temporal = read.value('temporal-redirect');
  const permanent = read.value('permanent-redirect');
  const host = read.value('redirect-host');
  const port = read.value('redirect-port');
  const prefixMatch = read.value('redirect-prefix-match');
  const replacePrefix = read.value('redirect-replace-prefix');
  const target: RedirectConfig = {
    ...(permanent === undefined ? {} : { url: permanent, code: read.value('permanent-redirect-code') ?? 301 }),
    ...(temporal === undefined ? {} : { url: temporal, code: read.value('temporal-redirect-code') ?? 302 }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(prefixMatch === undefined ? {} : { prefix_match: prefixMatch }),
    ...(prefixMatch === undefined || replacePrefix === undefined ? {} : { replace_prefix: replacePrefix }),
  };
  return Object.keys(target).length === 0 ? undefined : target;
}

/** `ssl-redirect` counts only for a host that has a certificate of its own; the default one is not enough. */
function securesConnection(read: IngressReader, { host }: IngressPath, { hasCertificate }: FeatureContext): boolean {
  if (read.value('force-ssl-redirect') === true) return true;
  return read.value('ssl-redirect') === true && host !== '' && hasCertificate(host);
}
