import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import type { EndpointIR } from '@causeway/ir/gateway';
import { field, parseMessage } from '@causeway/protocols/protobuf/message';
import type { GroupCheck } from '@causeway/targets/nginx/endpoint-health';
import { USER_AGENT } from './http-probe.ts';
import { MOST_BYTES, openConnection } from './probe-connection.ts';

/** Of grpc.health.v1.HealthCheckResponse. */
const SERVING = 1;
/** Compressed or not, and four bytes of length, come before a message. */
const PREFIX_BYTES = 5;

/** Calls grpc.health.v1.Health/Check. @returns what is wrong; undefined: it is well */
export async function probeGrpc(
  check: GroupCheck,
  service: string,
  endpoint: EndpointIR,
  signal: AbortSignal,
): Promise<string | undefined> {
  const socket = await openConnection(check, endpoint, signal, 'h2');
  try {
    const { status, bytes } = await call(socket, field(1, service));
    if (status !== '0') return `its check fails with status ${status} of gRPC`;
    const [serving = 0] = parseMessage(bytes.subarray(PREFIX_BYTES)).numbers(1);
    return serving === SERVING ? undefined : 'it says that it does not serve';
  } finally {
    socket.destroy();
  }
}

function call(socket: Socket, question: Buffer): Promise<{ readonly status: string; readonly bytes: Buffer }> {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(question.length, 1);
  return new Promise((resolve, reject) => {
    const session = connectHttp2('http://health', { createConnection: () => socket });
    session.on('error', reject);
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check' },
      ...{ 'content-type': 'application/grpc', te: 'trailers', 'user-agent': USER_AGENT },
    });
    let status = '';
    const chunks: Buffer[] = [];
    let length = 0;
    // Without a message the status comes in the header.
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      status = typeof headers['grpc-status'] === 'string' ? headers['grpc-status'] : status;
    };
    stream.on('response', (headers) => {
      if (headers[':status'] !== 200) reject(new Error(`it answers ${headers[':status']}`));
      read(headers);
    });
    stream.on('trailers', read);
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MOST_BYTES) reject(new Error('its answer is too long'));
    });
    stream.on('error', reject);
    stream.on('close', () => resolve({ status, bytes: Buffer.concat(chunks) }));
    stream.end(Buffer.concat([prefix, question]));
  });
}
