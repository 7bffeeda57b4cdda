/** What is optional there and not here: HTTP/3, WebSockets over HTTP/2, brotli. Clients that offer them are served without. */
import { connect } from 'node:http2';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { group, tlsSecret } from '../acceptance/objects.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;
let securePort: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
  await lab.home.apply(tlsSecret('own', await selfSigned('own.example')));
  port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
  securePort = await lab.open('secure', {
    protocol: 'https',
    certificate_name: 'default/own',
    serviceGroup: group({ app: 100 }),
  });
  await answersWith(200, port);
  await answersWith(200, securePort, '/', { serverName: '' });
});
afterAll(() => lab.stop());

describe('LIM-32 HTTP/3, WebSocket over HTTP/2, brotli are not there', () => {
  test('brotli alone: not compressed; beside gzip: gzip', async () => {
    const large = `/?status=200&header=content-type:%20application/json&body=${'x'.repeat(500)}`;
    const encoding = async (accepted: string) =>
      (await ask(port, large, { headers: { 'accept-encoding': accepted } })).headers['content-encoding'];
    expect(await encoding('br')).toBeUndefined();
    expect(await encoding('br, gzip')).toBe('gzip');
  });

  test('no answer names HTTP/3, and HTTP/2 does not offer WebSockets', async () => {
    const { headers } = await ask(securePort, '/', { serverName: '' });
    expect(headers['alt-svc']).toBeUndefined();
    const session = connect(`https://127.0.0.1:${securePort}`, {
      servername: '',
      rejectUnauthorized: false,
    });
    const settings = await new Promise((resolve, reject) => {
      session.on('remoteSettings', resolve);
      session.on('error', reject);
    });
    session.close();
    expect(settings).toMatchObject({ enableConnectProtocol: false });
  });
});
