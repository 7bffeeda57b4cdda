/** Annotations that hold raw configuration, and the settings that serve what they are used for. */
const RAW: Readonly<Record<string, string>> = {
  'configuration-snippet':
    'for headers use alb.ingress.cpaas.io/rewrite-request and rewrite-response or custom-headers, for redirects permanent-redirect and temporal-redirect, for paths rewrite-target',
  'server-snippet':
    'for further hosts use server-alias, for redirects from-to-www-redirect, app-root and permanent-redirect',
  'stream-snippet': 'for tcp and udp use a Frontend of that protocol',
  'auth-snippet': 'for headers of the question use auth-proxy-set-headers',
};

/** What else is not served, and what to use instead. */
const OTHERS: Readonly<Record<string, string>> = {
  'fastcgi-index': 'FastCGI is not spoken: put an HTTP server before the application',
  'fastcgi-params-configmap': 'FastCGI is not spoken: put an HTTP server before the application',
  'enable-influxdb': 'Prometheus metrics are on the metrics port',
  'enable-opentracing': 'use enable-opentelemetry',
  'opentracing-trust-incoming-span': 'use opentelemetry-trust-incoming-span',
  'secure-backends': 'use backend-protocol: HTTPS',
};

/** Whether text of that annotation would be configuration of nginx (design D7). */
export function isRawConfiguration(name: string): boolean {
  return Object.hasOwn(RAW, name);
}

/** What to use instead of an annotation that is not served, by its name without prefix. */
export function alternativeTo(name: string): string | undefined {
  if (Object.hasOwn(RAW, name)) return RAW[name];
  return Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
}
