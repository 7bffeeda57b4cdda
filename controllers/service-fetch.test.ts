import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { serviceFetch } from './service-fetch.ts';

const RETRY = { times: 2, statuses: [503], waitMs: 1, maxWaitMs: 10 };
const cases = [
  { name: 'as usual', statuses: [503, 200], asking: {}, want: 503, asked: 1 },
  { name: 'again after a status', statuses: [503, 503, 200], asking: { retry: RETRY }, want: 200, asked: 3 },
  { name: 'so often at most', statuses: [503, 503, 503, 200], asking: { retry: RETRY }, want: 503, asked: 3 },
  { name: 'not after another status', statuses: [500, 200], asking: { retry: RETRY }, want: 500, asked: 1 },
  { name: 'again after no answer', statuses: [0, 200], asking: { retry: RETRY, timeoutMs: 200 }, want: 200, asked: 2 },
  { name: 'no answer', statuses: [0], asking: { connectMs: 5000, timeoutMs: 200 }, want: 'failed', asked: 1 },
];

for (const { name, statuses, asking, want, asked } of cases) {
  test(`GW-36 an issuer is asked ${name}`, async () => {
    let count = 0;
    const server = createServer((_, response) => {
      const status = statuses[count];
      count += 1;
      // 0: it says nothing.
      if (status !== 0) response.writeHead(status ?? 500).end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const fetch = serviceFetch(
      async () => ({ endpoints: [{ address: '127.0.0.1', port }] }) as never,
      () => undefined,
    );
    const at = { host: 'issuer.default.svc', port: 80, asking };
    const status = await fetch({ url: 'http://issuer.example/jwks', at }).then(
      (reply) => reply.status,
      () => 'failed',
    );
    server.closeAllConnections();
    server.close();
    expect([status, count]).toEqual([want, asked]);
  });
}
