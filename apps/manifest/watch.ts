import { watch } from 'node:fs';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { Logger } from 'pino';
import { applyObject } from './apply.ts';
import { manifestFiles, readManifest } from './directory.ts';
import { createKindLookup } from './kind-lookup.ts';

/** Editors and `git pull` write several files in a row: wait for the last. */
const settleMs = 200;

export interface ManifestFolders {
  stop(): void;
}

/**
 * Applies every manifest of the folders, file by file in order of their names,
 * and again when something in a folder changes. What cannot be applied is
 * logged with its file and holds up nothing else. Removing a file deletes
 * nothing.
 *
 * @returns after the first pass
 */
export async function followManifests(
  client: KubernetesClient,
  directories: readonly string[],
  log: Logger,
): Promise<ManifestFolders> {
  const lookup = createKindLookup(client);
  const applied = new Map<string, string>();

  const applyFile = async (file: string): Promise<void> => {
    for (const object of await readManifest(file)) {
      const text = JSON.stringify(object);
      const place = `${file} ${object.apiVersion} ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      if (applied.get(place) === text) continue;
      try {
        const { title } = await applyObject(client, lookup, object);
        applied.set(place, text);
        log.info({ file }, `applied ${title}`);
      } catch (error) {
        log.error({ file, err: error }, `cannot apply ${object.kind} ${object.metadata.name}`);
      }
    }
  };
  const applyFolder = async (directory: string): Promise<void> => {
    for (const file of await manifestFiles(directory)) {
      await applyFile(file).catch((error: unknown) => log.error({ file, err: error }, 'cannot read manifest'));
    }
  };

  // One folder after the other, and never two passes over one folder at once.
  let queue = Promise.resolve();
  const enqueue = (directory: string): void => {
    queue = queue
      .then(() => applyFolder(directory))
      .catch((error: unknown) => log.error({ directory, err: error }, 'cannot read manifests'));
  };
  const timers = new Map<string, NodeJS.Timeout>();
  const watchers = directories.map((directory) =>
    watch(directory, () => {
      clearTimeout(timers.get(directory));
      timers.set(
        directory,
        setTimeout(() => enqueue(directory), settleMs),
      );
    }),
  );
  for (const directory of directories) enqueue(directory);
  await queue;
  return {
    stop() {
      for (const watcher of watchers) watcher.close();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
