import { request as requestHttp1 } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { EndpointIR, ProbeIR } from '@causeway/ir/gateway';
import type { GroupCheck } from '@causeway/targets/nginx/endpoint-health';
import { MOST_BYTES, openConnection } from './probe-connection.ts';

type HttpProbe = Extract<ProbeIR, { readonly type: 'http' }>;

export const USER_AGENT = 'causeway-health-check';

/** By HTTP/2 where requests are sent by it. @returns what is wrong; undefined: it is well */
export async function probeHttp(
  check: GroupCheck,
  http: HttpProbe,
  endpoint: EndpointIR,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isHttp2 = check.protocol === 'grpc' || check.protocol === 'grpcs';
  const socket = await openConnection(check, endpoint, signal, isHttp2 ? 'h2' : undefined);
  try {
    const address = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
    const host = http.host ?? `${address}:${endpoint.port}`;
    const { status, body } = await (isHttp2 ? askHttp2 : askHttp1)(socket, http, host);
    if (!http.statuses.includes(status)) return `it answers ${status}`;
    if (http.expected === undefined) return undefined;
    const isThere = (await startOf(body)).includes(Buffer.from(http.expected, 'base64'));
    return isThere ? undefined : 'it answers something else than is expected';
  } finally {
    socket.destroy();
  }
}

interface ProbeAnswer {
  readonly status: number;
  readonly body: Readable;
}

function askHttp1(socket: Socket, { path, method }: HttpProbe, host: string): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'user-agent': USER_AGENT, connection: 'close' };
    const request = requestHttp1({ createConnection: () => socket, path, method, headers }, (response) =>
      resolve({ status: response.statusCode ?? 0, body: response }),
    );
    request.on('error', reject);
    request.end();
  });
}

function askHttp2(socket: Socket, { path, method }: HttpProbe, host: string): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${host}`, { createConnection: () => socket });
    session.on('error', reject);
    const stream = session.request({
      ...{ ':method': method, ':path': path, ':authority': host, 'user-agent': USER_AGENT },
    });
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('it closed the connection')));
    stream.on('response', (headers) => resolve({ status: headers[':status'] ?? 0, body: stream }));
    stream.end();
  });
}

async function startOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MOST_BYTES) break;
  }
  return Buffer.concat(chunks);
}
