import { hash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { selfSigned, type TestCertificate } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { asked } from '../e2e/asked.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, HTTP_PORT, HTTPS_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

/** Of names of users in directories of Microsoft. */
const PRINCIPAL = '1.3.6.1.4.1.311.20.2.3';

let lab: GatewayLab;

beforeAll(async () => {
  const tls = { certificateRefs: [{ name: 'shown' }] };
  lab = await GatewayLab.start(['a'], [httpListener(), { name: 'https', port: HTTPS_PORT, protocol: 'HTTPS', tls }]);
  await lab.home.apply(tlsSecret('shown', await selfSigned('a.com')));
  const filters = [
    { type: 'ResponseHeaderModifier' as const, responseHeaderModifier: { set: [{ name: 'x-merged', value: 'yes' }] } },
  ];
  await lab.home.apply(httpRoute('web', [to('a', '/'), to('a', '/merged/x', { filters })]));
  await lab.answers({ '/': 'a' });
});
afterAll(() => lab.stop());

describe('GW-41 and GW-42 ClientTrafficPolicy', () => {
  test('headers of all requests and answers of a listener', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo/http', {
        headers: {
          earlyRequestHeaders: { set: [{ name: 'x-early', value: 'yes' }] },
          lateResponseHeaders: {
            set: [
              { name: 'x-late', value: 'yes' },
              { name: 'x-merged', value: 'late' },
            ],
            remove: ['x-backend'],
          },
        },
      }),
    );
    await eventually(async () => {
      const { headers, body } = await lab.ask('/');
      expect([headers['x-late'], headers['x-backend']]).toEqual(['yes', undefined]);
      expect((await lab.ask('/merged/x')).headers['x-merged']).toBe('late');
      expect((JSON.parse(body) as Echo).headers['x-early']).toBe('yes');
    });
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
        settings: { timeout: { http: { idleTimeout: '5s' } } },
        http3: {},
      }),
    );
    await eventually(async () => {
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toBe('False Invalid: spec.http3: not served');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client', 'Warning')).toContain('DeprecatedField');
      expect((await lab.ask('/')).headers['x-backend']).toBe('a');
    });
  });

  test('a connection on which nothing is asked is closed; one whose request does not come to its end, too', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo/http', {
        timeout: { http: { idleTimeout: '1s', requestReceivedTimeout: '1s' } },
      }),
    );
    await eventually(async () => {
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
      const whole = 'GET / HTTP/1.1\r\nHost: a.com\r\n\r\n';
      expect(await saidUntilClosed(whole)).toMatch(/^HTTP\/1\.1 200/);
      const part = 'POST / HTTP/1.1\r\nHost: a.com\r\nContent-Length: 10\r\n\r\nabc';
      expect(await saidUntilClosed(part)).toMatch(/^HTTP\/1\.1 408/);
      const chunk = 'POST / HTTP/1.1\r\nHost: a.com\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';
      expect(await saidUntilClosed(chunk)).toMatch(/^HTTP\/1\.1 408/);
      expect(await saidUntilClosed('POST / HTTP/1.1\r\nHost: a.com\r\nContent-Le')).toBe('');
      const { status, headers } = await lab.ask('/', { method: 'POST', body: 'x'.repeat(100_000) });
      expect([status, headers['x-backend']]).toEqual([200, 'a']);
    });
  });

  test('a listener of which nothing is said keeps its connections; timeouts count where they stood once, too', async () => {
    const whole = 'GET / HTTP/1.1\r\nHost: a.com\r\n\r\n';
    const other = connectTls({ host: lab.address, port: HTTPS_PORT, servername: 'a.com', rejectUnauthorized: false });
    let said = '';
    other.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const answered = (times: number) =>
      eventually(() => expect(said.match(/HTTP\/1\.1 200/g) ?? []).toHaveLength(times));
    try {
      await once(other, 'secureConnect');
      other.write(whole);
      await answered(1);
      expect(await saidUntilClosed(whole)).toMatch(/^HTTP\/1\.1 200/);
      other.write(whole);
      await answered(2);
    } finally {
      other.destroy();
    }
    const timeout = {
      tcp: { idleTimeout: 'unlimited' },
      http: { idleTimeout: '1s', requestReceivedTimeout: '1s', streamIdleTimeout: '3s' },
    };
    await lab.home.apply(policy('ClientTrafficPolicy', 'client', 'Gateway/demo', { settings: { timeout } }));
    const part = 'POST / HTTP/1.1\r\nHost: a.com\r\nContent-Length: 10\r\n\r\nabc';
    await eventually(async () => {
      const answers = [lab.ask('/?sleep=30000'), saidUntilClosed(whole), saidUntilClosed(part)] as const;
      const [{ status }, ...texts] = await Promise.all(answers);
      expect([status, ...texts.map((text) => text.slice(0, 12))]).toEqual([504, 'HTTP/1.1 200', 'HTTP/1.1 408']);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client', 'Warning')).toContain('DeprecatedField');
    });
  });

  test('what contradicts itself is refused', async () => {
    const cases = [
      [{ tls: { minVersion: '1.3', ciphers: ['AES128-SHA'] } }, 'setting ciphers has no effect'],
      [{ tls: { minVersion: '1.3', maxVersion: '1.2' } }, 'minVersion must be smaller'],
      [
        { clientIPDetection: { xForwardedFor: { numTrustedHops: 1 }, customHeader: { name: 'x-ip' } } },
        'customHeader cannot be used in conjunction with xForwardedFor',
      ],
      [{ timeout: { http: { idleTimeout: '30' } } }, 'spec.timeout.http.idleTimeout'],
    ] as const;
    for (const [spec, message] of cases) {
      await expect(lab.home.apply(policy('ClientTrafficPolicy', 'bad', 'Gateway/demo', spec))).rejects.toThrow(message);
    }
  });

  describe('clients show a certificate', () => {
    let authority: CertificateAuthority;
    const shown = new Map<string, TestCertificate>();

    beforeAll(async () => {
      authority = await createAuthority('clients');
      for (const name of ['ann', 'bob'])
        shown.set(name, await authority.issue(name, { principal: `${name}@shop.test` }));
      shown.set('cyd', await (await authority.intermediate('between')).issue('cyd'));
      const [ann] = [...shown.values()];
      const revoked = await authority.revoke(...(ann === undefined ? [] : [ann]));
      await lab.home.apply(
        configMap('authorities', { 'ca.crt': authority.certificatePem }),
        configMap('revoked', { 'ca.crl': revoked }),
      );
    });

    const chainOf = (name: string): string => shown.get(name)?.chainPem ?? '';

    /** On a connection of their own. @returns the status, or `refused` where there is no connection */
    async function answered(name?: string, port = HTTPS_PORT): Promise<number | 'refused'> {
      const certificate = name === undefined ? undefined : shown.get(name);
      const agent = new Agent({
        keepAlive: false,
        maxCachedSessions: 0,
        ...(certificate && { cert: certificate.chainPem, key: certificate.keyPem }),
      });
      try {
        return (await lab.ask('/', { port, serverName: 'a.com', agent })).status;
      } catch {
        return 'refused';
      } finally {
        agent.destroy();
      }
    }

    const all = async (): Promise<unknown> => [await answered(), await answered('ann'), await answered('bob')];

    async function wants(validation: object, spec: object = {}): Promise<void> {
      const caCertificateRefs = [{ group: '', kind: 'ConfigMap', name: 'authorities' }];
      const tls = { clientValidation: { caCertificateRefs, ...validation } };
      await lab.home.apply(policy('ClientTrafficPolicy', 'client', 'Gateway/demo', { tls, ...spec }));
    }

    test('without one there is no connection, and backends are told about it', async () => {
      const ann = shown.get('ann');
      const agent = new Agent({ cert: ann?.chainPem, key: ann?.keyPem });
      const told = async (port: number): Promise<unknown> => {
        const headers = { 'x-forwarded-client-cert': 'Hash=mine' };
        const overTls = port === HTTPS_PORT && { serverName: 'a.com', agent };
        const { body } = await lab.ask('/', { port, headers, ...overTls });
        return (JSON.parse(body) as Echo).headers['x-forwarded-client-cert'];
      };
      await eventually(async () => {
        expect(await answered()).toBe(200);
        expect(await told(HTTP_PORT)).toBeUndefined();
      });
      for (const [xForwardedClientCert, overTls, inTheClear] of seenByBackend(chainOf('ann'))) {
        await wants({}, { headers: { xForwardedClientCert } });
        await eventually(async () => {
          expect(await all()).toEqual(['refused', 200, 200]);
          const seen = [await told(HTTPS_PORT), await told(HTTP_PORT)];
          expect([xForwardedClientCert, ...seen]).toEqual([xForwardedClientCert, overTls, inTheClear]);
        });
      }
      agent.destroy();
      await wants({}, { headers: { xForwardedClientCert: { mode: 'SanitizeSet', certDetailsToAdd: ['Chain'] } } });
      const [own = '', between = ''] = chainOf('cyd').split(/(?=-----BEGIN)/);
      await eventually(async () => {
        const { cert, key } = { cert: chainOf('cyd'), key: shown.get('cyd')?.keyPem };
        const ofCyd = new Agent({ cert, key, maxCachedSessions: 0 });
        const { body } = await lab.ask('/', { port: HTTPS_PORT, serverName: 'a.com', agent: ofCyd });
        ofCyd.destroy();
        const told = (JSON.parse(body) as Echo).headers['x-forwarded-client-cert'];
        expect(told).toBe(`Hash=${hashOf(own)};Chain="${escaped(own)}${escaped(between)}"`);
      });
    });

    test('operators of Envoy say what it is; without one nothing that a client says instead', async () => {
      const value = [
        ...['%DOWNSTREAM_PEER_SUBJECT%', '%DOWNSTREAM_PEER_SERIAL%', '%DOWNSTREAM_PEER_FINGERPRINT_256%'],
        ...['%DOWNSTREAM_PEER_CERT_V_END(%b %e %T %Y)%', '%DOWNSTREAM_PEER_DNS_SAN%'],
      ].join('|');
      const set = [
        { name: 'x-peer', value },
        { name: 'x-subject', value: '%DOWNSTREAM_PEER_SUBJECT%' },
        { name: 'x-tls', value: '%DOWNSTREAM_TLS_VERSION% %REQUESTED_SERVER_NAME%' },
        { name: 'x-wrong', value: '%WRONG%' },
      ];
      await wants({ optional: true }, { headers: { earlyRequestHeaders: { set } } });
      const ann = new X509Certificate(chainOf('ann'));
      const own = new Agent({ cert: chainOf('ann'), key: shown.get('ann')?.keyPem });
      const forged = { 'x-subject': 'CN=root', 'x-wrong': 'mine' };
      const seenBy = async (agent: Agent): Promise<Echo['headers']> =>
        (
          JSON.parse(
            (await lab.ask('/', { port: HTTPS_PORT, serverName: 'a.com', agent, headers: forged })).body,
          ) as Echo
        ).headers;
      await eventually(async () => {
        const seen = await seenBy(own);
        const [subject, serial, hash, end, names] = String(seen['x-peer']).split('|');
        expect(subject).toBe(seen['x-subject']);
        expect(subject).toContain('CN=');
        expect(serial).toBe(ann.serialNumber.toLowerCase());
        expect(hash).toBe(ann.fingerprint256.replaceAll(':', '').toLowerCase());
        expect(`${end} GMT`).toBe(ann.validTo);
        expect(ann.subjectAltName).toContain(`DNS:${String(names).split(',')[0]}`);
        expect([seen['x-tls'], seen['x-wrong']]).toEqual(['TLSv1.3 a.com', undefined]);
        const bare = new Agent({ keepAlive: false, maxCachedSessions: 0 });
        const without = await seenBy(bare);
        bare.destroy();
        expect([without['x-peer'], without['x-subject']]).toEqual(['||||', undefined]);
        const message = 'spec.headers.earlyRequestHeaders: x-wrong: %WRONG%: the operator is not known';
        expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain(message);
      });
      own.destroy();
    });

    test('a good one that is not wanted is answered 400: by names, hashes, revocation', async () => {
      const cases: readonly (readonly [validation: object, answers: unknown])[] = [
        [{ optional: true }, [200, 200, 200]],
        [
          { optional: true, subjectAltNames: { dnsNames: [{ value: 'BOB' }], uris: [{ value: 'urn:x' }] } },
          [200, 400, 200],
        ],
        [{ subjectAltNames: { dnsNames: [{ type: 'RegularExpression', value: 'a.*' }] } }, ['refused', 200, 400]],
        [
          { subjectAltNames: { otherNames: [{ oid: PRINCIPAL, type: 'Prefix', value: 'bob@' }] } },
          ['refused', 400, 200],
        ],
        [{ certificateHashes: [hashOf(chainOf('bob')).toUpperCase()] }, ['refused', 400, 200]],
        [{ spkiHashes: [keyHashOf(chainOf('ann'))], certificateHashes: ['0'.repeat(64)] }, ['refused', 200, 400]],
        [{ crl: { refs: [{ group: '', kind: 'ConfigMap', name: 'revoked' }] } }, ['refused', 'refused', 200]],
      ];
      for (const [validation, answers] of cases) {
        await wants(validation);
        await eventually(async () => {
          expect(await all()).toEqual(answers);
          expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
        });
      }
    });

    test.each([
      [
        { crl: { refs: [{ name: 'absent' }] } },
        'spec.tls.clientValidation.crl.refs[0]: Secret default/absent not found',
      ],
      [
        { subjectAltNames: { otherNames: [{ oid: 'upn', value: 'bob' }] } },
        'spec.tls.clientValidation.subjectAltNames.otherNames[0].oid: "upn" is no number',
      ],
      [{ spkiHashes: ['AAAA'] }, 'spec.tls.clientValidation.spkiHashes[0]: "AAAA" is no SHA-256 in base64'],
      [
        { subjectAltNames: { uris: [{ type: 'RegularExpression', value: '(' }] } },
        'spec.tls.clientValidation.subjectAltNames.uris[0].value: ',
      ],
      [
        { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'gone' }] },
        'spec.tls.clientValidation.caCertificateRefs[0]: ConfigMap default/gone not found',
      ],
    ])('nobody gets in with what cannot be had: %j', async (validation, message) => {
      await wants({ optional: true, ...validation });
      await eventually(async () => {
        expect(await all()).toEqual([403, 403, 403]);
        expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain(message);
      });
    });
  });

  test('who the client is behind proxies, the number of a request, health, headers that are absent or have odd names', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
        clientIPDetection: { xForwardedFor: { numTrustedHops: 2 } },
        headers: {
          requestID: 'PreserveOrGenerate',
          withUnderscoresAction: 'DropHeader',
          earlyRequestHeaders: {
            addIfAbsent: [
              { name: 'x-tenant', value: 'none' },
              { name: 'x-asked-by', value: '%DOWNSTREAM_REMOTE_ADDRESS%' },
            ],
          },
          lateResponseHeaders: { set: [{ name: 'x-number', value: '%RESPONSE_CODE% %ROUTE_NAME%' }] },
        },
        healthCheck: { path: '/healthy' },
        timeout: { http: { requestReceivedTimeout: '30s' } },
        http2: { maxConcurrentStreams: 10 },
      }),
    );
    await eventually(async () => {
      const forwarded = '10.9.9.9, 192.0.2.7, 10.0.0.2';
      const headers = { 'x-forwarded-for': forwarded, x_odd: 'yes' };
      const seen = (JSON.parse((await lab.ask('/', { headers })).body) as Echo).headers;
      expect([seen['x-real-ip'], seen['x-tenant'], seen['x_odd']]).toEqual(['192.0.2.7', 'none', undefined]);
      expect(seen['x-asked-by']).toBe('192.0.2.7:0');
      expect(String(seen['x-forwarded-for']).startsWith(`${forwarded}, `)).toBe(true);
      expect(seen['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
      const own = { 'x-request-id': 'mine', 'x-tenant': 'shop' };
      const kept = (JSON.parse((await lab.ask('/', { headers: own })).body) as Echo).headers;
      expect([kept['x-request-id'], kept['x-tenant']]).toEqual(['mine', 'shop']);
      expect((await lab.ask('/')).headers['x-number']).toBe('200 httproute/default/web/rule/0/match/0');
      const healthy = await lab.ask('/healthy');
      expect([healthy.status, healthy.headers['x-backend']]).toEqual([200, undefined]);
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
  });

  test('headers by the form of their names, odd names, escaped slashes', async () => {
    const client = (slashes: string, path: object = {}): Promise<void> =>
      lab.home.apply(
        policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
          headers: {
            earlyRequestHeaders: { removeOnMatch: [{ type: 'Prefix', value: 'X-Int-' }, { value: 'x-one' }] },
            lateResponseHeaders: { removeOnMatch: [{ type: 'RegularExpression', value: 'x-back.*' }] },
          },
          path: { escapedSlashesAction: slashes, ...path },
          timeout: { http: { streamIdleTimeout: '300ms' } },
        }),
      );
    await client('RejectRequest');
    await eventually(async () => {
      const own = { 'x-int-a': '1', 'x-one': '1', 'x-one-more': '1' };
      const { headers, body } = await lab.ask('/', { headers: own });
      const seen = (JSON.parse(body) as Echo).headers;
      expect([seen['x-int-a'], seen['x-one'], seen['x-one-more'], headers['x-backend']]).toEqual([
        ...[undefined, undefined, '1', undefined],
      ]);
      expect((await lab.ask('/', { headers: { x_odd: '1' } })).status).toBe(400);
      expect([(await lab.ask('/a%2Fb')).status, (await lab.ask('/a?b=%2F')).status]).toEqual([400, 200]);
      expect((await lab.ask('/?sleep=900')).status).toBe(504);
      expect((await lab.ask('/merged//x')).headers['x-merged']).toBe('yes');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
    await client('UnescapeAndForward', { disableMergeSlashes: true });
    await eventually(async () => {
      expect((JSON.parse((await lab.ask('/a%2fb?c=%2F')).body) as Echo).url).toBe('/a/b?c=%2F');
      expect((await lab.ask('/merged//x')).headers['x-merged']).toBeUndefined();
    });
    await client('UnescapeAndRedirect');
    await eventually(async () => {
      const { status, headers } = await lab.ask('/%2Fa.com%5Cb?c', { host: 'a.com' });
      expect([status, headers.location]).toEqual([307, 'http://a.com//a.com/b?c']);
    });
  });

  test('a header of proxies says who the client is; without it nobody gets in', async () => {
    const client = (failClosed: boolean): Promise<void> =>
      lab.home.apply(
        policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
          clientIPDetection: { customHeader: { name: 'X-Client', failClosed } },
          headers: { withUnderscoresAction: 'Allow' },
        }),
      );
    const seen = async (told: string): Promise<unknown> => {
      const { status, body } = await lab.ask('/', { headers: { 'x-client': told } });
      return status === 200 ? (JSON.parse(body) as Echo).headers['x-real-ip'] : status;
    };
    await client(true);
    await eventually(async () => {
      expect([await seen('192.0.2.44'), await seen('2001:db8::7'), await seen('somebody')]).toEqual([
        ...['192.0.2.44', '2001:db8::7', 403],
      ]);
      expect((await lab.ask('/')).status).toBe(403);
    });
    await client(false);
    await eventually(async () => {
      expect([await seen('192.0.2.44'), (await lab.ask('/')).status]).toEqual(['192.0.2.44', 200]);
      const odd = await lab.ask('/', { headers: { x_odd: 'yes' } });
      expect((JSON.parse(odd.body) as Echo).headers['x_odd']).toBe('yes');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
  });

  test('the version of TLS and what is spoken over it; how many connections there may be', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo', {
        tls: { minVersion: '1.3', alpnProtocols: ['http/1.1'], ecdhCurves: ['P-256'] },
        connection: { connectionLimit: { value: 1 } },
      }),
    );
    await eventually(async () => {
      expect(await handshake({ maxVersion: 'TLSv1.2' })).toBe('refused');
      expect(await handshake({ ecdhCurve: 'X25519' })).toBe('refused');
      expect(await handshake({})).toBe('TLSv1.3 http/1.1');
      const answers = await Promise.allSettled([1, 2].map(() => lab.ask('/?sleep=700')));
      expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });
    const signing = async (...signatureAlgorithms: readonly string[]): Promise<void> => {
      const tls = { signatureAlgorithms, session: { resumption: { stateless: {} } } };
      await lab.home.apply(policy('ClientTrafficPolicy', 'client', 'Gateway/demo', { tls }));
    };
    // The certificate has a key of P-256.
    await signing('ecdsa_secp384r1_sha384');
    await eventually(async () => expect(await handshake({})).toBe('refused'));
    await signing('ecdsa_secp256r1_sha256', 'rsa_pss_pss_sha256');
    await eventually(async () => {
      expect(await handshake({})).toBe('TLSv1.3 h2');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain(
        'spec.tls.signatureAlgorithms: rsa_pss_pss_sha256 is not among ecdsa_secp256r1_sha256, ',
      );
    });
  });

  test('a listener behind a proxy that tells the client by the PROXY protocol', async () => {
    await lab.home.apply(policy('ClientTrafficPolicy', 'client', 'Gateway/demo', { proxyProtocol: {} }));
    await eventually(async () => {
      const told = await spoken(`PROXY TCP4 192.0.2.9 ${lab.address} 4000 ${HTTP_PORT}\r\n`);
      expect(told).toContain('"x-forwarded-for":"192.0.2.9"');
      expect(await spoken('')).toBe('');
    });
  });

  test('such a listener that takes connections without that header, too: in the clear, with HTTP/2, over TLS', async () => {
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client', 'Gateway/demo', { proxyProtocol: { optional: true } }),
    );
    const v1 = (port: number) => `PROXY TCP4 192.0.2.9 ${lab.address} 4000 ${port}\r\n`;
    const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000209c633640201bb0050', 'hex');
    const own = expect.stringMatching(/^(127|198\.1[89])\./);
    await eventually(async () => {
      expect(await forwardedFor(HTTP_PORT, '')).toEqual(own);
      expect(await forwardedFor(HTTP_PORT, v1(HTTP_PORT))).toBe('192.0.2.9');
      expect(await forwardedFor(HTTP_PORT, v2)).toBe('192.0.2.9');
      expect(await forwardedForByHttp2('')).toEqual(own);
      expect(await forwardedForByHttp2(v1(HTTP_PORT))).toBe('192.0.2.9');
      expect(await forwardedFor(HTTPS_PORT, '')).toEqual(own);
      expect(await forwardedFor(HTTPS_PORT, v1(HTTPS_PORT))).toBe('192.0.2.9');
      expect(await spoken('PROXY nobody\r\n')).toBe('');
      expect(await policyCondition(lab, 'ClientTrafficPolicy', 'client')).toContain('True Accepted');
    });
    await lab.home.kubectl(['delete', 'clienttrafficpolicy', 'client', '-n', 'default']);
    await eventually(async () => {
      expect(await forwardedFor(HTTP_PORT, '')).toEqual(own);
      expect(await spoken(v1(HTTP_PORT))).toMatch(/^HTTP\/1.1 400 /);
    });
  });
});

/** A connection that has said something. */
async function begun(port: number, told: string | Buffer): Promise<Socket> {
  const socket = connect(port, lab.address);
  await once(socket, 'connect');
  socket.write(told);
  return socket;
}

/** What a backend is told of the client of a connection that begins so. */
async function forwardedFor(port: number, told: string | Buffer): Promise<unknown> {
  const socket = await begun(port, told);
  const createConnection = () =>
    port === HTTPS_PORT ? connectTls({ socket, servername: 'a.com', rejectUnauthorized: false }) : socket;
  try {
    const sent = request({ host: 'a.com', createConnection }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return ((await json(answer)) as Echo).headers['x-forwarded-for'];
  } finally {
    socket.destroy();
  }
}

/** The same, of a client that speaks HTTP/2 without TLS. */
async function forwardedForByHttp2(told: string): Promise<unknown> {
  const socket = await begun(HTTP_PORT, told);
  const session = connectHttp2('http://a.com', { createConnection: () => socket });
  try {
    const failed = new Promise<never>((_, reject) => session.once('error', reject));
    const answer = json(session.request({ ':path': '/' }));
    return ((await Promise.race([answer, failed])) as Echo).headers['x-forwarded-for'];
  } finally {
    session.destroy();
    socket.destroy();
  }
}

/** What is answered until the Gateway closes the connection. @throws when it stays open for long */
async function saidUntilClosed(text: string): Promise<string> {
  const socket = connect(HTTP_PORT, lab.address);
  let said = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  socket.write(text);
  await once(socket, 'close', { signal: AbortSignal.timeout(4000) }).finally(() => socket.destroy());
  return said;
}

/** What a backend gets of `Hash=mine` over TLS, where the certificate is shown, and in the clear. */
function seenByBackend(pem: string): readonly (readonly [setting: object, overTls: unknown, inTheClear: unknown])[] {
  const own = `Hash=${hashOf(pem)}`;
  return [
    [
      { mode: 'SanitizeSet', certDetailsToAdd: ['DNS', 'URI', 'Subject'] },
      `${own};Subject="CN=ann";DNS="ann"`,
      undefined,
    ],
    [{ mode: 'Sanitize' }, undefined, undefined],
    [{ mode: 'ForwardOnly' }, 'Hash=mine', undefined],
    [{ mode: 'AppendForward', certDetailsToAdd: ['Cert'] }, `Hash=mine,${own};Cert="${escaped(pem)}"`, undefined],
    [{ mode: 'AlwaysForwardOnly' }, 'Hash=mine', 'Hash=mine'],
  ];
}

/** The first certificate of a chain, as nginx and Envoy write it into headers. */
function escaped(pem: string): string {
  return encodeURIComponent(new X509Certificate(pem).toString());
}

function hashOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

function keyHashOf(pem: string): string {
  return hash('sha256', new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }), 'base64');
}

function configMap(name: string, data: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

/** @returns version and protocol, or `refused` */
function handshake(options: ConnectionOptions): Promise<string> {
  asked.times += 1;
  return new Promise((resolve) => {
    const socket = connectTls(
      {
        host: lab.address,
        port: HTTPS_PORT,
        servername: 'a.com',
        rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'],
        ...options,
      },
      () => {
        resolve(`${socket.getProtocol()} ${String(socket.alpnProtocol)}`);
        socket.destroy();
      },
    );
    socket.on('error', () => resolve('refused'));
  });
}

/** What the listener says to a request that begins with `header`. */
async function spoken(header: string): Promise<string> {
  const socket = connect(HTTP_PORT, lab.address);
  let text = '';
  socket.on('data', (data) => {
    text += String(data);
  });
  socket.on('error', () => undefined);
  socket.write(`${header}GET / HTTP/1.1\r\nHost: a.com\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return text;
}
