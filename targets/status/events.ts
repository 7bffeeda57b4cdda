import { createHash } from 'node:crypto';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';

const EVENT: KindRef = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

export interface EventNote {
  /** What it is about. */
  readonly object: KubernetesObject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** Who says so, e.g. `alb2-alb-demo`. */
  readonly component: string;
}

/**
 * Writes core/v1 Events, one per occasion.
 *
 * The name of an Event is derived from what it says about which generation of
 * the object, so a process that starts again, or a second one that sees the
 * same, finds its Event already there instead of adding another.
 */
export class EventWriter {
  readonly #api: Pick<KubernetesClient, 'create' | 'get' | 'patch'>;
  readonly #now: () => Date;

  constructor(api: Pick<KubernetesClient, 'create' | 'get' | 'patch'>, now: () => Date = () => new Date()) {
    this.#api = api;
    this.#now = now;
  }

  /**
   * Says `note` unless it was said before about this generation of the object.
   *
   * @param again it was over meanwhile: count the Event up when it is already there
   */
  async write(note: EventNote, again = false): Promise<void> {
    const event = this.#event(note);
    try {
      await this.#api.create(EVENT, event);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 404) return; // its namespace is gone, or going
      if (error.code === 403 && /terminat/i.test(error.message)) return;
      if (error.code !== 409) throw error;
      if (again) await this.#countUp(event);
    }
  }

  async #countUp(event: KubernetesObject): Promise<void> {
    const key = { namespace: event.metadata.namespace ?? '', name: event.metadata.name };
    const stored: (KubernetesObject & { readonly count?: number }) | undefined = await this.#api.get(EVENT, key);
    if (stored === undefined) return;
    const patch = { count: (stored.count ?? 1) + 1, lastTimestamp: timestamp(this.#now()) };
    await this.#api.patch(EVENT, key, patch, { type: 'merge' });
  }

  #event({ object, type, reason, message, component }: EventNote): KubernetesObject {
    const { name, namespace, uid, resourceVersion, generation } = object.metadata;
    const identity = [uid ?? '', generation ?? 0, type, reason, message, component].join('\0');
    const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    const now = timestamp(this.#now());
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        // A DNS name of at most 253 characters; the hash alone makes it unique.
        name: `${name.slice(0, 230)}.${hash}`,
        namespace: namespace ?? 'default',
      },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      type,
      reason,
      message: message.slice(0, 1024),
      source: { component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      reportingComponent: component,
      reportingInstance: '',
    };
    return event;
  }
}

/** RFC 3339 in whole seconds, as meta/v1 Time wants it. */
function timestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
