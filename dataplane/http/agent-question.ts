/** Asks the agent something that a request waits for. */
import { decode, encode } from 'cjson.safe';
import type { AgentAnswer, AgentQuestion } from '../policy/question.ts';

const CONNECT_MS = 1000;
/** The slowest hash that the agent takes, behind others. */
const ANSWER_MS = 10_000;
const IDLE_MS = 60_000;
const POOL_SIZE = 64;
const MAX_QUESTION_BYTES = 32_768;

let address = '';

/** @param socket `unix:` and a path */
export function askAt(socket: string): void {
  address = socket;
}

/** @returns undefined when the agent does not answer. Waits; `currentRequest` is another's afterwards until `beginRequest()`. */
export function askAgent(
  question: AgentQuestion,
  mostBytes = MAX_QUESTION_BYTES,
  waitMs = ANSWER_MS,
): AgentAnswer | undefined {
  const [text] = encode(question);
  if (text === undefined || text.length > mostBytes) return undefined;
  // A connection of the pool may have been closed by an agent that is gone; a new one has not.
  const [answer, wasReused] = askOnce(text, false, waitMs);
  if (answer !== undefined || !wasReused) return answer;
  const [second] = askOnce(text, true, waitMs);
  return second;
}

function askOnce(text: string, fresh: boolean, waitMs: number): LuaMultiReturn<[AgentAnswer | undefined, boolean]> {
  const socket = ngx.socket.tcp();
  socket.settimeouts(CONNECT_MS, CONNECT_MS, waitMs);
  const [connected] = fresh ? socket.connect(address, { pool: 'fresh' }) : socket.connect(address);
  if (connected === undefined) return $multi(undefined, false);
  const reused = (socket.getreusedtimes()[0] ?? 0) > 0;
  const [sent] = socket.send([text, '\n']);
  if (sent === undefined) {
    socket.close();
    return $multi(undefined, reused);
  }
  const [line, problem] = socket.receive('*l');
  if (line === undefined) {
    socket.close();
    return $multi(undefined, reused && problem !== 'timeout');
  }
  if (fresh) socket.close();
  else socket.setkeepalive(IDLE_MS, POOL_SIZE);
  const [decoded] = decode(line);
  return $multi(typeof decoded === 'object' ? (decoded as AgentAnswer) : undefined, false);
}
