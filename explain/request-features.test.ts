/** Listeners, certificates, trusted proxies, balancing, regular expressions: what `explain request` says beside the rule. */
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { beforeAll, describe, expect, test } from 'vitest';
import { explainRequest, type RequestExplanation } from './request.ts';
import { renderRequestExplanation } from './request-text.ts';
import { viewOf } from './testing/view-of.ts';

const NOW = Date.now();
const ALB = { namespace: 'kube-system', name: 'demo' };
const META = 'namespace: kube-system, labels: { alb2.cpaas.io/name: demo';
const GROUP = 'services: [{ namespace: default, name: app, port: 80, weight: 100 }]';

const OBJECTS = `
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: demo, namespace: kube-system }
spec: { type: nginx, address: 192.0.2.1, config: { projects: [ALL_ALL], trustedProxies: [10.0.0.0/8] } }
---
apiVersion: crd.alauda.io/v2beta1
kind: ALB2
metadata: { name: none, namespace: kube-system }
spec: { type: nginx, config: { replicas: 0 } }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: web, ${META} } }
spec: { port: 80, protocol: http, serviceGroup: { ${GROUP}, session_affinity_policy: cookie } }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: secure, ${META} } }
spec: { port: 443, protocol: https, certificate_name: default/d }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: rpc, ${META} } }
spec: { port: 9000, protocol: grpc, serviceGroup: { ${GROUP} } }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: bytes, ${META} } }
spec: { port: 5432, protocol: tcp, serviceGroup: { ${GROUP}, session_affinity_policy: sip-hash } }
---
apiVersion: crd.alauda.io/v1
kind: Frontend
metadata: { name: packets, ${META} } }
spec: { port: 53, protocol: udp, serviceGroup: { ${GROUP} } }
---
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: pcre, ${META}, alb2.cpaas.io/frontend: web } }
spec:
  priority: 1
  dslx: [{ type: URL, values: [[REGEX, '^/a(?=b)']] }]
  serviceGroup: { ${GROUP} }
---
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: inside, ${META}, alb2.cpaas.io/frontend: web } }
spec:
  priority: 2
  dslx: [{ type: URL, values: [[STARTS_WITH, /abc]] }, { type: SRC_IP, values: [[EQ, 9.9.9.9]] }]
  serviceGroup: { ${GROUP}, session_affinity_policy: header, session_affinity_attribute: X-User }
---
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: certified, ${META}, alb2.cpaas.io/frontend: secure } }
spec:
  priority: 5
  domain: '*.e.com'
  certificate_name: default/wild
  dslx: [{ type: URL, values: [[STARTS_WITH, /]] }]
  serviceGroup: { ${GROUP} }
---
apiVersion: crd.alauda.io/v1
kind: Rule
metadata: { name: guarded, ${META}, alb2.cpaas.io/frontend: secure } }
spec:
  priority: 1
  dslx: [{ type: HOST, values: [[EQ, g.e.com]] }, { type: URL, values: [[STARTS_WITH, /in]] }]
  serviceGroup: { ${GROUP} }
  config: { clientCertificate: { secret: kube-system/ca, errorPage: 'https://h/?$uri' }, clientTLS: { ciphers: HIGH } }
---
apiVersion: causeway.dev/v1alpha1
kind: Instance
metadata: { name: demo-vm, ${META} } }
status:
  ready: true
  node: vm
  ports: [{ port: 80, protocol: http, state: conflict, message: 127.0.0.1 port 80 is taken by apache2 (7) }]
---
apiVersion: v1
kind: Service
metadata: { name: app, namespace: default }
spec: { ports: [{ port: 80, protocol: TCP, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: app-1, namespace: default, labels: { kubernetes.io/service-name: app } }
addressType: IPv4
ports: [{ port: 8080, protocol: TCP }]
endpoints: [{ addresses: [127.0.0.2], conditions: { ready: true } }, { addresses: [127.0.0.3], conditions: { ready: true } }]
`;

let view: ReturnType<typeof viewOf>;

beforeAll(async () => {
  let objects = OBJECTS;
  for (const name of ['d', 'wild']) {
    const { chainPem, keyPem } = await selfSigned(`${name}.example`);
    const [certificate, key] = [chainPem, keyPem].map((text) => Buffer.from(text).toString('base64'));
    objects += `---\n{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: kube-system}, data: {ca.crt: ${certificate}}}\n`;
    objects += `---\n{apiVersion: v1, kind: Secret, metadata: {name: ${name}, namespace: default}, type: kubernetes.io/tls, data: {tls.crt: ${certificate}, tls.key: ${key}}}\n`;
  }
  view = viewOf(objects);
});

function explain(url: string, headers: Readonly<Record<string, string>> = {}, from = '127.0.0.1'): RequestExplanation {
  const question = {
    url: new URL(url),
    method: 'GET',
    headers: Object.entries(headers),
    sourceAddress: from,
    now: NOW,
  };
  return explainRequest(view, ALB, question);
}

describe('which certificate is shown', () => {
  const cases = [
    { name: 'a wildcard', url: 'https://c.e.com/', serverName: 'c.e.com', want: 'default/wild', why: 'for *.e.com' },
    { name: 'no SNI', url: 'https://192.0.2.1/', serverName: '', want: 'default/d', why: 'the default of the port' },
    { name: 'an unknown name', url: 'https://b.com/', serverName: 'b.com', want: undefined, why: 'handshake fails' },
  ];
  for (const { name, url, serverName, want, why } of cases) {
    test(name, () => {
      const { tls } = explain(url);
      expect(tls?.serverName).toBe(serverName);
      expect(tls?.certificate?.id).toBe(want);
      expect(tls?.why).toContain(why);
    });
  }

  test('without a certificate nothing is answered', () => {
    expect(explain('https://b.com/').outcome).toEqual({ type: 'refused', reason: 'the TLS handshake fails' });
  });

  test('reads well', () => {
    expect(renderRequestExplanation(explain('https://c.e.com/'))).toMatch(
      /\n {2}TLS, SNI c\.e\.com: certificate default\/wild \(for \*\.e\.com; names wild\.example; until 20/,
    );
  });
});

describe('certificates of clients', () => {
  test('what the Rule asks for', () => {
    expect(explain('https://g.e.com/in').effects).toContain(
      'wants a certificate of the client from the authorities of Secret kube-system/ca (depth 1); without it the request is redirected with 302 to https://h/?/in',
    );
  });

  test('what the host asks for, whatever Rule takes the request', () => {
    const text = renderRequestExplanation(explain('https://g.e.com/out'));
    expect(text).toContain('the client is asked for a certificate (on); all requests for this host are judged by it');
    expect(text).toContain('ciphers of TLS 1.2: HIGH');
  });

  test('other hosts ask for nothing', () => {
    expect(explain('https://c.e.com/').tls?.terms).toEqual([]);
  });
});

describe('who the client is', () => {
  test('a trusted proxy names it, and rules see it', () => {
    const { client, rule } = explain('http://a.com/abc', { 'X-Forwarded-For': '9.9.9.9, 10.0.0.2' }, '10.0.0.1');
    expect(client).toEqual({ address: '9.9.9.9', peer: '10.0.0.1', by: 'X-Forwarded-For' });
    expect(rule?.name).toBe('inside');
  });

  test('anybody else does not', () => {
    const { client, nearMisses } = explain('http://a.com/abc', { 'X-Forwarded-For': '9.9.9.9' }, '11.0.0.1');
    expect(client).toEqual({ address: '11.0.0.1', peer: '11.0.0.1', by: 'peer' });
    expect(nearMisses).toContainEqual({
      ...{ rule: 'inside', source: '', failedTerm: 'source address equals "9.9.9.9"', requestHas: '"11.0.0.1"' },
    });
  });
});

describe('balancing', () => {
  const inside = { 'X-Real-IP': '9.9.9.9', 'X-User': 'u1' };

  test('by a header: the endpoint of this value', () => {
    const { outcome } = explain('http://a.com/abc', inside, '10.0.0.1');
    expect(outcome).toMatchObject({
      balancing: { policy: 'header', attribute: 'x-user', endpoint: expect.stringMatching(/^127\.0\.0\.[23]:8080$/) },
    });
    const others = ['u2', 'u3', 'u4', 'u5', 'u6', 'u7'].map(
      (user) => explain('http://a.com/abc', { ...inside, 'X-User': user }, '10.0.0.1').outcome,
    );
    expect(new Set(others.map((one) => one.type === 'forward' && one.balancing.endpoint)).size).toBe(2);
  });

  test('by a cookie that the request does not have: the answer sets it', () => {
    const explanation = explain('http://a.com/');
    expect(explanation.outcome).toMatchObject({ balancing: { policy: 'cookie', attribute: 'JSESSIONID' } });
    expect(renderRequestExplanation(explanation)).toContain('by a hash of cookie JSESSIONID, which the answer sets');
  });

  test('layer 4 by the address of the client', () => {
    const { outcome, protocol } = explain('http://a.com:5432/');
    expect(protocol).toBe('tcp');
    expect(outcome).toMatchObject({ type: 'forward', protocol: 'tcp', balancing: { policy: 'sourceAddress' } });
  });
});

describe('listeners', () => {
  test('the default service group takes what no rule takes', () => {
    const { defaultGroup, rule, outcome } = explain('http://a.com/none');
    expect({ defaultGroup, rule, type: outcome.type }).toEqual({
      defaultGroup: true,
      rule: undefined,
      type: 'forward',
    });
  });

  test('a grpc port takes http', () => {
    expect(explain('http://a.com:9000/').outcome).toMatchObject({ type: 'forward', protocol: 'grpc' });
  });

  test('a udp port takes no request', () => {
    expect(explain('http://a.com:53/').outcome).toEqual({ type: 'refused', reason: 'the port speaks udp' });
  });

  test('a port that another program has', () => {
    const { problems, addresses } = explain('http://a.com/');
    expect(problems).toContain('not listening on demo-vm: 127.0.0.1 port 80 is taken by apache2 (7)');
    expect(addresses).toEqual(['192.0.2.1']);
  });

  test('an ALB without data plane', () => {
    const question = {
      url: new URL('http://a.com/'),
      method: 'GET',
      headers: [],
      sourceAddress: '127.0.0.1',
      now: NOW,
    };
    const { outcome } = explainRequest(view, { namespace: 'kube-system', name: 'none' }, question);
    expect(outcome).toEqual({ type: 'refused', reason: 'the ALB has no data plane' });
  });
});

test('a regular expression that only the data plane understands is told, not guessed', () => {
  const { rule, nearMisses, problems } = explain('http://a.com/abc', { 'X-Real-IP': '9.9.9.9' }, '10.0.0.1');
  expect(rule?.name).toBe('inside');
  expect(nearMisses).toContainEqual({ rule: 'pcre', source: '', undecided: 'path matches "^/a(?=b)"' });
  expect(problems).toContainEqual(expect.stringMatching(/^Rule pcre comes first and takes the request if/));
});

test('JSON: fields as docs/explain.md has them', () => {
  const explanation = explain('https://c.e.com/');
  expect(Object.keys(explanation).sort()).toEqual(
    [
      ...[
        'addresses',
        'alb',
        'client',
        'defaultGroup',
        'effects',
        'frontend',
        'nearMisses',
        'outcome',
        'port',
        'problems',
      ],
      ...['protocol', 'rule', 'tls'],
    ].sort(),
  );
  expect(Object.keys(explanation.tls?.certificate ?? {}).sort()).toEqual(
    ['fingerprint', 'id', 'issuer', 'names', 'notAfter', 'notBefore', 'serialNumber', 'subject'].sort(),
  );
});
