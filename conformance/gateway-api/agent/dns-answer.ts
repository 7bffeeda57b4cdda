/**
 * Answers each DNS query on port 53 with an empty answer, in place of the CoreDNS of the suite's manifests: the suite asks
 * only whether an answer comes. The header of an answer is that of the query with another flag.
 *
 * Source: RFC 1035, section 4.1.1.
 */
import { createSocket } from 'node:dgram';

const RESPONSE = 0x80;
const FLAGS_AT = 2;

const socket = createSocket('udp4');
socket.on('message', (query, { port, address }) => {
  const answer = Buffer.from(query);
  answer.writeUInt8(answer.readUInt8(FLAGS_AT) | RESPONSE, FLAGS_AT);
  socket.send(answer, port, address);
});
socket.bind(53);
