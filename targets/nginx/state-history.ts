/** What a state file says, read back when the agent starts. */
import type { StreamLine } from '@causeway/dataplane/policy/record';
import { type Digest, digestOf } from './delta.ts';
import type { FileRange } from './file-ranges.ts';
import { type RecordKey, recordKey } from './wanted.ts';

export interface StateHistory {
  readonly version: number;
  readonly size: number;
  readonly fullSize: number;
  readonly ends: ReadonlyMap<number, number>;
  readonly digests: Map<RecordKey, Digest>;
  readonly places: Map<RecordKey, FileRange>;
}

/** Reads whole transactions; `undefined` when there is not even a full one, or the text is not ours. */
export function readHistory(content: Buffer): StateHistory | undefined {
  const digests = new Map<RecordKey, Digest>();
  const places = new Map<RecordKey, FileRange>();
  const ends = new Map<number, number>();
  let version = 0;
  let size = 0;
  let fullSize = 0;
  let open: [RecordKey, Digest | undefined, FileRange][] | undefined;
  let start = 0;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, start)) {
    const line = content.toString('utf8', start, end + 1);
    const place = { start, end: end + 1 };
    start = end + 1;
    let parsed: StreamLine;
    try {
      parsed = JSON.parse(line) as StreamLine;
    } catch {
      break;
    }
    switch (parsed.op) {
      case 'begin':
        if (parsed.full !== (version === 0)) return undefined;
        open = [];
        break;
      case 'put':
        open?.push([recordKey(parsed.record.type, parsed.record.id), digestOf(line), place]);
        break;
      case 'delete':
        open?.push([recordKey(parsed.type, parsed.id), undefined, place]);
        break;
      case 'commit':
        for (const [key, digest, at] of open ?? []) {
          if (digest === undefined) {
            digests.delete(key);
            places.delete(key);
          } else {
            digests.set(key, digest);
            places.set(key, at);
          }
        }
        open = undefined;
        size = start;
        if (version === 0) fullSize = start;
        version = parsed.version;
        ends.set(version, start);
        break;
    }
  }
  return version === 0 ? undefined : { version, size, fullSize, ends, digests, places };
}
