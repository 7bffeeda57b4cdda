/**
 * How much harm an annotation of ingress-nginx can do, as its project judges it. What an IngressNginx allows says the option
 * `annotations-risk-level` of its ConfigMap.
 *
 * Source: ingress-nginx v1.15.1, "Annotations Scope and Risk"; IN-23.
 */
export const RISK_LEVELS = ['Low', 'Medium', 'High', 'Critical'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

const LEVELS: Readonly<Record<Exclude<RiskLevel, 'Low'>, readonly string[]>> = {
  Critical: ['auth-snippet', 'configuration-snippet', 'modsecurity-snippet', 'server-snippet', 'stream-snippet'],
  High: [
    'auth-signin',
    'auth-tls-error-page',
    'auth-tls-match-cn',
    'auth-url',
    'mirror-host',
    'mirror-target',
    'modsecurity-transaction-id',
    'proxy-ssl-name',
    'server-alias',
    'upstream-hash-by',
  ],
  Medium: [
    'allowlist-source-range',
    'app-root',
    'auth-cache-duration',
    'auth-cache-key',
    'auth-proxy-set-headers',
    'auth-realm',
    'auth-request-redirect',
    'auth-response-headers',
    'auth-secret',
    'auth-signin-redirect-param',
    'auth-tls-secret',
    'auth-tls-verify-client',
    'canary-by-cookie',
    'canary-by-header',
    'canary-by-header-pattern',
    'canary-by-header-value',
    'cors-allow-headers',
    'cors-allow-methods',
    'cors-allow-origin',
    'cors-expose-headers',
    'custom-headers',
    'denylist-source-range',
    'fastcgi-index',
    'fastcgi-params-configmap',
    'opentelemetry-operation-name',
    'permanent-redirect',
    'proxy-cookie-domain',
    'proxy-cookie-path',
    'proxy-next-upstream',
    'proxy-redirect-from',
    'proxy-redirect-to',
    'proxy-ssl-ciphers',
    'proxy-ssl-secret',
    'rewrite-target',
    'session-cookie-domain',
    'session-cookie-name',
    'session-cookie-path',
    'temporal-redirect',
    'whitelist-source-range',
    'x-forwarded-prefix',
  ],
};

const RISKS: ReadonlyMap<string, RiskLevel> = new Map(
  (['Medium', 'High', 'Critical'] as const).flatMap((level) => LEVELS[level].map((name) => [name, level] as const)),
);

/** @param name without prefix */
export function riskOf(name: string): RiskLevel {
  return RISKS.get(name) ?? 'Low';
}

export function isAbove(risk: RiskLevel, allowed: RiskLevel): boolean {
  return RISK_LEVELS.indexOf(risk) > RISK_LEVELS.indexOf(allowed);
}
