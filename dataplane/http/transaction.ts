/** Reads the stream of lines and brings the live state to the version of each commit. */
import { decode } from 'cjson.safe';
import type { StreamLine, WorkerLine } from '../policy/record.ts';
import { lineProblem } from '../policy/record-check.ts';
import { noteChanges } from './garbage.ts';
import { live } from './live.ts';
import { forgetAllRoutes } from './metrics.ts';
import { applyChange, applyPhase, type Change, compileRecord, newState, type State } from './state.ts';

/** Up to this many changes are applied at a stroke; more of them with pauses, see {@link applyPhase}. */
const CHANGES_PER_STROKE = 200;
/** Lines between pauses while reading. */
const LINES_PER_PAUSE = 50;

export interface StreamReader {
  /** Lets the worker serve requests for a moment. */
  readonly pause: (this: void) => void;
  open: Transaction | undefined;
  linesSincePause: number;
}

interface Transaction {
  /** A full transaction fills this new state; a delta leaves it undefined. */
  readonly target: State | undefined;
  /** Of a delta, by {@link applyPhase}. */
  readonly phases: readonly Change[][];
  count: number;
  problem: string | undefined;
}

export function newStreamReader(pause: (this: void) => void): StreamReader {
  return { pause, open: undefined, linesSincePause: 0 };
}

/** @returns what to answer the agent, if anything */
export function readLine(reader: StreamReader, text: string): WorkerLine | undefined {
  reader.linesSincePause++;
  if (reader.linesSincePause >= LINES_PER_PAUSE) {
    reader.linesSincePause = 0;
    reader.pause();
  }
  const [decoded, syntaxProblem] = decode(text);
  const problem = syntaxProblem ?? lineProblem(decoded);
  if (problem !== undefined) {
    spoil(reader, problem);
    return undefined;
  }
  const line = decoded as StreamLine;
  switch (line.op) {
    case 'begin':
      reader.open = newTransaction(line.full ? newState() : undefined);
      return undefined;
    case 'put': {
      const change = compileRecord(line.record);
      if (change !== undefined) take(reader, change);
      return undefined;
    }
    case 'delete':
      take(reader, line);
      return undefined;
    case 'commit':
      return commit(reader, line.version);
  }
}

function newTransaction(target: State | undefined): Transaction {
  return { target, phases: [[], [], [], []], count: 0, problem: undefined };
}

function spoil(reader: StreamReader, problem: string): void {
  if (reader.open === undefined) reader.open = newTransaction(undefined);
  if (reader.open.problem === undefined) reader.open.problem = problem;
}

function take(reader: StreamReader, change: Change): void {
  const transaction = reader.open;
  if (transaction === undefined) {
    spoil(reader, `${change.op} outside of a transaction`);
    return;
  }
  transaction.count++;
  const phase = transaction.phases[applyPhase(change)];
  if (transaction.target !== undefined) applyChange(transaction.target, change);
  else if (phase !== undefined) phase.push(change);
}

function commit(reader: StreamReader, version: number): WorkerLine {
  const transaction = reader.open;
  reader.open = undefined;
  if (transaction === undefined) return { op: 'nack', version, error: 'commit outside of a transaction' };
  if (transaction.problem !== undefined) return { op: 'nack', version, error: transaction.problem };
  if (transaction.target !== undefined) {
    live.state = transaction.target;
    forgetAllRoutes();
  } else {
    applyChanges(reader, live.state, transaction.phases);
  }
  live.state.version = version;
  noteChanges(transaction.count);
  return { op: 'ack', version };
}

function applyChanges(reader: StreamReader, state: State, phases: readonly (readonly Change[])[]): void {
  let sincePause = 0;
  for (const changes of phases) {
    for (const change of changes) {
      applyChange(state, change);
      sincePause++;
      if (sincePause === CHANGES_PER_STROKE) {
        sincePause = 0;
        reader.pause();
      }
    }
  }
}
