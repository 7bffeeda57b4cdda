import { CLIENT_SIGNER } from '../access/signers.ts';
import type { Core } from '../core.ts';
import { type ApiObject, timestamp } from '../object.ts';
import { readCertificateRequest } from '../pki/certificate-request.ts';
import type { ClientUsage, RequestedUse } from '../pki/request-signature.ts';
import type { Resource } from '../registry/resource.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt, textsAt } from '../schema/json.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import { deleteObject, PLAIN_DELETE } from '../verbs/delete.ts';
import { amend, storedTarget } from './amend.ts';
import { Work } from './work.ts';

export interface CertificateSigningOptions {
  /** The resource of the kind CertificateSigningRequest. */
  readonly requests: Resource;
  /** PEM of a signed certificate. */
  readonly sign: (request: RequestOfClient, use: RequestedUse) => Promise<string>;
}

type RequestOfClient = Exclude<ReturnType<typeof readCertificateRequest>, string>;

const HOUR_MS = 3600_000;
/** Nobody decided. */
const PENDING_MS = 24 * HOUR_MS;
const DECIDED_MS = HOUR_MS;
const SWEEP_MS = 10 * 60_000;
const USAGES: readonly string[] = ['client auth', 'digital signature', 'key encipherment'] satisfies ClientUsage[];

/**
 * Signs approved CertificateSigningRequests of the signer for clients of this server, and deletes old ones of every signer.
 *
 * Source: Kubernetes pkg/controller/certificates/signer and cleaner.
 */
export class CertificateSigning {
  readonly #core: Core;
  readonly #options: CertificateSigningOptions;
  readonly #work: Work<string>;
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(core: Core, options: CertificateSigningOptions) {
    const { collection } = options.requests;
    this.#core = core;
    this.#options = options;
    this.#work = new Work((key) => this.#sign(key), core.log);
    for (const entry of collection.range('')) this.#work.add(entry.key);
    this.#unsubscribe = collection.subscribe(({ type, entry }) => {
      if (type !== 'DELETED') this.#work.add(entry.key);
    });
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
    this.#work.stop();
  }

  /** Deletes what nobody needs any more; never throws. */
  async sweep(): Promise<void> {
    const { requests } = this.#options;
    const now = this.#core.now().getTime();
    try {
      for (const entry of requests.collection.range('')) {
        if (endOfUse(objectOf(entry)) >= now) continue;
        await deleteObject(this.#core, storedTarget(requests, entry), { ...PLAIN_DELETE, uid: entry.uid });
      }
    } catch (error) {
      this.#core.log.warn({ err: error }, 'old CertificateSigningRequests could not be deleted');
    }
  }

  async #sign(key: string): Promise<void> {
    const { requests, sign } = this.#options;
    const entry = requests.collection.head(key);
    const wanted = entry === undefined ? undefined : wantedOf(objectOf(entry));
    if (entry === undefined || wanted === undefined) return;
    if (typeof wanted === 'string') return this.#amend(entry, (status) => this.#fail(status, wanted));
    const certificate = await sign(wanted.request, wanted.use);
    await this.#amend(entry, (status) => {
      status['certificate'] = Buffer.from(certificate).toString('base64');
    });
  }

  /** Unless the object changed meanwhile: then there is another turn. */
  async #amend(entry: Entry, change: (status: JsonObject) => void): Promise<void> {
    const { requests } = this.#options;
    if (requests.collection.head(entry.key) !== entry) return;
    await amend(this.#core, requests, entry, (object) => {
      const status = { ...objectAt(object, 'status') };
      change(status);
      object.status = status;
    });
  }

  #fail(status: JsonObject, message: string): void {
    const time = timestamp(this.#core.now());
    const about = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message };
    const failed: JsonObject = { ...about, lastUpdateTime: time, lastTransitionTime: time };
    status['conditions'] = [...objectsAt(status, 'conditions'), failed];
  }
}

/** @returns undefined: nothing is to be signed; a text: why it never will be */
function wantedOf(object: ApiObject): { request: RequestOfClient; use: RequestedUse } | string | undefined {
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  if (textAt(spec, 'signerName') !== CLIENT_SIGNER || textAt(status, 'certificate') !== '') return undefined;
  if (!isTrue(status, 'Approved') || isTrue(status, 'Denied') || isTrue(status, 'Failed')) return undefined;
  const usages = textsAt(spec, 'usages');
  const other = usages.find((usage) => !isClientUsage(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  if (!usages.includes('client auth')) return 'missing required usage for client certificate: client auth';
  const request = readCertificateRequest(Buffer.from(textAt(spec, 'request'), 'base64').toString('latin1'));
  if (typeof request === 'string') return request;
  return { request, use: { usages: usages.filter(isClientUsage), seconds: numberAt(spec, 'expirationSeconds') } };
}

/** Milliseconds since the epoch after which nobody needs the request. */
function endOfUse(object: ApiObject): number {
  const status = objectAt(object, 'status');
  const made = Date.parse(object.metadata.creationTimestamp ?? '');
  const decided = objectsAt(status, 'conditions').filter(({ type }) => type !== 'Approved' || hasCertificate(status));
  const times = decided.map((each) => Date.parse(textAt(each, 'lastUpdateTime'))).filter(Number.isFinite);
  if (objectsAt(status, 'conditions').length === 0) return made + PENDING_MS;
  return times.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...times) + DECIDED_MS;
}

function hasCertificate(status: JsonObject | undefined): boolean {
  return textAt(status, 'certificate') !== '';
}

function isTrue(status: JsonObject | undefined, type: string): boolean {
  return objectsAt(status, 'conditions').some((each) => each['type'] === type && each['status'] === 'True');
}

function isClientUsage(usage: string): usage is ClientUsage {
  return USAGES.includes(usage);
}
