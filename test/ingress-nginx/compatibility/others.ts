import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { eventually } from '../../e2e/eventually.ts';
import type { CompatibilityBench } from './bench.ts';
import type { CompatibilityCase } from './case.ts';

const RULES = [
  'SecRuleEngine On',
  'SecRule REQUEST_HEADERS:User-Agent "block-ua" "log,deny,id:107,status:403,msg:\'UA blocked\'"',
].join('\n');
const ATTACK = `/?q=${encodeURIComponent('<script>alert(1)</script>')}`;

async function logOf(bench: CompatibilityBench, name: 'access.log' | 'error.log'): Promise<string> {
  const [instance] = await bench.lab.home.list('Instance');
  return readFileSync(`${instance?.status?.logDirectory}/${name}`, 'utf8');
}

/** Groups CustomHTTPErrors, CustomHeaders, DefaultBackend, DisableProxyInterceptErrors, Logs, Mirror, ModSecurity, Opentelemetry. */
export const OTHERS: readonly CompatibilityCase[] = [
  {
    of: ['custom-headers'],
    does: 'adds headers of a ConfigMap to answers; dollars stay dollars',
    annotations: { 'custom-headers': '{namespace}/headers' },
    requests: [{ headers: { 'x-custom': '42', 'x-dollar': '$remote_addr' } }],
  },
  {
    of: ['custom-headers'],
    does: 'answers 503 when the ConfigMap is not there',
    annotations: { 'custom-headers': '{namespace}/nowhere' },
    requests: [{ status: 503 }],
    deviates: 'what only shapes an answer is left out and told as a Warning event: the application stays reachable',
  },
  {
    of: ['default-backend'],
    does: 'gets the requests while the Service has no endpoint',
    annotations: { 'default-backend': 'other' },
    paths: [{ path: '/alma', service: 'none' }],
    requests: [{ path: '/alma/armud', backend: 'other' }],
  },
  {
    of: ['custom-http-errors'],
    does: 'answers of those codes come from the default backend, with the status it says; others stay',
    annotations: { 'custom-http-errors': '404,503', 'default-backend': 'other' },
    requests: [
      // The query reaches it too, so the echo answers what it is asked to.
      { path: '/?status=503', status: 503, backend: 'other' },
      { path: '/?status=500', status: 500, backend: 'app' },
      { backend: 'app' },
    ],
  },
  {
    of: ['disable-proxy-intercept-errors'],
    does: 'true: answers of backends stay as they are, whatever their code',
    annotations: { 'disable-proxy-intercept-errors': 'true' },
    requests: [{ path: '/?status=503&body=own', status: 503, body: /^own$/ }],
  },
  {
    of: ['enable-access-log'],
    does: 'false: no line for its requests',
    annotations: { 'enable-access-log': 'false' },
    paths: [{ path: '/silent' }],
    beside: [{ paths: [{ path: '/told' }] }],
    check: async (bench, host) => {
      await bench.exchange(host, { path: `/silent/${host}` });
      await bench.exchange(host, { path: `/told/${host}` });
      await eventually(async () => assert.ok((await logOf(bench, 'access.log')).includes(`/told/${host}`)));
      assert.ok(!(await logOf(bench, 'access.log')).includes(`/silent/${host}`));
    },
  },
  {
    of: ['enable-rewrite-log'],
    does: 'true: rewrites are in the error log',
    annotations: { 'rewrite-target': '/new', 'enable-rewrite-log': 'true' },
    check: async (bench, host) => {
      await bench.exchange(host, { path: `/from-${host}`, url: '/new' });
      await eventually(async () => {
        const log = await logOf(bench, 'error.log');
        assert.match(log, new RegExp(`/from-${host}[^\\n]*|rewrit[^\\n]*/from-${host}`));
      });
    },
  },
  {
    of: ['mirror-target', 'mirror-request-body'],
    does: 'gets a copy with the body, unless the body is off; the client does not wait for it',
    annotations: { 'mirror-target': 'http://{mirror}/of-{host}' },
    paths: [{ path: '/with' }],
    beside: [
      {
        annotations: { 'mirror-target': 'http://{mirror}/of-{host}', 'mirror-request-body': 'off' },
        paths: [{ path: '/without' }],
      },
    ],
    check: async (bench, host) => {
      for (const path of ['/with', '/without']) {
        await bench.exchange(host, { path, send: { method: 'POST', body: path } });
      }
      await eventually(() => {
        const copies = bench.mirrored.filter(({ url, method }) => url === `/of-${host}` && method === 'POST');
        const bodies = copies.map(({ body }) => body);
        assert.deepEqual(bodies.toSorted(), ['', '/with']);
      });
    },
  },
  {
    of: ['mirror-target', 'mirror-host'],
    does: 'may hold the path of the request; the Host is that of the target, or as told',
    annotations: { 'mirror-target': 'http://{mirror}/copy$request_uri', 'mirror-host': 'copy.test' },
    check: async (bench, host) => {
      await bench.exchange(host, { path: `/of-${host}?a=b` });
      await eventually(() => {
        const copy = bench.mirrored.find(({ url }) => url === `/copy/of-${host}?a=b`);
        assert.equal(copy?.headers.host, 'copy.test');
      });
    },
  },
  {
    of: ['enable-modsecurity', 'modsecurity-snippet'],
    does: 'refuses what rules say',
    annotations: { 'enable-modsecurity': 'true', 'modsecurity-snippet': RULES },
    requests: [{ send: { headers: { 'user-agent': 'block-ua' } }, status: 403 }, {}],
  },
  {
    of: ['enable-modsecurity', 'enable-owasp-core-rules', 'modsecurity-transaction-id'],
    does: 'only detects unless told otherwise; with an id of its own for the log',
    annotations: {
      'enable-modsecurity': 'true',
      'enable-owasp-core-rules': 'true',
      'modsecurity-transaction-id': 'of-{host}-$arg_id',
    },
    check: async (bench, host) => {
      await bench.exchange(host, { path: `${ATTACK}&id=1` });
      await eventually(async () => {
        const [instance] = await bench.lab.home.list('Instance');
        const log = readFileSync(`${instance?.status?.logDirectory}/firewall/audit.log`, 'utf8');
        assert.ok(log.includes(`of-${host}-1`));
      });
    },
  },
  {
    of: ['enable-owasp-core-rules'],
    does: 'refuses attacks with the engine on',
    annotations: {
      'enable-modsecurity': 'true',
      'enable-owasp-core-rules': 'true',
      'modsecurity-snippet': 'SecRuleEngine On',
    },
    requests: [{ path: ATTACK, status: 403 }, { path: '/?q=shoes' }],
  },
  {
    of: ['enable-modsecurity'],
    does: 'false: nothing is looked at',
    annotations: { 'enable-modsecurity': 'false', 'modsecurity-snippet': RULES },
    requests: [{ send: { headers: { 'user-agent': 'block-ua' } } }],
  },
  {
    of: ['enable-opentelemetry', 'opentelemetry-trust-incoming-span', 'opentelemetry-operation-name'],
    does: 'gives backends a trace context, that of the client where it is trusted',
    annotations: { 'enable-opentelemetry': 'true', 'opentelemetry-trust-incoming-span': 'true' },
    paths: [{ path: '/trusted' }],
    beside: [
      {
        annotations: {
          'enable-opentelemetry': 'true',
          'opentelemetry-trust-incoming-span': 'false',
          'opentelemetry-operation-name': 'HTTP $request_method',
        },
        paths: [{ path: '/own' }],
      },
      { annotations: { 'enable-opentelemetry': 'false' }, paths: [{ path: '/off' }] },
    ],
    requests: [
      {
        path: '/trusted',
        send: { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } },
        seen: { traceparent: /^00-a{32}-/ },
      },
      {
        path: '/own',
        send: { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } },
        seen: { traceparent: /^00-(?!a{32})/ },
      },
      { path: '/off', seen: { traceparent: '' } },
    ],
  },
];
