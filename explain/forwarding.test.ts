import type { ForwardIR } from '@causeway/ir/gateway';
import { expect, test } from 'vitest';
import { explainForwarding } from './forwarding.ts';

const plain: ForwardIR = {
  type: 'forward',
  backends: [{ weight: 100, protocol: 'https', filters: [], target: { type: 'endpoints', id: 'a/b:1' } }],
  noEndpoints: { type: 'respond', status: 500, reason: '' },
  affinity: { type: 'roundRobin' },
  timeouts: { connectMs: 1, sendMs: 1, readMs: 1 },
  retry: { attempts: 5 },
};

test('the default says nothing', () => {
  expect(explainForwarding(plain)).toEqual([]);
  expect(explainForwarding(undefined)).toEqual([]);
});

test('after which statuses, and how soon', () => {
  const retry = { attempts: 2, statuses: [418, 500, 501, 502], backoff: { baseMs: 100, maxMs: 1000 } };
  expect(explainForwarding({ ...plain, retry })).toEqual([
    'up to 2 attempts, repeated on error, timeout, 418, 500 to 502, each after a wait of 100 to 1000 ms',
  ]);
});

test('what differs is told, without keys or certificates', () => {
  const tls = {
    name: 'b.internal',
    sendName: true,
    trustPem: 'TRUST',
    certificate: { chainPem: 'CHAIN', keyPem: 'SECRET' },
  };
  const lines = explainForwarding({
    ...plain,
    backends: plain.backends.map((backend) => ({ ...backend, tls })),
    retry: { attempts: 3, on: ['http_503'], withinMs: 500 },
    transfer: { requestBuffering: false, responseBuffering: true, httpVersion: '1.0', responseBufferBytes: 8192 },
    unlogged: true,
  });
  expect(lines).toEqual([
    'up to 3 attempts, repeated on http_503, for 500 ms',
    'the request body is passed on while it comes',
    'the answer is read ahead of the client',
    'buffer for the answer: 8192 bytes',
    'HTTP 1.0 towards the backend',
    'not in the access log, unless it fails',
    'TLS: the backend must prove to be b.internal, is sent the name b.internal, is shown a certificate',
  ]);
});
