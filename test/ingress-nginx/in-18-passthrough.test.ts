import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventsOf } from '../alb/events.ts';
import { shown } from '../alb/tls-client.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

const CLASS = { className: 'default-demo' };
const PASSTHROUGH = { annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' } };
let lab: NginxLab;
let raw: TlsBackend;

beforeAll(async () => {
  lab = await NginxLab.start(['app'], { extraArgs: { 'enable-ssl-passthrough': 'true' } });
  raw = await startTlsBackend('raw', await selfSigned('raw.example'));
  await lab.home.apply(
    tlsSecret('web', await selfSigned('web.example')),
    ...serviceTo(raw),
    ingress('ended', '/', 'app', { ...CLASS, host: 'ended.com', tls: 'web' }),
    ingress('raw', '/ignored', 'raw', { ...CLASS, ...PASSTHROUGH, host: 'raw.com' }),
    ingress('any', '/', 'raw', { ...CLASS, ...PASSTHROUGH }),
  );
});
afterAll(async () => {
  await lab.stop();
  await raw.close();
});

describe('IN-18 passthrough', () => {
  test('two hosts on one port: one passes through, whatever the path, one does not', async () => {
    await eventually(async () => {
      expect(await shown(lab.https, 'raw.com')).toBe('raw');
      expect(await shown(lab.https, 'ended.com')).toBe('web');
      const passed = await ask(lab.https, '/elsewhere', { serverName: 'raw.com', host: 'raw.com' });
      expect(passed).toMatchObject({ status: 200, headers: { 'x-backend': 'raw' } });
      const ended = await ask(lab.https, '/', { serverName: 'ended.com', host: 'ended.com' });
      expect(ended).toMatchObject({ status: 200, headers: { 'x-backend': 'app' } });
    });
  });

  test('an empty host is refused, with an event', async () => {
    await eventually(async () => {
      const events = await eventsOf(lab.home, 'Ingress', 'any');
      expect(events).toContainEqual(expect.stringContaining('a rule without host is not served with TLS'));
    });
    expect((await ask(lab.https, '/', { serverName: 'other.com', host: 'other.com' })).status).toBe(404);
  });

  test('without the flag TLS ends as usual, with an event', async () => {
    const args = { spec: { controller: { extraArgs: { 'enable-ssl-passthrough': 'false' } } } };
    await lab.home.kubectl([
      ...['patch', 'ingressnginx', 'demo', '-n', 'default', '--type=merge', '-p', JSON.stringify(args)],
    ]);
    await eventually(async () => expect(await shown(lab.https, 'raw.com')).not.toBe('raw'));
    await eventually(async () => {
      const events = await eventsOf(lab.home, 'Ingress', 'raw');
      expect(events).toContainEqual(expect.stringContaining('enable-ssl-passthrough of the IngressNginx is off'));
    });
    expect(await shown(lab.https, 'ended.com')).toBe('web');
  });
});
