import { writeFileSync } from 'node:fs';

/** Rules are spread over this many hosts, except those with wildcard hosts. */
const HOSTS = 100;
const TENANTS = 7;

/** What rules ask for. */
export type WorkloadShape =
  /** A host and a path prefix each. */
  | 'prefix'
  /** `*.<own domain>` each. */
  | 'wildcard'
  /** A host and a regular expression for the path each. */
  | 'regex'
  /** A host and a path prefix each, and in turn a header, a cookie and an address of the client. */
  | 'predicates';

export interface WorkloadRule {
  /** Exact, or `*.` and a domain. */
  readonly host: string;
  /** Path prefix. */
  readonly path: string;
  /** Instead of the prefix: what the whole path must match. */
  readonly regex?: string;
  /** Value that header X-Tenant must have. */
  readonly header?: string;
  /** Value that cookie `tenant` must have. */
  readonly cookie?: string;
  /** The client must come from 127.0.0.0/8. */
  readonly fromLoopback?: true;
}

/** `count` rules; the same for every proxy. */
export function workloadRules(count: number, shape: WorkloadShape = 'prefix'): readonly WorkloadRule[] {
  return Array.from({ length: count }, (_, index) => ruleOf(index, Math.min(HOSTS, count), shape));
}

function ruleOf(index: number, hosts: number, shape: WorkloadShape): WorkloadRule {
  const rule = { host: `h${index % hosts}.bench.test`, path: `/app-${index}` };
  const tenant = `t${index % TENANTS}`;
  switch (shape) {
    case 'prefix':
      return rule;
    case 'wildcard':
      return { host: `*.w${index}.bench.test`, path: '/' };
    case 'regex':
      return { ...rule, regex: `^/app-${index}/[a-z]+$` };
    case 'predicates':
      if (index % 3 === 0) return { ...rule, header: tenant };
      return index % 3 === 1 ? { ...rule, cookie: tenant } : { ...rule, fromLoopback: true };
  }
}

/** What the wrk script below sends, request by request. */
export function workloadRequests(
  rules: readonly WorkloadRule[],
  headers: Readonly<Record<string, string>> = {},
): (n: number) => string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  let seed = 42;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    const rule = rules[seed % rules.length];
    return `GET ${rule?.path}/item HTTP/1.1\r\nHost: ${rule?.host}\r\n${lines.join('')}\r\n`;
  };
}

export interface WrkScriptOptions {
  readonly shape?: WorkloadShape;
  /** Each request on a connection of its own. */
  readonly fresh?: boolean;
  /** Further headers of each request, by name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A wrk script that asks for a pseudo-random rule each time; the seed is fixed. Requests that need not differ from those of
 * `prefix` do not.
 */
export function writeWrkScript(file: string, rules: readonly WorkloadRule[], options: WrkScriptOptions = {}): void {
  const { shape = 'prefix', fresh = false, headers = {} } = options;
  const lines = Object.entries(headers).map(([name, value]) => `\\r\\n${name}: ${value}`);
  const hosts = Math.min(HOSTS, rules.length);
  const path = shape === 'wildcard' ? '"/item"' : '"/app-" .. i .. "/item"';
  const host = shape === 'wildcard' ? '"www.w" .. i' : '"h" .. (i % hosts)';
  const tenant = `"\\r\\nX-Tenant: t" .. (i % ${TENANTS}) .. "\\r\\nCookie: tenant=t" .. (i % ${TENANTS}) ..`;
  const end = `"${fresh ? '\\r\\nConnection: close' : ''}${lines.join('')}\\r\\n\\r\\n"`;
  writeFileSync(
    file,
    `local n, hosts, seed = ${rules.length}, ${hosts}, 42
function request()
  seed = (seed * 16807) % 2147483647
  local i = seed % n
  return "GET " .. ${path} .. " HTTP/1.1\\r\\nHost: " .. ${host} .. ".bench.test" .. ${shape === 'predicates' ? tenant : ''} ${end}
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99), latency.max))
end
`,
  );
}
