/**
 * HTTP/2 without TLS beside HTTP/1.1 on one port (ADR 0017). A socket of nginx 1.22 speaks one of them, and this is HTTP/1.1. To it the
 * beginning of an HTTP/2 connection is a malformed request; the place where that is answered hands the connection, with what it has said,
 * to a server of the port that speaks HTTP/2 and listens on a unix socket (dataplane/http/cleartext-http2.ts).
 *
 * Source: RFC 9113 section 3.4, HTTP/2 Connection Preface.
 */
import type { InstanceIR } from '@causeway/ir/gateway';
import { quoted } from './directive.ts';
import { type Door, type DoorClient, hasTrustedDoor, innerDoors, socketPath } from './door.ts';
import type { ServedPort } from './listen.ts';

/** In the folder of the instance. */
function http2Socket({ port }: { readonly port: number }, client: DoorClient): string {
  return client === 'trusted' ? `h2p-${port}.sock` : `h2-${port}.sock`;
}

/** The sockets on which nginx speaks HTTP/2 for connections to a port without TLS. */
export function http2Doors(served: ServedPort, instance: InstanceIR, agentSocket: string): readonly Door[] {
  if (served.cleartextHttp2 !== true) return [];
  return innerDoors(served, instance, agentSocket, {
    socketOf: (client) => http2Socket(served, client),
    flags: ['http2'],
  });
}

/** Paths of those sockets. */
export function http2Sockets(port: ServedPort, agentSocket: string): readonly string[] {
  return (['stranger', 'trusted'] as const).map((client) => socketPath(agentSocket, http2Socket(port, client)));
}

/** Whether an nginx.conf of ours has something listen on the sockets of a port. */
export function hasHttp2Door(conf: string, port: ServedPort): boolean {
  return conf.includes(`/${http2Socket(port, 'stranger')}"`);
}

/** Lines of a server that takes connections as clients began them; before its other error pages, of which the first counts. */
export function http2Lines({ cleartextHttp2 }: ServedPort): readonly string[] {
  return cleartextHttp2 === true ? ['error_page 400 /.causeway/unread;'] : [];
}

/** Of a chunk that is handed on at once. */
const CHUNK_BYTES = '16k';

/** Locations of that server. Whose request line cannot be read for other reasons gets the page that it always got. */
export function http2Locations(served: ServedPort, instance: InstanceIR, agentSocket: string): string {
  if (served.cleartextHttp2 !== true) return '';
  const sockets = http2Sockets(served, agentSocket).slice(0, hasTrustedDoor(served, instance) ? 2 : 1);
  return `
  location = /.causeway/unread {
    internal;
    if ($request ~ "^PRI \\*") {
      rewrite ^ /.causeway/http2 last;
    }
    rewrite ^ /.causeway/error last;
  }
  location = /.causeway/http2 {
    internal;
    access_log off;
    lua_socket_buffer_size ${CHUNK_BYTES};
    log_by_lua_block { return }
    content_by_lua_block { causeway.handOverHttp2(${sockets.map((socket) => quoted(`unix:${socket}`)).join(', ')}) }
  }`;
}
