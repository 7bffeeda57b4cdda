/**
 * Answers what workers ask while a request waits (dataplane/policy/question.ts). A connection asks one thing at a time; what is
 * asked holds passwords and is never logged.
 */
import type { Socket } from 'node:net';
import type { CheckedHeader, CheckedRequest, CheckResult, GrpcAuthStep } from '@causeway/dataplane/policy/grpc-auth';
import type { JwtProvider } from '@causeway/dataplane/policy/jwt';
import type { OidcClient, OidcCookies, SignInRequest, SignInResult } from '@causeway/dataplane/policy/oidc';
import type {
  AgentAnswer,
  AgentQuestion,
  AskedRequest,
  AskedService,
  CopiedTo,
} from '@causeway/dataplane/policy/question';
import type { VerifiedToken } from '@causeway/dataplane/policy/verified-token';
import type { Logger } from 'pino';
import { LineServer } from './line-server.ts';
import type { FileOwner } from './state-file.ts';

export type {
  AgentAnswer,
  AgentQuestion,
  AskedRequest,
  AskedService,
  CheckedHeader,
  CheckedRequest,
  CheckResult,
  CopiedTo,
  GrpcAuthStep,
  JwtProvider,
  OidcClient,
  OidcCookies,
  SignInRequest,
  SignInResult,
  VerifiedToken,
};

/** @throws nothing that the worker could use: it is told that the agent is busy */
export type AnswerQuestion = (question: AgentQuestion) => Promise<AgentAnswer>;

export interface QuestionServerOptions {
  readonly socketPath: string;
  readonly owner: FileOwner | undefined;
  readonly answer: AnswerQuestion;
  readonly log: Logger;
}

/** Longer than any question of a worker. */
const LINE_MAX_CHARS = 1_048_576;
const OPS: readonly AgentQuestion['op'][] = [
  'basic',
  'digest',
  'apiKey',
  'jwt',
  'check',
  'ask',
  'copy',
  'signIn',
  'resolve',
];
const BUSY: AgentAnswer = { verdict: 'busy' };

export class QuestionServer {
  readonly #options: QuestionServerOptions;
  readonly #server: LineServer;

  constructor(options: QuestionServerOptions) {
    this.#options = options;
    this.#server = new LineServer({
      ...options,
      maxLineChars: LINE_MAX_CHARS,
      onConnection: (socket) => (line) => void this.#reply(socket, line),
    });
  }

  async listen(): Promise<void> {
    await this.#server.listen();
  }

  async close(): Promise<void> {
    await this.#server.close();
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
    return OPS.includes(question?.op) ? question : undefined;
  } catch {
    return undefined;
  }
}
