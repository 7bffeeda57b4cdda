/**
 * Connections to a port without TLS that begin as HTTP/2 does: they are handed to the server of this nginx that speaks it, byte by byte,
 * after a PROXY header that says who the client is. Content phase of the page for request lines that cannot be read
 * (targets/nginx/conf/cleartext-http2.ts).
 *
 * Source: RFC 9113 section 3.4; The PROXY protocol, version 1.
 */

/** What nginx stumbled over is its first part, up to the path that has no slash: it has read 1 to 5 bytes of it. */
const PREFACE = 'PRI *';
const CHUNK_BYTES = 16_384;
const BEGINNING_MS = 5000;
/** Those that say nothing for long are closed by the server behind. */
const IDLE_MS = 86_400_000;
const NO_ANSWER = 444;

/** @param trusted the socket for clients whose word about others before them counts; absent: there are none */
export function handOverHttp2(stranger: string, trusted?: string): void {
  const [client, problem] = ngx.req.socket(true);
  if (client === undefined) {
    ngx.log(ngx.ERR, 'HTTP/2: ', problem);
    ngx.exit(NO_ANSWER);
    return;
  }
  client.settimeouts(BEGINNING_MS, BEGINNING_MS, BEGINNING_MS);
  // Bytes that came before the others are gone; which ones, the first that is left tells, since each of them is there once.
  const [first] = client.receive(1);
  const [at] = first === undefined ? [undefined] : string.find(PREFACE, first, 1, true);
  const server = at === undefined ? undefined : connectTo(trusted !== undefined && isTrusted() ? trusted : stranger);
  if (at === undefined || server === undefined) {
    ngx.exit(NO_ANSWER);
    return;
  }
  client.settimeouts(BEGINNING_MS, IDLE_MS, IDLE_MS);
  server.send([proxyHeader(), string.sub(PREFACE, 1, at)]);
  ngx.thread.wait(ngx.thread.spawn(handOn, client, server), ngx.thread.spawn(handOn, server, client));
  // Nothing is left to be said when one side has ended: HTTP/2 says goodbye before. The other thread ends with the request.
  ngx.exit(NO_ANSWER);
}

function connectTo(socketName: string): TcpSocket | undefined {
  const server = ngx.socket.tcp();
  server.settimeouts(BEGINNING_MS, IDLE_MS, IDLE_MS);
  const [connected, problem] = server.connect(socketName);
  if (connected !== undefined) return server;
  ngx.log(ngx.ERR, 'HTTP/2: ', problem);
  return undefined;
}

function isTrusted(): boolean {
  return ngx.var['causeway_peer_is_trusted'] === '1';
}

function proxyHeader(): string {
  const address = ngx.var['remote_addr'] ?? '';
  const [colon] = string.find(address, ':', 1, true);
  const family = colon === undefined ? 'TCP4' : 'TCP6';
  // What was handed over itself came by a unix socket, with a header that says where the client connected to.
  const own = ngx.var['server_addr'] ?? '';
  const isHandedOn = string.sub(own, 1, 5) === 'unix:';
  const server = isHandedOn ? ngx.var['proxy_protocol_server_addr'] : own;
  const port = ngx.var[isHandedOn ? 'proxy_protocol_server_port' : 'server_port'];
  return `PROXY ${family} ${address} ${server} ${ngx.var['remote_port']} ${port}\r\n`;
}

function handOn(this: void, from: TcpSocket, to: TcpSocket): void {
  for (;;) {
    const [data] = from.receiveany(CHUNK_BYTES);
    if (data === undefined) return;
    const [sent] = to.send(data);
    if (sent === undefined) return;
  }
}
