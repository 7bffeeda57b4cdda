import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { parseManifest } from './directory.ts';

/**
 * The objects of files, of folders with everything below, and of `-`, the standard input; those of a folder in the order of their paths.
 *
 * @throws ManifestError that names the file and the document; what the file system says
 */
export async function readInputs(places: readonly string[]): Promise<readonly KubernetesObject[]> {
  const objects: KubernetesObject[] = [];
  for (const place of places) {
    if (place === '-') {
      objects.push(...parseManifest(await text(process.stdin), 'standard input'));
      continue;
    }
    const isFolder = (await stat(place)).isDirectory();
    for (const file of isFolder ? await filesBelow(place) : [place]) {
      objects.push(...parseManifest(await readFile(file, 'utf8'), file));
    }
  }
  return objects;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true });
  return names
    .filter((name) => /\.(ya?ml|json)$/.test(name) && !name.split(path.sep).some((part) => part.startsWith('.')))
    .toSorted()
    .map((name) => path.join(directory, name));
}
