/**
 * Counters in a Redis, or in what speaks its protocol.
 *
 * Source: Redis, "Redis serialization protocol specification" (RESP2); commands SET, INCRBY, GET, DECRBY.
 */
import type { Addition, Asked } from './limit-counter.ts';

/** All commands are sent at once; the first makes the counter when it is not there. */
export function countInRedis(
  socket: TcpSocket,
  present: string,
  previous: string,
  { cost, ttlSeconds }: Addition,
): Asked {
  const make = command(['SET', present, '0', 'EX', `${ttlSeconds}`, 'NX']);
  const [sent, sendProblem] = socket.send(make + command(['INCRBY', present, `${cost}`]) + command(['GET', previous]));
  if (sent === undefined) return $multi(undefined, 0, sendProblem);
  const [made, makeProblem] = socket.receive('*l');
  if (made === undefined) return $multi(undefined, 0, makeProblem);
  const [added, addProblem] = socket.receive('*l');
  if (added === undefined) return $multi(undefined, 0, addProblem);
  const [before, beforeProblem] = readText(socket);
  if (before === undefined) return $multi(undefined, 0, beforeProblem);
  return $multi(integerOf(added), before, said(added));
}

/** @returns whether the connection can be used further */
export function uncountInRedis(socket: TcpSocket, counter: string, cost: number): boolean {
  const [sent] = socket.send(command(['DECRBY', counter, `${cost}`]));
  if (sent === undefined) return false;
  const [line] = socket.receive('*l');
  return line !== undefined && integerOf(line) !== undefined;
}

/** `$length` and the text, which is a number here; `$-1`: there is none. */
function readText(socket: TcpSocket): LuaMultiReturn<[number | undefined, (string | undefined)?]> {
  const [line, problem] = socket.receive('*l');
  if (line === undefined) return $multi(undefined, problem);
  if (line === '$-1') return $multi(0);
  if (string.sub(line, 1, 1) !== '$') return $multi(undefined, said(line));
  const [value, valueProblem] = socket.receive('*l');
  if (value === undefined) return $multi(undefined, valueProblem);
  return $multi(tonumber(value) ?? 0);
}

function integerOf(line: string): number | undefined {
  return string.sub(line, 1, 1) === ':' ? tonumber(string.sub(line, 2)) : undefined;
}

function said(line: string): string {
  return `said ${string.sub(line, 1, 80)}`;
}

function command(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}
