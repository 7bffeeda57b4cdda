import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUNDLE_VERSION } from '@causeway/apis/gateway-api/bundle';
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1';
import { parseAllDocuments } from 'yaml';

/** The folder of the module of the Gateway API, which Go fetches when it is missing. */
export function upstreamModule(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'causeway-module-'));
  try {
    const module = `sigs.k8s.io/gateway-api@${BUNDLE_VERSION}`;
    const text = execFileSync('go', ['mod', 'download', '-json', module], { cwd: directory, encoding: 'utf8' });
    return (JSON.parse(text) as { readonly Dir: string }).Dir;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Upstream's definitions, by name. */
export function upstreamDefinitions(module: string): ReadonlyMap<string, CustomResourceDefinition> {
  const found = new Map<string, CustomResourceDefinition>();
  for (const object of objectsBelow(path.join(module, 'config/crd/experimental'))) {
    const definition = object as Partial<CustomResourceDefinition>;
    if (definition.kind !== 'CustomResourceDefinition' || definition.spec === undefined) continue;
    found.set(definition.metadata?.name ?? '', definition as CustomResourceDefinition);
  }
  return found;
}

/** Every object in the YAML files below a folder, in order. */
export function objectsBelow(folder: string): readonly object[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  return files.toSorted().flatMap((name) =>
    parseAllDocuments(readFileSync(path.join(folder, name), 'utf8')).flatMap((document): readonly object[] => {
      const value: unknown = document.toJS();
      return typeof value === 'object' && value !== null ? [value] : [];
    }),
  );
}
