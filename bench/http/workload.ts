import { writeFileSync } from 'node:fs';

/** Rules are spread over this many hosts. */
const HOSTS = 100;

export interface WorkloadRule {
  readonly host: string;
  /** Path prefix. */
  readonly path: string;
}

/** `count` rules, each a host and a path prefix; the same for every proxy. */
export function workloadRules(count: number): readonly WorkloadRule[] {
  return Array.from({ length: count }, (_, index) => ({
    host: `h${index % Math.min(HOSTS, count)}.bench.test`,
    path: `/app-${index}`,
  }));
}

/** What the wrk script below sends, request by request. */
export function workloadRequests(rules: readonly WorkloadRule[]): (n: number) => string {
  let seed = 42;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    const rule = rules[seed % rules.length];
    return `GET ${rule?.path}/item HTTP/1.1\r\nHost: ${rule?.host}\r\n\r\n`;
  };
}

/** A wrk script that asks for a pseudo-random rule each time; the seed is fixed. */
export function writeWrkScript(file: string, rules: readonly WorkloadRule[]): void {
  const hosts = Math.min(HOSTS, rules.length);
  writeFileSync(
    file,
    `local n, hosts, seed = ${rules.length}, ${hosts}, 42
function request()
  seed = (seed * 16807) % 2147483647
  local i = seed % n
  return "GET /app-" .. i .. "/item HTTP/1.1\\r\\nHost: h" .. (i % hosts) .. ".bench.test\\r\\n\\r\\n"
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99), latency.max))
end
`,
  );
}
