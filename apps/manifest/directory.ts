import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { parseAllDocuments } from 'yaml';

/** A file that is no manifest: not YAML, or a document without apiVersion, kind and name. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** Paths of the `.yaml`, `.yml` and `.json` files directly in a folder, sorted. */
export async function manifestFiles(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => /\.(ya?ml|json)$/.test(name) && !name.startsWith('.'))
    .toSorted()
    .map((name) => path.join(directory, name));
}

/**
 * The objects of a file, in order; the items of a list one by one.
 *
 * @throws ManifestError that names the file and the document
 */
export async function readManifest(file: string): Promise<readonly KubernetesObject[]> {
  return parseManifest(await readFile(file, 'utf8'), file);
}

/** @param origin names the text in errors */
export function parseManifest(text: string, origin: string): readonly KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  for (const [index, document] of parseAllDocuments(text).entries()) {
    const place = `${origin}, document ${index + 1}`;
    const [problem] = document.errors;
    if (problem !== undefined) throw new ManifestError(`${place}: ${problem.message}`);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    for (const item of itemsOf(value)) objects.push(parseObject(item, place));
  }
  return objects;
}

/** Of a `List`, or of a list of one kind, whose items need not repeat it: an `IngressList` holds Ingresses. */
function itemsOf(value: unknown): readonly unknown[] {
  if (!isRecord(value) || !Array.isArray(value['items'])) return [value];
  const [, kind] = /^([A-Za-z]*)List$/.exec(String(value['kind'])) ?? [];
  if (kind === undefined) return [value];
  const own = kind === '' ? {} : { apiVersion: value['apiVersion'], kind };
  return value['items'].map((item: unknown) => (isRecord(item) ? { ...own, ...item } : item));
}

function parseObject(value: unknown, place: string): KubernetesObject {
  if (!isRecord(value)) throw new ManifestError(`${place}: not an object`);
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new ManifestError(`${place}: apiVersion and kind are required`);
  }
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string') {
    throw new ManifestError(`${place}: metadata.name is required`);
  }
  return { ...value, apiVersion, kind, metadata: { ...metadata, name: metadata['name'] } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
