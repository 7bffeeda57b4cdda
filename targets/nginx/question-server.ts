/**
 * Answers what workers ask while a request waits (dataplane/policy/question.ts). A connection asks one thing at a time; what is
 * asked holds passwords and is never logged.
 */
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AgentAnswer, AgentQuestion } from '@causeway/dataplane/policy/question';
import type { Logger } from 'pino';
import type { FileOwner } from './state-file.ts';

export type { AgentAnswer, AgentQuestion };

/** @throws nothing that the worker could use: it is told that the agent is busy */
export type AnswerQuestion = (question: AgentQuestion) => Promise<AgentAnswer>;

export interface QuestionServerOptions {
  readonly socketPath: string;
  readonly owner: FileOwner | undefined;
  readonly answer: AnswerQuestion;
  readonly log: Logger;
}

/** Longer than any question of a worker. */
const LINE_MAX_CHARS = 65_536;
const BUSY: AgentAnswer = { verdict: 'busy' };

export class QuestionServer {
  readonly #options: QuestionServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: QuestionServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    const { socketPath, owner } = this.#options;
    rmSync(socketPath, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socketPath, resolve);
    });
    chmodSync(socketPath, 0o600);
    if (owner !== undefined) chownSync(socketPath, owner.uid, owner.gid);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#options.socketPath, { force: true });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let rest = '';
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#sockets.delete(socket));
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_MAX_CHARS) socket.destroy();
      for (const line of lines) void this.#reply(socket, line);
    });
  }

  async #reply(socket: Socket, line: string): Promise<void> {
    const question = parseQuestion(line);
    if (question === undefined) {
      this.#options.log.error('unreadable question of a worker');
      socket.destroy();
      return;
    }
    let answer: AgentAnswer;
    try {
      answer = await this.#options.answer(question);
    } catch (error) {
      this.#options.log.error({ err: error, op: question.op }, 'cannot answer a worker');
      answer = BUSY;
    }
    if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
  }
}

function parseQuestion(line: string): AgentQuestion | undefined {
  try {
    const question = JSON.parse(line) as AgentQuestion;
    return ['basic', 'digest', 'resolve'].includes(question?.op) ? question : undefined;
  } catch {
    return undefined;
  }
}
