import { connect as connectTls } from 'node:tls';
import { selfSigned, type TestCertificate } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ON_CLUSTER } from '../acceptance/given-home.ts';
import { ask } from '../acceptance/http-request.ts';
import { base64, group, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;
let port: number;
const certificates: Record<string, TestCertificate> = {};

beforeAll(async () => {
  lab = await Lab.start(['app']);
  for (const name of ['a', 'b', 'old', 'new']) certificates[name] = await selfSigned(`${name}.example`);
  port = await lab.open('tls', { protocol: 'https', serviceGroup: group({ app: 100 }) });
});
afterAll(() => lab.stop());

function secret(name: string, of = name): ReturnType<typeof tlsSecret> {
  return tlsSecret(name, certificates[of] ?? { chainPem: '', keyPem: '' });
}

async function withCertificate(name: string, domain: string, certificateName: string): Promise<void> {
  await lab.addRule('tls', name, {
    dslx: [{ type: 'HOST', values: [['EQ', domain]] }],
    serviceGroup: group({ app: 100 }),
    domain,
    certificate_name: certificateName,
  });
}

async function events(): Promise<string> {
  return lab.home.kubectl(['get', 'events', '-A', '-o', 'jsonpath={range .items[*]}{.message}{"\\n"}{end}']);
}

describe('ALB-108 certificates', () => {
  test('a replaced Secret is shown, and no connection is dropped', async () => {
    await lab.home.apply(secret('changing', 'old'));
    await withCertificate('changing', 'changing.com', 'default_changing');
    await eventually(async () => expect(await shown(port, 'changing.com')).toBe('old'));
    const open = connectTls({ host: '127.0.0.1', port, servername: 'changing.com', rejectUnauthorized: false });
    let answers = '';
    open.setEncoding('utf8').on('data', (text: string) => {
      answers += text;
    });
    open.write('GET / HTTP/1.1\r\nHost: changing.com\r\n\r\n');
    await eventually(() => expect(answers).toContain('200 OK'));
    await lab.home.apply(secret('changing', 'new'));
    await eventually(async () => expect(await shown(port, 'changing.com')).toBe('new'));
    answers = '';
    open.write('GET / HTTP/1.1\r\nHost: changing.com\r\n\r\n');
    await eventually(() => expect(answers).toContain('200 OK'));
    open.destroy();
  });

  test('bad and missing Secrets are skipped and told, others work', async () => {
    const key = { chainPem: certificates['a']?.chainPem ?? '', keyPem: certificates['b']?.keyPem ?? '' };
    await lab.home.apply(secret('a'), tlsSecret('mismatched', key));
    await withCertificate('missing', 'missing.com', 'default/missing');
    await withCertificate('mismatched', 'mismatched.com', 'default/mismatched');
    await withCertificate('a', 'a.com', 'default/a');
    await eventually(async () => expect(await shown(port, 'a.com')).toBe('a'));
    expect(await shown(port, 'missing.com')).toBe('fails');
    expect(await shown(port, 'mismatched.com')).toBe('fails');
    await eventually(async () => {
      expect(await events()).toContain('data[tls.key]: does not belong to the certificate');
      expect(await events()).toContain('Secret default/missing not found');
    });
    expect(await events()).not.toContain('PRIVATE KEY');
  });

  test.skipIf(ON_CLUSTER)(
    'when a Secret becomes bad, the certificate before it stays; a deleted one goes',
    async () => {
      await lab.home.apply(secret('breaking', 'b'));
      await withCertificate('breaking', 'breaking.com', 'default/breaking');
      await eventually(async () => expect(await shown(port, 'breaking.com')).toBe('b'));
      await lab.home.apply({ ...secret('breaking'), data: { 'tls.crt': base64('x'), 'tls.key': base64('y') } });
      await eventually(async () => {
        expect(await events()).toContain(
          'data[tls.crt]: not a PEM certificate; the certificate before it stays in use',
        );
      });
      expect(await shown(port, 'breaking.com')).toBe('b');
      // Whoever serves it next knows it too.
      await lab.home.killProgram('agent');
      await lab.home.apply(secret('after', 'a'));
      await withCertificate('after', 'after.com', 'default/after');
      await eventually(async () => expect(await shown(port, 'after.com')).toBe('a'));
      expect(await shown(port, 'breaking.com')).toBe('b');
      await lab.home.apply(secret('breaking', 'new'));
      await eventually(async () => expect(await shown(port, 'breaking.com')).toBe('new'));
      await lab.home.kubectl(['delete', 'secret', 'breaking']);
      await eventually(async () => expect(await shown(port, 'breaking.com')).toBe('fails'));
    },
  );

  test('a certificate for other names is shown, and told', async () => {
    await lab.home.apply(secret('elsewhere', 'a'));
    await withCertificate('elsewhere', 'elsewhere.com', 'default/elsewhere');
    await eventually(async () => expect(await shown(port, 'elsewhere.com')).toBe('a'));
    await eventually(async () => {
      expect(await events()).toContain(
        'data[tls.crt]: does not cover elsewhere.com, for which it is shown; it is for DNS:a.example',
      );
    });
  });

  test('the condition of a Frontend says whether its certificate can be shown', async () => {
    const condition = async () => {
      const { status, reason, message, lastTransitionTime } =
        (await lab.home.list('Frontend')).find(({ metadata }) => metadata.name === 'own')?.status?.conditions?.[0] ??
        {};
      return { status, reason, message, since: lastTransitionTime };
    };
    await lab.home.apply(tlsSecret('own', await selfSigned('own.example', new Date(Date.now() - 60_000))));
    await lab.open('own', {
      protocol: 'https',
      certificate_name: 'default/own',
      serviceGroup: group({ app: 100 }),
    });
    await eventually(async () =>
      expect(await condition()).toMatchObject({
        status: 'False',
        reason: 'InvalidCertificateRef',
        message: expect.stringMatching(/^Secret default\/own: data\[tls\.crt\]: expired at /),
      }),
    );
    await lab.home.apply(secret('own', 'a'));
    await eventually(async () =>
      expect(await condition()).toMatchObject({ status: 'True', message: 'Secret default/own is in use' }),
    );
    const { since } = await condition();
    const other = { chainPem: certificates['a']?.chainPem ?? '', keyPem: certificates['b']?.keyPem ?? '' };
    await lab.home.apply(tlsSecret('own', other));
    const message = 'Secret default/own: data[tls.key]: does not belong to the certificate';
    await eventually(async () => expect(await condition()).toMatchObject({ status: 'False', message }));
    await lab.home.kubectl(['delete', 'secret', 'own']);
    await eventually(async () => expect(await condition()).toMatchObject({ message: 'Secret default/own not found' }));
    expect(Date.parse(since ?? '')).toBeLessThanOrEqual(Date.parse((await condition()).since ?? ''));
  });

  test('of several certificates for one name the first in order of namespace/name', async () => {
    await lab.home.apply(secret('first', 'a'), secret('second', 'b'));
    await withCertificate('two-b', 'two.com', 'default/second');
    await eventually(async () => expect(await shown(port, 'two.com')).toBe('b'));
    await withCertificate('two-a', 'two.com', 'default/first');
    await eventually(async () => expect(await shown(port, 'two.com')).toBe('a'));
  });

  test('edge mode: https in front, http behind', async () => {
    const answer = await ask(port, '/', { serverName: 'a.com', host: 'a.com' });
    expect(JSON.parse(answer.body)).toMatchObject({ backend: 'app', headers: { 'x-forwarded-proto': 'https' } });
  });
});
