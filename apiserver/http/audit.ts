import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { attributesOf, type ResourceAttributes } from '../access/attributes.ts';
import { type Identity, userInfo } from '../access/identity.ts';
import type { Log } from '../core.ts';
import type { Exchange, SentObject } from './exchange.ts';

/** A file that is larger is put aside, and a new one begun. */
const FILE_BYTES = 32 * 1024 * 1024;
/** How many are kept aside: `audit.log.1` is the youngest. */
const FILES_ASIDE = 4;
/** Lines wait so long for company. */
const FLUSH_MS = 250;
const FLUSH_BYTES = 64 * 1024;

/** Reading is what happens all the time; it is told only when it was refused. */
const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
/** Questions of clients about themselves. */
const QUESTIONS: ReadonlySet<string> = new Set([
  'tokenreviews',
  'selfsubjectreviews',
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'subjectaccessreviews',
  'localsubjectaccessreviews',
]);

/** What is to be said of a request beside itself. */
export interface Audited {
  /** Who showed the credentials; undefined when they were wrong. */
  readonly user: Identity | undefined;
  /** As whom it was made, when that is somebody else. */
  readonly impersonated: Identity | undefined;
  /** Why it was allowed; undefined when it was not. */
  readonly reason: string | undefined;
  readonly received: Date;
  readonly completed: Date;
}

/**
 * Who did what, when, and with which result: one line of JSON for each write, and for each request that was refused, in the form of
 * Kubernetes' audit log at level Metadata.
 *
 * Source: Kubernetes, "Auditing", audit.k8s.io/v1.
 */
export class AuditLog {
  readonly #file: string;
  readonly #log: Log;
  #descriptor: number;
  #size: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#descriptor = openSync(file, 'a', 0o600);
    this.#size = statSync(file).size;
  }

  note(exchange: Exchange, audited: Audited): void {
    const attributes = attributesOf(exchange);
    const code = exchange.response.statusCode;
    const isQuestion = attributes.type === 'resource' && QUESTIONS.has(attributes.resource);
    const isQuiet = attributes.type === 'path' || READING.has(attributes.verb) || isQuestion;
    if (isQuiet && code !== 401 && code !== 403) return;
    this.#write(`${JSON.stringify(eventOf(exchange, audited, code))}\n`);
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #write(line: string): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#waitingBytes >= FLUSH_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      if (this.#size > 0 && this.#size + bytes.length > FILE_BYTES) this.#rotate();
      writeSync(this.#descriptor, bytes);
      this.#size += bytes.length;
      this.#failed = false;
    } catch (error) {
      // A full disk must not end the server; it is told once.
      if (!this.#failed) this.#log.error({ err: error, file: this.#file }, 'the audit log cannot be written');
      this.#failed = true;
    }
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    rmSync(`${this.#file}.${FILES_ASIDE}`, { force: true });
    for (let number = FILES_ASIDE - 1; number > 0; number--) {
      if (existsSync(`${this.#file}.${number}`)) renameSync(`${this.#file}.${number}`, `${this.#file}.${number + 1}`);
    }
    renameSync(this.#file, `${this.#file}.1`);
    this.#descriptor = openSync(this.#file, 'a', 0o600);
    this.#size = 0;
  }
}

function eventOf(exchange: Exchange, audited: Audited, code: number): object {
  const { user, impersonated, reason, received, completed } = audited;
  const attributes = attributesOf(exchange);
  const { request } = exchange;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: randomUUID(),
    stage: 'ResponseComplete',
    requestURI: request.url ?? '',
    verb: attributes.verb,
    user: user === undefined ? {} : userInfo(user),
    ...(impersonated === undefined ? {} : { impersonatedUser: userInfo(impersonated) }),
    sourceIPs: request.socket.remoteAddress === undefined ? [] : [request.socket.remoteAddress],
    userAgent: request.headers['user-agent'] ?? '',
    ...(attributes.type === 'path' ? {} : { objectRef: referenceOf(attributes, exchange.sent) }),
    responseStatus: { metadata: {}, ...saidIn(exchange.status), code },
    requestReceivedTimestamp: received.toISOString(),
    stageTimestamp: completed.toISOString(),
    annotations: {
      'authorization.k8s.io/decision': reason === undefined ? 'forbid' : 'allow',
      'authorization.k8s.io/reason': reason ?? '',
      ...exchange.audited,
    },
  };
}

/** Empty parts are left out. */
function referenceOf(attributes: ResourceAttributes, sent: SentObject | undefined): object {
  const { resource, namespace, group, version, subresource } = attributes;
  const { uid = '', resourceVersion = '' } = sent ?? {};
  const name = attributes.name || (sent?.name ?? '');
  const parts = { resource, namespace, name, uid, apiGroup: group, apiVersion: version, resourceVersion, subresource };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== ''));
}

/** What a Status says beside the code; nothing where an object was answered. */
function saidIn(status: object = {}): object {
  const { status: result, message, reason, details } = status as Readonly<Record<string, unknown>>;
  return { status: result, message, reason, details };
}
