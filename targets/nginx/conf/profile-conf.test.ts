import type { BackendTlsIR, CustomErrorsIR, FilterIR, ForwardIR, TransferIR } from '@causeway/ir/gateway';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Profile, profileOf } from '../profile.ts';
import { createSelfSigned } from '../self-signed.ts';
import { forward, instance } from '../testing/fragments.ts';
import { nginxSays } from '../testing/nginx-says.ts';
import { compressionModule, servedCompression } from './gzip.ts';
import { ownUpstreams, profileLines, tlsFiles } from './profile-conf.ts';

interface Settings {
  readonly protocol?: 'http' | 'https' | 'grpc' | 'grpcs';
  readonly transfer?: TransferIR;
  readonly retry?: Omit<ForwardIR['retry'], 'attempts'>;
  readonly unlogged?: true;
  readonly limit?: number;
  readonly tls?: BackendTlsIR;
  readonly errors?: Omit<CustomErrorsIR, 'backends'>;
}

function profile({ protocol = 'http', transfer, retry, unlogged, limit, tls, errors }: Settings): Profile | undefined {
  const filters: readonly FilterIR[] = limit === undefined ? [] : [{ type: 'bodyLimit', bytes: limit }];
  const { backends } = forward(['ns/s:80']);
  const action = forward([], {
    backends: backends.map((backend) => ({ ...backend, protocol, ...(tls !== undefined && { tls }) })),
    retry: { attempts: 5, ...retry },
    ...(transfer !== undefined && { transfer }),
    ...(unlogged !== undefined && { unlogged }),
    ...(errors !== undefined && { customErrors: { ...errors, backends } }),
  });
  return profileOf(action, filters);
}

function lines(settings: Settings): readonly string[] {
  const found = profile(settings);
  return found === undefined ? [] : profileLines(found, {}, '/shm/tls');
}

describe('which routes need one', () => {
  test('defaults, timeouts and attempts do not', () => {
    expect(profile({})).toBeUndefined();
    expect(profileOf(forward(['a/b:1'], { retry: { attempts: 1 } }), [])).toBeUndefined();
    expect(profileOf({ type: 'respond', status: 404, reason: '' }, [{ type: 'bodyLimit', bytes: 1 }])).toBeUndefined();
  });

  test('equal settings share one, others do not', () => {
    const one = profile({ transfer: { responseBuffers: 8, responseBufferBytes: 4096 } });
    expect(profile({ transfer: { responseBufferBytes: 4096, responseBuffers: 8 } })?.id).toBe(one?.id);
    expect(profile({ transfer: { responseBufferBytes: 4096, responseBuffers: 9 } })?.id).not.toBe(one?.id);
    expect(one?.id).toMatch(/^p_[0-9a-f]{16}$/);
  });
});

describe('lines', () => {
  const cases: readonly { name: string; settings: Settings; want: readonly string[] }[] = [
    {
      name: 'probes of connections',
      settings: { protocol: 'grpc', transfer: { probesConnections: true } },
      want: ['grpc_socket_keepalive on;', 'grpc_pass grpc://causeway_grpc;'],
    },
    {
      name: 'body limit and access log',
      settings: { limit: 1024 * 1024, unlogged: true },
      want: ['client_max_body_size 1024k;', 'access_log off;', 'proxy_pass http://causeway_http;'],
    },
    {
      name: 'errors of backends that others answer: of nginx itself only what happens while it forwards has our page',
      settings: { errors: { statuses: [404, 502], intercept: true } },
      want: [
        'error_page 404 = @causeway_error_404;',
        'error_page 502 = @causeway_error_502;',
        'error_page 413 504 /.causeway/error;',
        'proxy_intercept_errors on;',
        'proxy_pass http://causeway_http;',
      ],
    },
    {
      name: 'errors of nginx that others answer',
      settings: { errors: { statuses: [503], intercept: false } },
      want: [
        'error_page 503 = @causeway_error_503;',
        'error_page 400 401 403 404 405 408 411 412 413 414 415 416 421 429 494 495 496 497 500 501 502 504 505 507 /.causeway/error;',
        'proxy_pass http://causeway_http;',
      ],
    },
    {
      name: 'retries',
      settings: { retry: { on: ['error', 'http_503', 'non_idempotent'], withinMs: 1500 } },
      want: [
        'proxy_next_upstream error http_503 non_idempotent;',
        'proxy_next_upstream_timeout 1500ms;',
        'proxy_pass http://causeway_http;',
      ],
    },
    {
      name: 'GW-27 retries by the data plane: nginx limits neither them nor their time',
      settings: { retry: { on: [], statuses: [418, 502], withinMs: 1500 } },
      want: [
        'proxy_next_upstream off;',
        'error_page 418 502 = @causeway_again;',
        'error_page 413 504 /.causeway/error;',
        'proxy_intercept_errors on;',
        'proxy_pass http://causeway_http;',
      ],
    },
    {
      name: 'GW-27 of calls, which are passed on while they come, nginx alone repeats',
      settings: { protocol: 'grpc', retry: { on: ['error'], statuses: [503], withinMs: 1500 } },
      want: ['grpc_next_upstream error;', 'grpc_next_upstream_timeout 1500ms;', 'grpc_pass grpc://causeway_grpc;'],
    },
    {
      name: 'buffers that nginx would refuse become the nearest it takes',
      settings: { transfer: { responseBufferBytes: 65_536, responseBusyBytes: 1024, responseFileBytes: 1024 } },
      want: [
        'proxy_buffer_size 64k;',
        'proxy_buffers 4 64k;',
        'proxy_busy_buffers_size 64k;',
        'proxy_temp_file_write_size 64k;',
        'proxy_max_temp_file_size 64k;',
        'proxy_pass http://causeway_http;',
      ],
    },
    {
      name: 'gRPC is not buffered',
      settings: { protocol: 'grpc', transfer: { responseBuffering: true, responseBufferBytes: 8192 } },
      want: ['grpc_buffer_size 8k;', 'grpc_pass grpc://causeway_grpc;'],
    },
    {
      name: 'HTTP 1.0, requests unbuffered',
      settings: { transfer: { httpVersion: '1.0', requestBuffering: false, requestBufferBytes: 8192 } },
      want: [
        'client_body_buffer_size 8k;',
        'proxy_request_buffering off;',
        'proxy_http_version 1.0;',
        'proxy_pass http://causeway_http;',
      ],
    },
    {
      name: 'names that nginx cannot verify: it trusts the hop alone',
      settings: {
        protocol: 'grpcs',
        tls: { name: 'a.com', sendName: true, trustPem: 'one', names: [{ of: 'dns', value: 'b.com' }] },
      },
      want: [
        'grpc_ssl_server_name on;',
        'grpc_ssl_name $causeway_backend_name;',
        'grpc_ssl_verify on;',
        'grpc_ssl_trusted_certificate placeholder.crt;',
        'grpc_ssl_session_reuse off;',
        expect.stringMatching(/^grpc_pass grpcs:\/\/causeway_p_[0-9a-f]{16};$/),
      ],
    },
  ];
  for (const { name, settings, want } of cases) test(name, () => expect(lines(settings)).toEqual(want));
});

test('LIM-12: one upstream block for each way to speak TLS; names of backends are not in the text', () => {
  const a = profile({ protocol: 'https', tls: { name: 'a.internal', sendName: true } });
  const b = profile({ protocol: 'https', tls: { name: 'b.internal', sendName: true } });
  if (a === undefined || b === undefined) throw new Error('no profile');
  const text = [...profileLines(a, {}, '/shm/tls'), ...ownUpstreams([a, b], {})].join('\n');
  expect(text).toContain(`proxy_pass https://causeway_${a.id};`);
  expect(text).toContain('proxy_ssl_name $causeway_backend_name;');
  expect(text.match(/^upstream /gm)).toHaveLength(2);
  expect(text.match(/keepalive 320;/g)).toHaveLength(2);
  expect(text).not.toContain('internal');
});

test('GW-43: whose connections are used otherwise has an upstream block of its own', () => {
  const own = profile({ transfer: { connections: { idleMs: 2000, lifetimeMs: 60_000, requests: 10 } } });
  if (own === undefined) throw new Error('no profile');
  expect(profileLines(own, {}, '/shm/tls')).toEqual([`proxy_pass http://causeway_${own.id};`]);
  expect(ownUpstreams([own], {}).join('\n')).toMatch(
    /keepalive 320;\n +keepalive_requests 10;\n +keepalive_timeout 2s;\n +keepalive_time 60s;/,
  );
});

test('GW-45: Brotli, with its module; without that the rest', () => {
  const small = profile({ transfer: { compression: { codings: ['br', 'gzip'], leastBytes: 100 } } });
  if (small === undefined) throw new Error('no profile');
  expect(profileLines(small, {}, '/shm/tls')).toContain('brotli on;');
  expect(compressionModule([small])).toBe('http_brotli_filter');
  expect(servedCompression([small], { modules: { http_brotli_filter: '/m.so' } })).toEqual([small]);
  const [left = small] = servedCompression([small], { modules: {} });
  expect(profileLines(left, {}, '/shm/tls')).toEqual(['gzip_min_length 100;', 'proxy_pass http://causeway_http;']);
  expect(left.id).toBe(small.id);
});

test('LIM-12: beyond 64 ways, connections are not kept', () => {
  const names = Array.from({ length: 70 }, (_, index) => `n${index}`);
  const profiles = names.flatMap((name) => profile({ protocol: 'https', tls: { name, sendName: true } }) ?? []);
  expect(ownUpstreams(profiles, {}).filter((block) => block.includes('keepalive '))).toHaveLength(64);
});

test('D7: words and texts that nginx.conf must not hold are refused', () => {
  const evil = 'HIGH; include /etc/passwd';
  expect(() => lines({ protocol: 'https', tls: { name: '', sendName: false, ciphers: evil } })).toThrow();
  const on = [evil] as unknown as NonNullable<ForwardIR['retry']['on']>;
  expect(() => lines({ retry: { on } })).toThrow();
  expect(() => lines({ transfer: { responseBuffers: -1, responseBufferBytes: Number.NaN } })).toThrow();
});

test('nginx takes whatever users may ask for', async () => {
  const pair = await createSelfSigned(new Date());
  // As in apis/gateway/transfer.ts.
  const limits = {
    bodyBytes: { minimum: 0, maximum: 2 ** 50 },
    requestBufferBytes: { minimum: 1000, maximum: 2 ** 26 },
    buffers: { minimum: 2, maximum: 256 },
    bufferBytes: { minimum: 1024, maximum: 2 ** 20 },
    busyBytes: { minimum: 1024, maximum: 2 ** 28 },
    fileBytes: { minimum: 0, maximum: 2 ** 40 },
  };
  const whole = ({ minimum, maximum }: { minimum: number; maximum: number }) =>
    fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum));
  const transfer = fc.record(
    {
      requestBufferBytes: whole(limits.requestBufferBytes),
      requestBuffering: fc.boolean(),
      responseBuffering: fc.boolean(),
      responseBuffers: whole(limits.buffers),
      responseBufferBytes: whole(limits.bufferBytes),
      responseBusyBytes: whole(limits.busyBytes),
      responseFileBytes: whole(limits.fileBytes),
      httpVersion: fc.constantFrom('1.0' as const, '1.1' as const),
    },
    { requiredKeys: [] },
  );
  const conditions = ['error', 'timeout', 'invalid_header', 'http_502', 'http_429', 'non_idempotent'] as const;
  const tls = fc.record(
    {
      name: fc.constantFrom('', 'a.com'),
      sendName: fc.boolean(),
      trustPem: fc.constant(pair.certificate),
      verifyDepth: fc.integer({ min: 0, max: 100 }),
      certificate: fc.constant({ chainPem: pair.certificate, keyPem: pair.key }),
      names: fc.constant([{ of: 'uri' as const, value: 'spiffe://a' }]),
      protocols: fc.subarray(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const, { minLength: 1 }),
      ciphers: fc.constantFrom('HIGH:!aNULL', 'ECDHE-RSA-AES128-GCM-SHA256'),
    },
    { requiredKeys: ['name', 'sendName'] },
  );
  const settings = fc.record(
    {
      protocol: fc.constantFrom('http' as const, 'https' as const, 'grpc' as const, 'grpcs' as const),
      transfer,
      limit: whole(limits.bodyBytes),
      unlogged: fc.constant(true as const),
      retry: fc.record(
        { on: fc.subarray([...conditions], { minLength: 1 }), withinMs: fc.integer({ min: 1, max: 86_400_000 }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['protocol'] },
  );
  const all = fc.tuple(settings, fc.option(tls));
  const profiles = fc.sample(all, { numRuns: 300, seed: 11 }).flatMap(([some, more]) => {
    const speaksTls = some.protocol === 'https' || some.protocol === 'grpcs';
    return profile({ ...some, ...(speaksTls && more !== null && { tls: more }) }) ?? [];
  });
  const distinct = [...new Map(profiles.map((each) => [each.id, each])).values()];
  expect(distinct.length).toBeGreaterThan(200);
  expect(tlsFiles(distinct)).toHaveLength(2);
  for (const tuning of [{}, { backendHeaderBytes: 65_536 }]) {
    const said = await nginxSays({
      instance: instance({ tuning }),
      ports: [{ port: 80, protocol: 'http', addresses: ['127.0.0.1'] }],
      profiles: distinct,
    });
    expect(said).toMatch(/test is successful/);
  }
}, 30_000);
