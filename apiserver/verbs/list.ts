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
  /** Who asks; see Slice. */
  readonly user?: string;
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
  if (token !== undefined && options.resourceVersion !== undefined && options.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
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
  return { ...listed, ...(await select(await presentedAll(target, rest), selector, options, listed.revision)) };
}

/** A page ends with its last match, whether or not another one follows: only the next page knows. */
async function select(
  entries: readonly Entry[],
  selector: EntrySelector,
  { limit, user }: Pick<ListOptions, 'limit' | 'user'>,
  revision: number,
): Promise<Omit<ListPage, 'revision'>> {
  const matching: Entry[] = [];
  const slice = new Slice(user);
  for (const [index, entry] of entries.entries()) {
    if (slice.isOver) await slice.pause();
    if (!selector.matches(entry)) continue;
    matching.push(entry);
    if (limit > 0 && matching.length === limit && index < entries.length - 1) {
      return { entries: matching, continue: tokenText({ revision, start: entry.key }), remaining: undefined };
    }
  }
  return { entries: matching, continue: undefined, remaining: undefined };
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
function exactRevision(
  store: Store,
  { resourceVersion, resourceVersionMatch, limit }: ListOptions,
): number | undefined {
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0') return undefined;
  const revision = listedRevision(resourceVersion);
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
  // Pages of a list without a match are of exactly that revision, as they were before there were matches.
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && limit > 0);
  return isExact ? revision : undefined;
}

/** @throws StatusError 400 */
function listedRevision(text: string): number {
  const revision = parseRevision(text);
  if (typeof revision === 'string') throw badRequest(`invalid resource version: ${revision}`);
  return revision;
}

/** A resourceVersion, or in the words of Kubernetes why it is none. */
export function parseRevision(text: string): number | string {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const value = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${value}: strconv.ParseUint: parsing ${value}: invalid syntax`;
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
  const bytes = Buffer.from(text, 'base64url');
  try {
    const token: unknown = JSON.parse(bytes.toString());
    const { rv, start } = Object(token);
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, start };
  } catch {
    // The message below says all there is to say.
  }
  const [first = 0] = bytes;
  const character =
    first < 0x20 || first > 0x7e ? `\\u00${first.toString(16).padStart(2, '0')}` : String.fromCharCode(first);
  const why =
    character === '{'
      ? 'it was not made by this server'
      : `invalid character '${character}' looking for beginning of value`;
  throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
}

function firstAfter(entries: readonly Entry[], key: string): number {
  const index = entries.findIndex((entry) => entry.key > key);
  return index < 0 ? entries.length : index;
}
