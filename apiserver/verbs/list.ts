import { badRequest, expired, StatusError } from '../status-error.ts';
import type { Entry } from '../storage/entry.ts';
import type { Store } from '../storage/store.ts';
import { type EntrySelector, type SelectorOptions, selectorOf } from './entry-selector.ts';
import { presentedAll } from './presented.ts';
import { Slice } from './slice.ts';
import type { Target } from './target.ts';

export interface ListOptions extends SelectorOptions {
  /** 0: no limit */
  readonly limit: number;
  readonly continue: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly resourceVersionMatch: string | undefined;
}

/** One page of a list, in the version of the request but for the apiVersion. */
export interface ListPage {
  readonly entries: readonly Entry[];
  readonly revision: number;
  readonly continue: string | undefined;
  readonly remaining: number | undefined;
}

/**
 * Lists at one revision. Pages that follow see the same moment as the first one, as long as the history reaches back that
 * far; then 410 tells where a list of now would go on.
 *
 * @throws StatusError 400, 410, 504
 */
export async function listObjects(store: Store, target: Target, options: ListOptions): Promise<ListPage> {
  const selector = selectorOf(target, options);
  const { collection } = target.resource;
  const token = options.continue === undefined ? undefined : parseToken(options.continue);
  const revision = token?.revision ?? exactRevision(store, options);
  const namespace = target.namespace === '' ? (selector.namespace ?? '') : target.namespace;
  const range = revision === undefined ? collection.range(namespace) : collection.rangeAt(namespace, revision);
  if (range === undefined) throw gone(store, token);
  const listed = { revision: revision ?? store.revision };
  const rest = token === undefined ? range : range.slice(firstAfter(range, token.start));
  if (selector.matchesAll) {
    const whole = page(rest, listed.revision, options.limit);
    return { ...whole, entries: await presentedAll(target, whole.entries) };
  }
  const matching = await select(await presentedAll(target, rest), selector, options.limit);
  return { ...page(matching, listed.revision, options.limit), remaining: undefined };
}

/** At most one match more than `limit`, so that the caller knows whether there are more. */
async function select(entries: readonly Entry[], selector: EntrySelector, limit: number): Promise<readonly Entry[]> {
  const matching: Entry[] = [];
  const slice = new Slice();
  for (const entry of entries) {
    if (slice.isOver) await slice.pause();
    if (selector.matches(entry)) matching.push(entry);
    if (limit > 0 && matching.length > limit) break;
  }
  return matching;
}

function page(entries: readonly Entry[], revision: number, limit: number): ListPage {
  if (limit <= 0 || entries.length <= limit) return { entries, revision, continue: undefined, remaining: undefined };
  const taken = entries.slice(0, limit);
  return {
    entries: taken,
    revision,
    continue: tokenText({ revision, start: taken.at(-1)?.key ?? '' }),
    remaining: entries.length - limit,
  };
}

/** The revision that the client demands exactly; undefined for "now". */
function exactRevision(store: Store, { resourceVersion, resourceVersionMatch }: ListOptions): number | undefined {
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0') return undefined;
  const revision = parseRevision(resourceVersion);
  if (revision > store.revision) {
    throw new StatusError(
      504,
      'Timeout',
      `Timeout: Too large resource version: ${revision}, current: ${store.revision}`,
      {
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      },
    );
  }
  return resourceVersionMatch === 'Exact' ? revision : undefined;
}

/** @throws StatusError 400 */
export function parseRevision(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`Invalid value: ${JSON.stringify(text)}: invalid resource version`);
  return Number(text);
}

function gone(store: Store, token: Token | undefined): StatusError {
  if (token === undefined) return expired('The resourceVersion for the provided list is too old.');
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
    tokenText({ revision: store.revision, start: token.start }),
  );
}

interface Token {
  readonly revision: number;
  /** Key of the last object of the page before. */
  readonly start: string;
}

function tokenText(token: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.start })).toString(
    'base64url',
  );
}

function parseToken(text: string): Token {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const { rv, start } = Object(token);
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, start };
  } catch {
    // The message below says all there is to say.
  }
  throw badRequest('continue key is not valid: it was not made by this server');
}

function firstAfter(entries: readonly Entry[], key: string): number {
  const index = entries.findIndex((entry) => entry.key > key);
  return index < 0 ? entries.length : index;
}
