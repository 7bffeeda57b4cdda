import type { Core } from '../core.ts';
import { StatusError } from '../status-error.ts';
import type { Entry } from '../storage/entry.ts';
import { isPresented } from './presented.ts';
import { headEntry, type Target } from './target.ts';
import { mayAskWebhooks } from './webhooks.ts';
import type { WriteOptions } from './write.ts';

/** While a write waited for something outside, the object was changed: what was computed from its former state is worth nothing. */
export class HeadMoved extends Error {
  override readonly name = 'HeadMoved';
}

const ATTEMPTS = 8;

/**
 * Makes a write of a present object: `attempt` gets the newest state, and begins again when that is replaced while it waits.
 *
 * @param body what the request sent; an attempt may change it
 * @throws StatusError 404, and 409 when others write all the time
 */
export async function onHead<Body, Result>(
  core: Pick<Core, 'webhooks'>,
  target: Target,
  body: Body,
  options: Pick<WriteOptions, 'identity'>,
  attempt: (entry: Entry, body: Body) => Promise<Result>,
): Promise<Result> {
  const first = headEntry(target);
  if (!mayWait(target, first) && !mayAskWebhooks(core, target, options)) return attempt(first, body);
  for (let count = 0; count < ATTEMPTS; count++) {
    try {
      return await attempt(headEntry(target), structuredClone(body));
    } catch (error) {
      if (!(error instanceof HeadMoved)) throw error;
    }
  }
  throw new StatusError(409, 'Conflict', 'the object is changed too often; please try again');
}

/** Whether something outside is asked between reading the head and writing. */
function mayWait(target: Target, entry: Entry): boolean {
  const { form } = target.version;
  return form !== undefined && (!isPresented(target, entry) || !form.isLikeStored || form.namesDiffer);
}

/** To be called when there is nothing to wait for any more. @throws HeadMoved */
export function checkHead({ resource }: Target, entry: Entry): void {
  if (resource.collection.head(entry.key) !== entry) throw new HeadMoved();
}
