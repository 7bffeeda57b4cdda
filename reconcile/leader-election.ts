/**
 * Leader election by a Lease, compatible with client-go's: both may compete
 * for one Lease.
 *
 * The holder writes `renewTime` every `retryPeriodMs`. Others never compare
 * that time with their own clock: they note when they saw the Lease change
 * last, and take it when it did not change for its whole `leaseDurationSeconds`.
 * So clocks may differ as long as they run equally fast. A write carries the
 * resource version that was read, hence only one of several candidates wins.
 *
 * The holder counts from before it sent the last renewal that succeeded. When
 * `renewDeadlineMs` has passed it stops being the leader even if it can reach
 * nobody: the difference to `leaseDurationMs` is the time `onStopped` has
 * before somebody else may start.
 *
 * Source: client-go tools/leaderelection; Kubernetes concepts, "Leases".
 */
import assert from 'node:assert/strict';
import { apiVersionOf, type KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { hasReason } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { type Clock, sleep, systemClock } from '@causeway/protocols/kubernetes/clock';
import type { Logger } from 'pino';

export interface LeaderElectionOptions {
  readonly client: Pick<KubernetesClient, 'create' | 'get' | 'update'>;
  readonly lease: ObjectKey;
  /** Unique per process, e.g. `<host name>_<random>`. */
  readonly identity: string;
  /** Called at each election won; `term` is aborted as soon as this term ends. */
  readonly onStarted: (term: AbortSignal) => void;
  /** Called at the end of each term; on an orderly stop the lease is released after it resolved. */
  readonly onStopped: () => void | Promise<void>;
  /** Aborted: step down, release the lease, resolve. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Others may take over after this long without a renewal; whole seconds, 15 s. */
  readonly leaseDurationMs?: number;
  /** The leader steps down after this long without a renewal; 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between attempts to renew or to acquire; 2 s. */
  readonly retryPeriodMs?: number;
  readonly clock?: Clock;
}

/** Resolves after `signal` was aborted and the lease, if held, was released. Never rejects for the API's failures. */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  const election = new Election(options);
  while (!options.signal.aborted) await election.runOnce();
}

const leaseKind: KindRef = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

class Election {
  readonly #options: LeaderElectionOptions;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #clock: Clock;

  /** The Lease as somebody else left it, and when it was first seen so. */
  #seen: { readonly spec: string; readonly at: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    this.#clock = options.clock ?? systemClock;
    assert(this.#renewDeadlineMs < this.#leaseDurationMs, 'the leader must stop before others may start');
    assert(this.#retryPeriodMs < this.#renewDeadlineMs, 'a renewal must be tried before the deadline');
  }

  /** One attempt to become the leader and, if it succeeds, the whole term. */
  async runOnce(): Promise<void> {
    const { signal } = this.#options;
    const attemptAt = this.#clock.now();
    let held: Lease | undefined;
    try {
      held = await this.#withTimeout(this.#renewDeadlineMs, (limit) => this.#acquire(limit), signal);
    } catch (error) {
      if (!signal.aborted) this.#logFailure(error, 'could not read or take the lease');
    }
    if (held !== undefined) await this.#lead(held, attemptAt);
    // Jitter, so that candidates that lost their leader at one moment do not ask at one moment.
    if (!signal.aborted) await sleep(this.#clock, this.#retryPeriodMs * (1 + 0.2 * Math.random()), signal);
  }

  /** The Lease in our name, or undefined while another holds it. */
  async #acquire(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, lease: key, identity } = this.#options;
    const found: Lease | undefined = await client.get(leaseKind, key, { signal });
    if (found !== undefined && this.#isHeldByAnother(found)) return undefined;
    try {
      if (found === undefined) return await client.create(leaseKind, this.#newLease(), { signal });
      const transitions = found.spec?.leaseTransitions ?? 0;
      const changesHands = found.spec?.holderIdentity !== identity;
      return await this.#write(found, signal, {
        ...found.spec,
        ...this.#claim(),
        ...(changesHands && { acquireTime: this.#microTime(), leaseTransitions: transitions + 1 }),
      });
    } catch (error) {
      if (hasReason(error, 'Conflict') || hasReason(error, 'AlreadyExists')) return undefined;
      throw error;
    }
  }

  #isHeldByAnother(lease: Lease): boolean {
    const { holderIdentity = '', leaseDurationSeconds } = lease.spec ?? {};
    if (holderIdentity === '' || holderIdentity === this.#options.identity) return false;
    const now = this.#clock.now();
    const spec = JSON.stringify(lease.spec);
    if (this.#seen?.spec !== spec) {
      if (this.#seen === undefined) this.#options.log.info({ holder: holderIdentity }, 'another process is the leader');
      this.#seen = { spec, at: now };
    }
    const durationMs = leaseDurationSeconds === undefined ? this.#leaseDurationMs : leaseDurationSeconds * 1000;
    return now < this.#seen.at + durationMs;
  }

  async #lead(acquired: Lease, acquiredAt: number): Promise<void> {
    const { signal, log, onStarted, onStopped, lease, identity } = this.#options;
    this.#seen = undefined;
    const term = new AbortController();
    const stepDown = () => term.abort(signal.reason);
    signal.addEventListener('abort', stepDown);
    if (signal.aborted) stepDown();
    log.info({ lease: objectKeyText(lease), identity }, 'became the leader');
    let held: Lease | undefined = acquired;
    try {
      if (!term.signal.aborted) onStarted(term.signal);
      held = await this.#keep(acquired, acquiredAt, term);
    } finally {
      signal.removeEventListener('abort', stepDown);
      term.abort();
      log.info({ lease: objectKeyText(lease), identity }, 'stopped being the leader');
      await onStopped();
      if (signal.aborted && held !== undefined) await this.#release(held);
    }
  }

  /** Renews until `term` ends or cannot be kept; the Lease as it was last held, undefined when another has it. */
  async #keep(acquired: Lease, acquiredAt: number, term: AbortController): Promise<Lease | undefined> {
    let held = acquired;
    let renewedAt = acquiredAt;
    while (!term.signal.aborted) {
      const leftMs = renewedAt + this.#renewDeadlineMs - this.#clock.now();
      const cancelDeadline = this.#clock.setTimer(Math.max(0, leftMs), () => {
        this.#options.log.warn('the lease could not be renewed in time');
        term.abort();
      });
      try {
        await sleep(this.#clock, this.#retryPeriodMs, term.signal);
        if (term.signal.aborted) break;
        const attemptAt = this.#clock.now();
        const renewed = await this.#renew(held, term.signal);
        if (renewed === undefined) return undefined;
        held = renewed;
        renewedAt = attemptAt;
      } catch (error) {
        if (!term.signal.aborted) this.#logFailure(error, 'could not renew the lease');
      } finally {
        cancelDeadline();
      }
    }
    return held;
  }

  /** Usually one write. A conflict means that the Lease was edited or that another took it: look. */
  async #renew(held: Lease, signal: AbortSignal): Promise<Lease | undefined> {
    const { client, lease: key, identity } = this.#options;
    try {
      return await this.#write(held, signal, { ...held.spec, ...this.#claim() });
    } catch (error) {
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
    }
    const found: Lease | undefined = await client.get(leaseKind, key, { signal });
    if (found === undefined) return await client.create(leaseKind, this.#newLease(), { signal });
    if (found.spec?.holderIdentity !== identity) return undefined;
    return await this.#write(found, signal, { ...found.spec, ...this.#claim() });
  }

  async #release(held: Lease): Promise<void> {
    const spec = { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: this.#microTime() };
    try {
      await this.#withTimeout(this.#retryPeriodMs, (limit) => this.#writeOurs(held, limit, spec));
    } catch (error) {
      this.#logFailure(error, 'could not release the lease, it will expire');
    }
  }

  /** The last renewal may be stored though nobody waited for its answer. */
  async #writeOurs(held: Lease, signal: AbortSignal, spec: NonNullable<Lease['spec']>): Promise<void> {
    const { client, lease: key, identity } = this.#options;
    try {
      await this.#write(held, signal, spec);
    } catch (error) {
      if (!hasReason(error, 'Conflict')) throw error;
      const found: Lease | undefined = await client.get(leaseKind, key, { signal });
      if (found?.spec?.holderIdentity === identity) await this.#write(found, signal, spec);
    }
  }

  async #write(lease: Lease, signal: AbortSignal, spec: NonNullable<Lease['spec']>): Promise<Lease> {
    const object: Lease = { ...lease, spec };
    return await this.#options.client.update(leaseKind, object, { signal });
  }

  #newLease(): Lease {
    const { name, namespace } = this.#options.lease;
    return {
      apiVersion: apiVersionOf(leaseKind),
      kind: leaseKind.kind,
      metadata: { name, namespace },
      spec: { ...this.#claim(), acquireTime: this.#microTime(), leaseTransitions: 0 },
    };
  }

  #claim() {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
      renewTime: this.#microTime(),
    };
  }

  /** meta/v1 MicroTime. */
  #microTime(): string {
    return new Date(this.#clock.now()).toISOString().replace('Z', '000Z');
  }

  /** Aborts `run` after `ms`, and when `stop` is aborted. Links them by hand: AbortSignal.any leaves a bit in `stop` each time. */
  async #withTimeout<T>(ms: number, run: (limit: AbortSignal) => Promise<T>, stop?: AbortSignal): Promise<T> {
    const limit = new AbortController();
    const cancel = this.#clock.setTimer(ms, () => limit.abort(new Error(`no answer within ${ms} ms`)));
    const abort = () => limit.abort(stop?.reason);
    stop?.addEventListener('abort', abort);
    try {
      stop?.throwIfAborted();
      return await run(limit.signal);
    } finally {
      cancel();
      stop?.removeEventListener('abort', abort);
    }
  }

  #logFailure(error: unknown, what: string): void {
    this.#options.log.warn({ err: error, lease: objectKeyText(this.#options.lease) }, what);
  }
}
