/** What the data plane holds, against what a translation that remembers nothing would give it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { objectKeyText } from '@causeway/apis/meta/object';
import { DATA_PLANE_KINDS } from '@causeway/controllers/data-planes';
import { Queues } from '@causeway/controllers/queues';
import { defineTranslation } from '@causeway/controllers/translation';
import type { StreamLine } from '@causeway/dataplane/policy/record';
import type { GatewayFragment } from '@causeway/ir/gateway';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { Snapshot } from '@causeway/resources/snapshot';
import { startReflectors } from '@causeway/sources/kubernetes/reflectors';
import { DATAPLANE_USER } from '@causeway/targets/nginx/instances';
import { stateDirectory } from '@causeway/targets/nginx/place';
import { recordKey, WantedRecords } from '@causeway/targets/nginx/wanted';
import pino from 'pino';
import { ALB } from '../control/objects.ts';

/** Records as JSON, by `type id`. */
type Records = ReadonlyMap<string, string>;

/** @param directory of the instance @returns keys of the records that differ; their content may be secret */
export async function recordDifferences(api: KubernetesClient, directory: string): Promise<readonly string[]> {
  const wanted = await translated(api);
  const held = stored(directory);
  const keys = new Set([...wanted.keys(), ...held.keys()]);
  return [...keys].filter((key) => wanted.get(key) !== held.get(key)).sort();
}

/** What the state file adds up to, from which the workers have their state. */
function stored(directory: string): Records {
  const user = process.getuid?.() === 0 ? DATAPLANE_USER : undefined;
  const text = readFileSync(path.join(stateDirectory(directory, user), 'state.jsonl'), 'utf8');
  const records = new Map<string, string>();
  for (const part of text.split('\n').slice(0, -1)) {
    const line = JSON.parse(part) as StreamLine;
    if (line.op === 'begin' && line.full) records.clear();
    else if (line.op === 'put') records.set(recordKey(line.record.type, line.record.id), JSON.stringify(line.record));
    else if (line.op === 'delete') records.delete(recordKey(line.type, line.id));
  }
  return records;
}

async function translated(api: KubernetesClient): Promise<Records> {
  const log = pino({ enabled: false });
  const snapshot = new Snapshot();
  const reflectors = startReflectors(api, snapshot, log, { kinds: DATA_PLANE_KINDS });
  await reflectors.synced;
  await reflectors.stop();
  const byOwner = new Map<string, readonly GatewayFragment[]>();
  const queues = new Queues(log);
  defineTranslation(queues, snapshot, {
    put: (owner, fragments) => byOwner.set(owner, fragments),
    drop: (owner) => byOwner.delete(owner),
  });
  await new Promise<void>((resolve) => queues.whenIdle(resolve));
  await queues.stop();
  return rendered([...byOwner.values()].flat());
}

function rendered(fragments: readonly GatewayFragment[]): Records {
  const shared = new Map(fragments.map((fragment) => [`${fragment.kind} ${fragment.id}`, fragment]));
  const wanted = new WantedRecords({
    endpointSet: (id) => {
      const found = shared.get(`endpointSet ${id}`);
      return found?.kind === 'endpointSet' ? found : undefined;
    },
    certificate: (id) => {
      const found = shared.get(`certificate ${id}`);
      return found?.kind === 'certificate' ? found : undefined;
    },
  });
  const instance = objectKeyText(ALB);
  for (const fragment of shared.values()) {
    if (fragment.kind === 'listener' && fragment.instance === instance) wanted.putListener(fragment.id, fragment);
    if (fragment.kind === 'route' && fragment.instance === instance) wanted.putRoute(fragment.id, fragment);
  }
  for (const _ of wanted.drain()); // only to bring its indexes up to date
  return new Map([...wanted.all()].map((record) => [recordKey(record.type, record.id), JSON.stringify(record)]));
}
