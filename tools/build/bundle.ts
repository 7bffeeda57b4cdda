import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles every program (`apps/<name>.ts`, and the tool that fetches the
 * private runtime) to `<outDirectory>/<name>.js`.
 *
 * Shared code goes to chunks in the same folder, so that `import.meta.dirname`
 * is that folder wherever a module ended up; what is imported lazily stays
 * lazy. Packages with native parts stay outside.
 */
export async function bundlePrograms(repository: string, outDirectory: string): Promise<void> {
  const programs = (await readdir(path.join(repository, 'apps')))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ in: path.join(repository, 'apps', name), out: name.slice(0, -'.ts'.length) }));
  await build({
    absWorkingDir: repository,
    entryPoints: [...programs, { in: path.join(repository, 'tools/runtime/main.ts'), out: 'runtime' }],
    outdir: outDirectory,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'linked',
    external: ['lmdb'],
    // The ES module of a package where it has one: of a split CommonJS module, `import()` would give the default export only.
    mainFields: ['module', 'main'],
    // CommonJS packages inside an ESM bundle call `require`.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
