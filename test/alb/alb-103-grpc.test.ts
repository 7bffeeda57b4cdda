import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EchoBackend } from '../acceptance/echo-backend.ts';
import { callGrpc, startGrpcBackend } from '../acceptance/grpc-backend.ts';
import { group, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Lab } from './lab.ts';

let lab: Lab;
let backends: readonly EchoBackend[];

beforeAll(async () => {
  lab = await Lab.start([]);
  backends = await Promise.all(['svc-1', 'svc-2'].map((name) => startGrpcBackend(name)));
  await lab.home.apply(
    ...backends.flatMap((backend) => serviceTo(backend)),
    serviceTo({ name: 'empty', port: 80 })[0],
    tlsSecret('tls', await selfSigned('grpc.example.com')),
  );
});
afterAll(async () => {
  await lab.stop();
  for (const backend of backends) await backend.close();
});

describe.each([
  { protocol: 'grpc', scheme: 'http', certificate_name: undefined },
  { protocol: 'grpcs', scheme: 'https', certificate_name: 'default/tls' },
  { protocol: 'grpc', scheme: 'https', certificate_name: 'default/tls' },
] as const)(
  'ALB-103 gRPC: protocol $protocol, certificate $certificate_name',
  ({ protocol, scheme, certificate_name }) => {
    let url: string;

    beforeAll(async () => {
      const name = `${protocol}-${scheme}`;
      const tls = certificate_name === undefined ? {} : { certificate_name };
      const port = await lab.open(name, { protocol, ...tls, serviceGroup: group({ 'svc-2': 100 }) });
      url = `${scheme}://127.0.0.1:${port}`;
      await lab.addRule(name, `${name}-greeter`, {
        dslx: [{ type: 'URL', values: [['STARTS_WITH', '/helloworld.Greeter']] }],
        serviceGroup: group({ 'svc-1': 100 }),
      });
      await lab.addRule(name, `${name}-empty`, {
        dslx: [{ type: 'URL', values: [['STARTS_WITH', '/nobody.']] }],
        serviceGroup: group({ empty: 100 }),
      });
    });

    test('unary call by Rule, another service by default', async () => {
      await eventually(async () => {
        const { status, messages, headers } = await callGrpc(url, '/helloworld.Greeter/SayHello', ['hello']);
        expect({ status, messages, backend: headers['x-backend'] }).toEqual({
          status: '0',
          messages: ['hello'],
          backend: 'svc-1',
        });
      });
      expect((await callGrpc(url, '/other.Service/Call', ['x'])).headers['x-backend']).toBe('svc-2');
    });

    test('a stream in both directions: each message waits for the answer to the one before', async () => {
      const sent = Array.from({ length: 20 }, (_, index) => `message ${index}`);
      await eventually(async () => {
        const { status, messages } = await callGrpc(url, '/helloworld.Greeter/Chat', sent);
        expect({ status, messages }).toEqual({ status: '0', messages: sent });
      });
    });

    test('no endpoints: status UNAVAILABLE', async () => {
      await eventually(async () => expect((await callGrpc(url, '/nobody.Service/Call', ['x'])).status).toBe('14'));
    });
  },
);
