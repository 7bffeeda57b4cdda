import type { EndpointIR, ProbeIR } from '@causeway/ir/gateway';
import type { GroupCheck } from '@causeway/targets/nginx/endpoint-health';
import { MOST_BYTES, openConnection } from './probe-connection.ts';

/** @returns what is wrong; undefined: it is well */
export async function probeTcp(
  check: GroupCheck,
  { sent, expected }: Extract<ProbeIR, { readonly type: 'tcp' }>,
  endpoint: EndpointIR,
  signal: AbortSignal,
): Promise<string | undefined> {
  const socket = await openConnection(check, endpoint, signal);
  try {
    if (sent !== undefined) socket.write(Buffer.from(sent, 'base64'));
    if (expected === undefined) return undefined;
    const wanted = Buffer.from(expected, 'base64');
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.includes(wanted)) return undefined;
      if (received.length > MOST_BYTES) break;
    }
    return 'it sends something else than is expected';
  } finally {
    socket.destroy();
  }
}
