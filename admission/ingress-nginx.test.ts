import { INGRESS_ANNOTATIONS } from '@causeway/apis/gateway/annotation/index';
import { INGRESS_NGINX_GROUPS } from '@causeway/apis/gateway/annotation/ingress-nginx';
import { type Ingress, type IngressNginx, KIND_REFS } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { beforeEach, describe, expect, test } from 'vitest';
import { review } from './review.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';
let snapshot: Snapshot;

beforeEach(() => {
  snapshot = new Snapshot();
  snapshot.put('IngressNginx', ingressNginx('demo', {}));
});

function ingressNginx(name: string, config: Readonly<Record<string, string>>): IngressNginx {
  return {
    apiVersion: 'ingress-nginx.alauda.io/v1',
    kind: 'IngressNginx',
    metadata: { name, namespace: 'ns1' },
    spec: { controller: { config } },
  };
}

interface Written {
  readonly name?: string;
  readonly namespace?: string;
  readonly className?: string | undefined;
  readonly host?: string;
  readonly path?: string;
  readonly pathType?: string;
}

function ingress(annotations: Readonly<Record<string, string>>, written: Written = {}): Ingress {
  const { name = 'web', namespace = 'n', host = 'a.com', path = '/', pathType = 'Prefix' } = written;
  const className = 'className' in written ? written.className : 'ns1-demo';
  const backend = { service: { name: 'svc', port: { number: 80 } } };
  const named = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}${key}`, value]));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, annotations: named },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      rules: [{ host, http: { paths: [{ path, pathType, backend }] } }],
    },
  };
}

function verdictOf(object: Ingress, oldObject?: Ingress) {
  const kind = KIND_REFS.Ingress;
  const operation = oldObject === undefined ? 'CREATE' : 'UPDATE';
  return review({ operation, kind, object, ...(oldObject === undefined ? {} : { oldObject }) }, snapshot.view('test'));
}

function refusals(object: Ingress): readonly string[] {
  return verdictOf(object).causes.map(({ field, message }) => `${field}: ${message}`);
}

/** A value that each served annotation takes, and one that it does not; absent: it takes every text, which is data. */
const VALUES: Readonly<Record<string, readonly [good: string, bad?: string]>> = {
  affinity: ['cookie', 'ip'],
  'affinity-mode': ['persistent', 'x'],
  'allowlist-source-range': ['10.0.0.0/8', '10.0.0.0/33'],
  'app-root': ['/app', 'app'],
  'auth-always-set-cookie': ['true', 'x'],
  'auth-cache-duration': ['200 5m', '5x'],
  'auth-cache-key': ['$remote_user', '$nobody'],
  'auth-method': ['POST', 'P OST'],
  'auth-realm': ['Own', 'a\nb'],
  'auth-response-headers': ['X-A,X-B', 'X A'],
  'auth-secret': ['n/s', 'a/b/c'],
  'auth-secret-type': ['auth-map', 'x'],
  'auth-type': ['basic', 'x'],
  'auth-url': ['http://auth.n.svc/', 'ftp://x'],
  'backend-protocol': ['HTTPS', 'HTTPX'],
  canary: ['true', 'x'],
  'canary-weight': ['20', '-1'],
  'client-body-buffer-size': ['8k', '8x'],
  'cors-allow-credentials': ['true', 'x'],
  'cors-max-age': ['5', 'x'],
  'custom-headers': ['n/map', 'a b'],
  'denylist-source-range': ['10.0.0.1', 'x'],
  'enable-access-log': ['false', 'x'],
  'enable-cors': ['true', 'x'],
  'enable-modsecurity': ['true', 'x'],
  'enable-opentelemetry': ['true', 'x'],
  'force-ssl-redirect': ['true', 'x'],
  'limit-connections': ['5', '-1'],
  'limit-rps': ['5', 'many'],
  'load-balance': ['ewma', 'x'],
  'permanent-redirect': ['https://b.com', 'a b'],
  'permanent-redirect-code': ['308', '200'],
  'proxy-body-size': ['8m', '8 m'],
  'proxy-buffering': ['on', 'x'],
  'proxy-buffers-number': ['4', 'x'],
  'proxy-connect-timeout': ['5', '0'],
  'proxy-http-version': ['1.0', '3'],
  'proxy-next-upstream': ['error http_502', 'never'],
  'proxy-next-upstream-timeout': ['0', '2s'],
  'proxy-next-upstream-tries': ['3', 'x'],
  'proxy-read-timeout': ['2', '2s'],
  'proxy-send-timeout': ['2', 'x'],
  'proxy-ssl-protocols': ['TLSv1.3', 'SSLv2'],
  'proxy-ssl-verify': ['on', 'x'],
  'rewrite-target': ['/$1', '/a;b'],
  satisfy: ['any', 'x'],
  'session-cookie-name': ['c', 'a b'],
  'session-cookie-samesite': ['Lax', 'x'],
  'ssl-redirect': ['false', 'x'],
  'temporal-redirect': ['/b', 'a b'],
  'upstream-vhost': ['b.com', 'a b'],
  'use-regex': ['true', 'x'],
  'whitelist-source-range': ['10.0.0.0/8,::1', '10.0.0.0/8,x'],
  'x-forwarded-prefix': ['/p', 'a b'],
};

describe('IN-23 annotations', () => {
  for (const [name, [good, bad]] of Object.entries(VALUES)) {
    test(name, () => {
      expect(refusals(ingress({ [name]: good }))).toEqual([]);
      if (bad === undefined) return;
      const [refusal = ''] = refusals(ingress({ [name]: bad }));
      expect(refusal).toContain(`metadata.annotations[${PREFIX}${name}]: Invalid value: ${JSON.stringify(bad)}`);
    });
  }

  test('raw configuration is refused, with what to use instead', () => {
    for (const name of ['configuration-snippet', 'server-snippet', 'stream-snippet', 'auth-snippet']) {
      expect(refusals(ingress({ [name]: 'more_set_headers "A: b";' }))).toEqual([
        expect.stringMatching(
          /Forbidden: risky annotation \(Critical\): raw configuration is never taken; for /,
        ) as string,
      ]);
    }
  });

  test('what is riskier than the IngressNginx allows is refused', () => {
    const snippet = ingress({ 'modsecurity-snippet': 'SecRuleEngine On' });
    const question = ingress({ 'auth-url': 'http://auth.n.svc/' });
    expect(refusals(snippet)).toHaveLength(1);
    expect(refusals(question)).toEqual([]);
    snapshot.put('IngressNginx', ingressNginx('demo', { 'annotations-risk-level': 'Critical' }));
    expect(refusals(snippet)).toEqual([]);
    snapshot.put('IngressNginx', ingressNginx('demo', { 'annotations-risk-level': 'Medium' }));
    expect(refusals(question)).toEqual([expect.stringContaining('risky annotation (High)') as string]);
  });

  test('text that would be configuration is refused, or is data that never becomes any', () => {
    const hostile = ['1;}', '{', '1\nlisten 81;', '"; return 200;', '$(id)', '`id`', '1 }} server {{'];
    const data = new Set<string>();
    for (const name of Object.values(INGRESS_NGINX_GROUPS).flat()) {
      if (!Object.hasOwn(INGRESS_ANNOTATIONS, name)) continue;
      for (const value of hostile) if (refusals(ingress({ [name]: value })).length === 0) data.add(name);
    }
    // Texts that a client or a backend is shown, and what has a parser of its own in the data plane.
    expect([...data].sort()).toMatchInlineSnapshot(`
      [
        "auth-cache-key",
        "auth-realm",
        "auth-request-redirect",
        "auth-response-headers",
        "auth-signin",
        "canary-by-cookie",
        "canary-by-header",
        "canary-by-header-pattern",
        "canary-by-header-value",
        "cors-allow-headers",
        "cors-allow-methods",
        "cors-allow-origin",
        "cors-expose-headers",
        "global-rate-limit-key",
        "modsecurity-transaction-id",
        "opentelemetry-operation-name",
        "permanent-redirect",
        "proxy-redirect-from",
        "proxy-redirect-to",
        "rewrite-target",
        "session-cookie-name",
        "temporal-redirect",
        "upstream-hash-by",
        "x-forwarded-prefix",
      ]
    `);
  });

  test('what ingress-nginx does not know is nobody’s business', () => {
    expect(refusals(ingress({ 'no-such': '{' }))).toEqual([]);
  });
});

describe('IN-04 one Ingress for a host and path', () => {
  beforeEach(() => snapshot.put('Ingress', ingress({}, { name: 'first', path: '/a' })));

  const cases = [
    { name: 'the same', written: { path: '/a' }, refused: true },
    { name: 'another path', written: { path: '/b' }, refused: false },
    { name: 'another type', written: { path: '/a', pathType: 'Exact' }, refused: false },
    { name: 'another host', written: { path: '/a', host: 'b.com' }, refused: false },
    { name: 'another namespace', written: { path: '/a', namespace: 'm' }, refused: false },
    { name: 'another class', written: { path: '/a', className: 'alb' }, refused: false },
    { name: 'itself', written: { path: '/a', name: 'first' }, refused: false },
  ];
  for (const { name, written, refused } of cases) {
    test(name, () => {
      const want =
        'spec.rules[0].http.paths[0].path: Duplicate value: "a.com/a": host and path are those of Ingress n/first';
      expect(refusals(ingress({}, written))).toEqual(refused ? [want] : []);
    });
  }

  test('a canary has the path of the Ingress that it stands beside', () => {
    expect(refusals(ingress({ canary: 'true' }, { path: '/a' }))).toEqual([]);
  });
});

describe('whose Ingresses are judged', () => {
  const bad = { 'proxy-read-timeout': '2s' };

  test('those of the class of an IngressNginx; one without class is warned, one of an ALB is not', () => {
    expect(verdictOf(ingress(bad)).allowed).toBe(false);
    const unclassified = verdictOf(ingress(bad, { className: undefined }));
    expect(unclassified).toMatchObject({ allowed: true, warnings: [expect.stringContaining('proxy-read-timeout')] });
    expect(verdictOf(ingress(bad, { className: 'alb' }))).toEqual({ allowed: true, causes: [], warnings: [] });
  });

  test('what is stored may still be labelled, but not get another bad annotation', () => {
    const stored = ingress(bad);
    const labelled = { ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } };
    expect(verdictOf(labelled, stored).allowed).toBe(true);
    expect(verdictOf(ingress({ ...bad, 'limit-rps': 'x' }), stored).allowed).toBe(false);
  });
});

describe('IN-05 paths', () => {
  test('what a type does not allow, unless the paths of the host are regexes', () => {
    const odd = ingress({}, { path: '/foo.*' });
    expect(refusals(odd)).toEqual([expect.stringContaining('cannot be used with pathType Prefix') as string]);
    expect(refusals(ingress({}, { path: '/foo.*', pathType: 'ImplementationSpecific' }))).toEqual([]);
    expect(refusals(ingress({ 'use-regex': 'true' }, { path: '/foo(' }))).toHaveLength(1);
    snapshot.put('Ingress', ingress({ 'use-regex': 'true' }, { name: 'other', path: '/x' }));
    expect(refusals(odd)).toEqual([]);
  });
});
