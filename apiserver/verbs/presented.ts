import { parseStored } from '../object.ts';
import { Entry } from '../storage/entry.ts';
import type { Target } from './target.ts';

/*
 * What is stored, as the version of a request shows it. Nearly always the entry is it already, but for its apiVersion, which is exchanged
 * when it is sent; only custom kinds with different versions, or with a definition that is younger than the object, have more to do.
 */

/** Whether {@link presented} has nothing to wait for. */
export function isPresented({ version }: Pick<Target, 'version'>, entry: Entry): boolean {
  return version.form === undefined || version.form.fits(entry);
}

/** @throws StatusError 500 when a conversion webhook fails */
export async function presented(target: Pick<Target, 'version'>, entry: Entry): Promise<Entry> {
  const { form } = target.version;
  if (form === undefined || form.fits(entry)) return entry;
  const [shown = entry] = await form.entries([entry]);
  return shown;
}

/** @throws StatusError 500 when a conversion webhook fails */
export async function presentedAll(
  target: Pick<Target, 'version'>,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  const { form } = target.version;
  if (form === undefined || entries.every((entry) => form.fits(entry))) return entries;
  return form.entries(entries);
}

/** Text of what was just written, in the version of the request. @param json in the storage version @throws StatusError 500 */
export async function presentedText(target: Pick<Target, 'version'>, json: string): Promise<string> {
  const { form } = target.version;
  if (form === undefined || form.isLikeStored) return json;
  const [shown] = await form.entries([new Entry(parseStored(json), json)]);
  return shown?.json ?? json;
}
