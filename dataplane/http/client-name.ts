/** How the layer 4 process is told the client of a connection that nginx asks it for: in the server name, which it reads anyway (ADR 0027). */
import { nginxVariable, readText } from './nginx-variable.ts';
import { currentRequest } from './request.ts';

const REMOTE_PORT = nginxVariable('remote_port');
const SERVER_ADDR = nginxVariable('server_addr');
const SERVER_PORT = nginxVariable('server_port');
/** Where the connection was handed on within the instance. */
const HANDED_SERVER_ADDR = nginxVariable('proxy_protocol_server_addr');
const HANDED_SERVER_PORT = nginxVariable('proxy_protocol_server_port');
const UNIX = 'unix:';

/**
 * Both ends of the client's connection in hexadecimal digits, behind the first element of the name of a peer: that is a name still.
 *
 * @param name that of a peer, see `hopName`
 */
export function nameForClient(name: string): string {
  const own = readText(SERVER_ADDR) ?? UNIX;
  const isHandedOn = string.sub(own, 1, UNIX.length) === UNIX;
  const server = isHandedOn ? readText(HANDED_SERVER_ADDR) : own;
  const serverPort = readText(isHandedOn ? HANDED_SERVER_PORT : SERVER_PORT);
  const ends = `${currentRequest.sourceAddress()} ${readText(REMOTE_PORT) ?? ''} ${server ?? ''} ${serverPort ?? ''}`;
  const [dot] = string.find(name, '.', 1, true);
  const first = dot === undefined ? name : string.sub(name, 1, dot - 1);
  return `${first}-${hexOf(ends)}${string.sub(name, first.length + 1)}`;
}

function hexOf(text: string): string {
  let digits = '';
  for (let i = 1; i <= text.length; i++) digits = digits + string.format('%02x', string.byte(text, i));
  return digits;
}
