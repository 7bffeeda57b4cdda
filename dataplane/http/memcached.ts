/**
 * Counters in a memcached.
 *
 * Source: memcached, protocol.txt (incr, add, get, decr).
 */
import type { Addition, Asked } from './limit-counter.ts';

/** Both commands are sent at once; the counter is made when it is not there. */
export function countInMemcached(socket: TcpSocket, present: string, previous: string, addition: Addition): Asked {
  const [sent, sendProblem] = socket.send(`incr ${present} ${addition.cost}\r\nget ${previous}\r\n`);
  if (sent === undefined) return $multi(undefined, 0, sendProblem);
  const [first, firstProblem] = socket.receive('*l');
  if (first === undefined) return $multi(undefined, 0, firstProblem);
  const [before, beforeProblem] = readValue(socket);
  if (before === undefined) return $multi(undefined, 0, beforeProblem);
  if (first === 'NOT_FOUND') {
    const [made, madeProblem] = make(socket, present, addition);
    return $multi(made, before, madeProblem);
  }
  return $multi(tonumber(first), before, `said ${string.sub(first, 1, 80)}`);
}

/** Without waiting for an answer. @returns whether the connection can be used further */
export function uncountInMemcached(socket: TcpSocket, counter: string, cost: number): boolean {
  const [sent] = socket.send(`decr ${counter} ${cost} noreply\r\n`);
  return sent !== undefined;
}

/** Of several who make the counter at the same time one succeeds, and the others add to it. */
function make(
  socket: TcpSocket,
  key: string,
  { cost, ttlSeconds }: Addition,
): LuaMultiReturn<[number | undefined, (string | undefined)?]> {
  const [sent, problem] = socket.send(`add ${key} 0 ${ttlSeconds} ${`${cost}`.length}\r\n${cost}\r\n`);
  if (sent === undefined) return $multi(undefined, problem);
  const [stored, storeProblem] = socket.receive('*l');
  if (stored === 'STORED') return $multi(cost);
  if (stored !== 'NOT_STORED') return $multi(undefined, storeProblem ?? `said ${string.sub(stored ?? '', 1, 80)}`);
  const [again, againProblem] = socket.send(`incr ${key} ${cost}\r\n`);
  if (again === undefined) return $multi(undefined, againProblem);
  const [line, lineProblem] = socket.receive('*l');
  return $multi(tonumber(line), lineProblem);
}

/** `VALUE key flags bytes`, the value, `END`; or only the last. */
function readValue(socket: TcpSocket): LuaMultiReturn<[number | undefined, (string | undefined)?]> {
  const [line, problem] = socket.receive('*l');
  if (line === undefined) return $multi(undefined, problem);
  if (line === 'END') return $multi(0);
  if (string.sub(line, 1, 6) !== 'VALUE ') return $multi(undefined, `said ${string.sub(line, 1, 80)}`);
  const [value, valueProblem] = socket.receive('*l');
  if (value === undefined) return $multi(undefined, valueProblem);
  const [end, endProblem] = socket.receive('*l');
  if (end !== 'END') return $multi(undefined, endProblem ?? 'no END');
  // A counter that has become shorter keeps a blank behind it.
  return $multi(tonumber(value) ?? 0);
}
