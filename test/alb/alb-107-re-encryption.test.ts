import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callGrpc } from '../acceptance/grpc-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { group, serviceTo } from '../acceptance/objects.ts';
import { type SeenByTls, startGrpcTlsBackend, startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;
let backends: readonly TlsBackend[];

beforeAll(async () => {
  lab = await Lab.start([]);
  const certificate = await selfSigned('anything');
  backends = [await startTlsBackend('secure', certificate), await startGrpcTlsBackend('greeter', certificate)];
  await lab.home.apply(...backends.flatMap((backend) => serviceTo(backend)));
  port = await lab.open('web');
  for (const backendProtocol of ['https', 'http']) {
    await lab.addRule('web', backendProtocol, {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', `/${backendProtocol}`]] }],
      serviceGroup: group({ secure: 100 }),
      backendProtocol,
    });
  }
});
afterAll(async () => {
  await lab.stop();
  for (const backend of backends) await backend.close();
});

describe('ALB-107 re-encryption', () => {
  test('backendProtocol https: any certificate, no SNI, none of ours; connections are kept', async () => {
    await answersWith(200, port, '/https-ready');
    const seen: SeenByTls[] = [];
    for (let n = 0; n < 20; n++) seen.push(JSON.parse((await ask(port, '/https')).body) as SeenByTls);
    expect(seen[0]).toMatchObject({ backend: 'secure', serverName: '', client: '' });
    expect(new Set(seen.map(({ connection }) => connection)).size).toBeLessThanOrEqual(4);
  });

  test('backendProtocol http: the backend cuts the connection', async () => {
    await answersWith(200, port, '/https');
    await eventually(async () => expect([400, 502]).toContain((await ask(port, '/http-x')).status));
  });
});

describe('LIM-21 gRPC with TLS to backends', () => {
  test.each(['grpcs', 'GRPCS'])('backendProtocol %s', async (backendProtocol) => {
    const name = backendProtocol === 'grpcs' ? 'lower' : 'upper';
    const grpc = await lab.open(`grpc-${name}`, { protocol: 'grpc' });
    await lab.addRule(`grpc-${name}`, `calls-${name}`, {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/helloworld.Greeter']] }],
      serviceGroup: group({ greeter: 100 }),
      backendProtocol,
    });
    await eventually(async () => {
      const { status, headers } = await callGrpc(`http://127.0.0.1:${grpc}`, '/helloworld.Greeter/SayHello', ['hello']);
      expect({ status, backend: headers['x-backend'] }).toEqual({ status: '0', backend: 'greeter' });
    });
  });
});
