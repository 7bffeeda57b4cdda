import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned, type TestCertificate } from '@causeway/dataplane/test/certificates';
import type { Rule, Secret } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import type { Answer } from '../acceptance/http-request.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { base64, group, tlsSecret } from '../acceptance/objects.ts';
import { askByTls, keepingAgent, type TlsAsk, tlsSession } from '../acceptance/tls-ask.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { answersWith, Lab } from './lab.ts';

const AUTH_TLS = 'nginx.ingress.kubernetes.io/auth-tls';

let lab: Lab;
let port: number;
let one: CertificateAuthority;
let other: CertificateAuthority;
let good: TestCertificate;
let foreign: TestCertificate;
let reloads: number;

beforeAll(async () => {
  [lab, one, other] = await Promise.all([Lab.start(['app']), createAuthority('one'), createAuthority('other')]);
  port = lab.ports.https;
  [good, foreign] = await Promise.all([one.issue('good', { subject: 'CN=good,O=Acme' }), other.issue('good')]);
  await lab.home.apply(tlsSecret('cert', await selfSigned('a.com')), secret('ca', { 'ca.crt': one.certificatePem }));
  await protect('a', 'a.com', { secret: 'default/ca', 'pass-certificate-to-upstream': 'true' });
  await protect('open', 'open.com', {});
  await answers(400, { host: 'a.com' });
  await answers(200, { host: 'open.com' });
  // The one that opened the port is counted a moment after the port answers.
  await eventually(async () => {
    reloads = await reloadsSoFar();
    await sleep(1_000);
    expect(await reloadsSoFar()).toBe(reloads);
  });
});
afterAll(() => lab.stop());

function secret(name: string, texts: Readonly<Record<string, string>>, namespace = 'default'): Secret {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data };
}

/** An Ingress of one host. @param settings behind `auth-tls-` */
async function protect(
  name: string,
  host: string,
  settings: Readonly<Record<string, string>>,
  path = '/',
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const annotations = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${AUTH_TLS}-${key}`, value]));
  await lab.home.apply(
    ingressOf(name, {
      annotations: { ...annotations, ...more },
      hosts: { [host]: [{ path }] },
      tls: [{ hosts: [host], secretName: 'cert' }],
    }),
  );
}

function answers(status: number, options: TlsAsk): Promise<Answer> {
  return eventually(async () => {
    const answer = await askByTls(port, options);
    expect(answer.status).toBe(status);
    return answer;
  });
}

interface Seen {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

function seen({ body }: Answer): Seen['headers'] {
  return (JSON.parse(body) as Seen).headers;
}

describe('LIM-03, ALB-28 certificates of clients', () => {
  test('on: none and a foreign one get 400, a good one passes, and the backend is told whose it is', async () => {
    const none = await answers(400, { host: 'a.com' });
    expect(none.headers['x-alb-err-reason']).toBe('InvalidClientCertificate : no certificate was sent');
    await answers(400, { host: 'a.com', certificate: foreign });
    const headers = seen(await answers(200, { host: 'a.com', certificate: good }));
    expect(headers).toMatchObject({
      'ssl-client-verify': 'SUCCESS',
      'ssl-client-subject-dn': 'O=Acme,CN=good',
      'ssl-client-issuer-dn': 'CN=one',
    });
    expect(decodeURIComponent(headers['ssl-client-cert'] ?? '').trim()).toBe(good.chainPem.trim());
  });

  test('TLS 1.2 as well', async () => {
    await answers(400, { host: 'a.com', version: 'TLSv1.2' });
    await answers(200, { host: 'a.com', version: 'TLSv1.2', certificate: good });
  });

  test('another path of the host, of an Ingress that does not ask, is closed too', async () => {
    await protect('a-too', 'a.com', {}, '/too');
    await answers(400, { host: 'a.com', path: '/too' });
    await answers(200, { host: 'a.com', path: '/too', certificate: good });
  });

  test('other hosts of the port are not asked', async () => {
    expect(seen(await answers(200, { host: 'open.com', certificate: good }))['ssl-client-verify']).toBeUndefined();
  });

  test('optional: none passes, a foreign one does not', async () => {
    await protect('optional', 'optional.com', { secret: 'ca', 'verify-client': 'optional' });
    await answers(400, { host: 'optional.com', certificate: foreign });
    expect(seen(await answers(200, { host: 'optional.com' }))['ssl-client-verify']).toBe('NONE');
    expect(seen(await answers(200, { host: 'optional.com', certificate: good }))['ssl-client-verify']).toBe('SUCCESS');
  });

  test('optional_no_ca: a foreign one passes too, and the backend is told', async () => {
    await protect('any', 'any.com', { secret: 'ca', 'verify-client': 'optional_no_ca' });
    const answer = await answers(200, { host: 'any.com', certificate: foreign });
    await eventually(async () => {
      const verdict = seen(await askByTls(port, { host: 'any.com', certificate: foreign }))['ssl-client-verify'];
      expect(verdict).toBe('FAILED:unable to get local issuer certificate');
    });
    expect(answer.status).toBe(200);
  });

  test('the error page, and the common name', async () => {
    await protect('rule', 'rule.com', {
      secret: 'default/ca',
      'error-page': 'https://help.com/?from=$host',
      'match-cn': 'CN=(bad|goo)',
    });
    const sent = await answers(302, { host: 'rule.com' });
    expect(sent.headers.location).toBe('https://help.com/?from=rule.com');
    await answers(200, { host: 'rule.com', certificate: good });
    await answers(403, { host: 'rule.com', certificate: await one.issue('evil', { subject: 'O=CN=good,CN=evil' }) });
  });

  test('depth', async () => {
    const deep = await (await one.intermediate('middle')).issue('deep');
    const deeper = await (await (await one.intermediate('middle')).intermediate('lower')).issue('deeper');
    await protect('deep', 'deep.com', { secret: 'ca', 'verify-depth': '1' });
    await answers(400, { host: 'deep.com' });
    await answers(200, { host: 'deep.com', certificate: deep });
    await answers(400, { host: 'deep.com', certificate: deeper });
    await protect('deep', 'deep.com', { secret: 'ca', 'verify-depth': '2' });
    await answers(200, { host: 'deep.com', certificate: deeper });
  });

  test('a Secret that is missing, or without certificates, closes the host', async () => {
    await protect('broken', 'broken.com', { secret: 'default/none' });
    await protect('broken-too', 'broken.com', {}, '/too');
    await answers(403, { host: 'broken.com', certificate: good });
    await answers(403, { host: 'broken.com', path: '/too' });
    const [rule] = Object.values(await rulesOf(lab.home, 'broken'));
    const told = (text: string) =>
      eventually(async () => {
        expect((await eventsOf(lab.home, 'Rule', rule?.metadata.name ?? '')).join('\n')).toContain(text);
      });
    await told('Secret default/none not found; requests are answered 403');
    await lab.home.apply(secret('none', { 'ca.crt': 'nonsense' }));
    await told('default/none has no PEM certificate in ca.crt');
    await answers(403, { host: 'broken.com', certificate: good });
    await lab.home.apply(secret('none', { 'ca.crt': one.certificatePem }));
    await answers(200, { host: 'broken.com', certificate: good });
  });

  test('other authorities, and what they revoke, hold at once, also for connections that are open', async () => {
    await lab.home.apply(secret('rotating', { 'ca.crt': other.certificatePem }));
    await protect('rotated', 'rotated.com', { secret: 'rotating' });
    const agent = keepingAgent();
    const client = { host: 'rotated.com', agent, certificate: good };
    await answers(400, { ...client, agent: keepingAgent() });
    await lab.home.apply(secret('rotating', { 'ca.crt': `${one.certificatePem}\n${other.certificatePem}` }));
    await answers(200, client);
    const [ofOne, ofOther] = await Promise.all([one.revoke(good), other.revoke()]);
    const lists = { 'ca.crt': `${one.certificatePem}\n${other.certificatePem}`, 'ca.crl': `${ofOne}\n${ofOther}` };
    await lab.home.apply(secret('rotating', lists));
    const refused = await answers(400, client);
    expect(refused.headers['x-alb-err-reason']).toBe('InvalidClientCertificate : certificate revoked');
    await answers(200, { host: 'rotated.com', certificate: foreign });
    agent.destroy();
  });

  test('nothing of it reloads nginx', async () => {
    expect(await reloadsSoFar()).toBe(reloads);
  });

  test('without TLS nobody has a certificate', async () => {
    const plain = await lab.open('plain');
    await lab.home.apply(secret('ca', { 'ca.crt': one.certificatePem }, 'kube-system'));
    await lab.addRule('plain', 'plain', ruleOf({ secret: 'kube-system/ca' }));
    await answersWith(400, plain);
  });
});

async function reloadsSoFar(): Promise<number> {
  return (await readMetrics(lab.home, lab.ports.metrics)).sum('causeway_nginx_reloads_total');
}

function ruleOf(clientCertificate: NonNullable<Rule['spec']['config']>['clientCertificate']): Rule['spec'] {
  return {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
    serviceGroup: group({ app: 100 }),
    ...(clientCertificate === undefined ? {} : { config: { clientCertificate } }),
  };
}

describe('LIM-03 as fields', () => {
  test('of a Frontend for all its hosts, of a Rule for those of its own', async () => {
    const secure = await lab.open('secure', {
      protocol: 'https',
      certificate_name: 'default/cert',
      config: { clientCertificate: { secret: 'kube-system/ca' } },
    });
    const ofHost = (host: string, config: Parameters<typeof ruleOf>[0]): Rule['spec'] => ({
      ...ruleOf(config),
      ...{ dslx: [{ type: 'HOST', values: [['EQ', host]] }], priority: -1 },
      ...{ domain: host, certificate_name: 'default/cert' },
    });
    await lab.addRule('secure', 'all', ruleOf(undefined));
    await lab.addRule('secure', 'b', ofHost('b.com', { secret: 'kube-system/ca', verify: 'optional' }));
    await lab.addRule('secure', 'c', ofHost('c.com', {}));
    const answersOnIt = (status: number, options: TlsAsk) =>
      eventually(async () => expect((await askByTls(secure, options)).status).toBe(status));
    await answersOnIt(400, { host: 'x.com', serverName: '' });
    await answersOnIt(200, { host: 'x.com', serverName: '', certificate: good });
    await answersOnIt(200, { host: 'b.com' });
    await answersOnIt(200, { host: 'b.com', certificate: good });
    await answersOnIt(400, { host: 'b.com', certificate: foreign });
    await answersOnIt(200, { host: 'c.com' });
  });
});

describe('ALB-28 ssl-ciphers, ssl-prefer-server-ciphers', () => {
  test('hold for their host alone', async () => {
    const suite = 'ECDHE-ECDSA-CHACHA20-POLY1305';
    await protect('ciphers', 'ciphers.com', {}, '/', {
      'nginx.ingress.kubernetes.io/ssl-ciphers': suite,
    });
    await answers(200, { host: 'ciphers.com' });
    await eventually(async () => {
      expect((await tlsSession(port, { host: 'ciphers.com', version: 'TLSv1.2' })).cipher).toBe(suite);
    });
    expect((await tlsSession(port, { host: 'open.com', version: 'TLSv1.2' })).cipher).not.toBe(suite);
  });
});
