/** What nginx.conf calls; see README.md. */
import { startAgentConnection } from './agent-connection.ts';
import { askAt } from './agent-question.ts';
import { allowLongTraces } from './compiler.ts';
import { loadZstd } from './compression.ts';
import { setPause } from './garbage.ts';
import { registerWorker } from './live-workers.ts';
import { makeSecretKey } from './secret-key.ts';
import { readStateFile } from './state-file.ts';

export { again } from './again.ts';
export { answer } from './answer.ts';
export { balance } from './balance.ts';
export { certificate } from './certificate.ts';
export { handOverHttp2 } from './cleartext-http2.ts';
export { compressBody } from './compression.ts';
export { customError } from './custom-errors.ts';
export { log, logHandedOver, logInspected, logWork } from './log.ts';
export { route, routeInspected } from './route.ts';
export { trace } from './trace.ts';
export { wait } from './wait.ts';
export { amend } from './work.ts';

export interface Settings {
  /** Where the agent listens: `unix:` and a path. */
  readonly socket: string;
  /** Where it answers questions: `unix:` and a path. */
  readonly questions: string;
  readonly stateFile: string;
}

let settings: Settings | undefined;

/** Body of init_by_lua. */
export function init(given: Settings): void {
  allowLongTraces();
  settings = given;
  askAt(given.questions);
  makeSecretKey();
  loadZstd();
}

/** Body of init_worker_by_lua: the state is complete before the first connection is accepted. */
export function initWorker(): void {
  math.randomseed(randomSeed());
  registerWorker();
  if (settings === undefined) return;
  readStateFile(settings.stateFile);
  setPause();
  startAgentConnection(settings.socket);
}

/** 48 random bits, so that no two workers anywhere give the same ids to traces. */
function randomSeed(): number {
  const [file] = io.open('/dev/urandom', 'rb');
  const bytes = file?.read(6) ?? '';
  file?.close();
  let seed = 0;
  for (let position = 1; position <= bytes.length; position++) seed = seed * 256 + string.byte(bytes, position);
  return seed === 0 ? ngx.worker.pid() * 1000 + os.time() : seed;
}
