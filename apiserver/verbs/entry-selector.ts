import { hasSelectableFields } from '../selector/selectable-field.ts';
import { parseSelectors, SelectorError } from '../selector/selector.ts';
import { badRequest } from '../status-error.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import type { Target } from './target.ts';

export interface SelectorOptions {
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
}

/** The selectors of a list or watch, for stored entries. */
export interface EntrySelector {
  readonly matchesAll: boolean;
  /** The only namespace in which something can match. */
  readonly namespace: string | undefined;
  matches(entry: Entry): boolean;
}

/** Labels, name and namespace are at hand; only selectors that ask for other fields make an entry be parsed. */
const METADATA_FIELDS = /^(\s*metadata\.(name|namespace)\s*(=|==|!=)[^,]*(,|$))*$/;
/** What many watchers have in common: each of one object. Nothing is left to ask when name and namespace are those demanded. */
const ONE_DEMAND = /^\s*metadata\.(name|namespace)\s*==?[^,=!]*$/;

/** @throws StatusError 400 */
export function selectorOf({ version, resource }: Target, options: SelectorOptions): EntrySelector {
  const selector = parsed(version, resource.origin, options);
  const { matchesAll, name, namespace } = selector;
  const onMetadata = METADATA_FIELDS.test(options.fieldSelector ?? '');
  const isDemanded = ONE_DEMAND.test(options.fieldSelector ?? '') && (options.labelSelector ?? '') === '';
  return {
    matchesAll,
    namespace,
    matches(entry) {
      if (matchesAll) return true;
      if (name !== undefined && entry.name !== name) return false;
      if (namespace !== undefined && entry.namespace !== namespace) return false;
      return isDemanded || selector.matches(onMetadata ? metadataOf(entry) : objectOf(entry));
    },
  };
}

function parsed(
  version: Target['version'],
  origin: Target['resource']['origin'],
  options: SelectorOptions,
): ReturnType<typeof parseSelectors> {
  const onlyMetadata = origin === 'built-in' && !hasSelectableFields(version.names);
  try {
    return parseSelectors(version.names, options, version.selectableFields, onlyMetadata ? onlyKnownFields : undefined);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function onlyKnownFields(field: string): string {
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function metadataOf({ name, namespace, labels }: Entry): Parameters<ReturnType<typeof parseSelectors>['matches']>[0] {
  return {
    apiVersion: '',
    kind: '',
    metadata: { name, ...(namespace === '' ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
  };
}
