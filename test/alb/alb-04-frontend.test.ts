import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frontend, group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ALB, answersWith, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

async function refusal(object: unknown): Promise<string> {
  const { code, stdout, stderr } = await lab.home.tryApply(object);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr;
}

describe('ALB-04 Frontend validation', () => {
  test('port 70000: refused by the schema', async () => {
    expect(await refusal(frontend(ALB, 'refused', 70_000))).toContain(
      'spec.port: Invalid value: 70000: spec.port in body should be less than or equal to 65535',
    );
  });

  test('https without certificate_name and without certificate of a Rule: listens, handshakes fail, an event says so', async () => {
    const port = await lab.open('tls', { protocol: 'https', serviceGroup: group({ app: 100 }) });
    expect(await shown(port, 'a.com')).toBe('fails');
    await eventually(async () =>
      expect(await eventsOf(lab.home, 'Frontend', 'tls')).toContain(
        'Warning InvalidCertificate spec.certificate_name: no certificate here nor in any Rule; handshakes fail',
      ),
    );
  });

  test('tcp without serviceGroup: refused', async () => {
    expect(await refusal(frontend(ALB, 'refused', 18_082, { protocol: 'tcp' }))).toContain(
      'spec.serviceGroup: Required value: serviceGroup is required for tcp',
    );
  });

  test('grpcs needs a certificate; grpc may have one', async () => {
    expect(await refusal(frontend(ALB, 'refused', 18_083, { protocol: 'grpcs' }))).toContain(
      'spec.certificate_name: Required value: grpcs needs a certificate',
    );
    expect(await refusal({ ...frontend(ALB, 'refused', 1), spec: { port: 18_084, protocol: 'ftp' } })).toContain(
      'spec.protocol: Unsupported value: "ftp"',
    );
  });

  test('bad input: the port of another Frontend, http on tcp; the other transport is free', async () => {
    const port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
    const layer4 = { serviceGroup: group({ app: 100 }) };
    expect(await refusal(frontend(ALB, 'refused', port, { protocol: 'tcp', ...layer4 }))).toContain(
      `spec.port: Invalid value: ${port}: TCP port already used by Frontend "web" of ALB "alb"`,
    );
    await lab.home.apply(frontend(ALB, 'udp', port, { protocol: 'udp', ...layer4 }));
    await answersWith(200, port);
  });
});
