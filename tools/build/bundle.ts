import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles every program (`apps/<name>.ts`, and the tool that fetches the
 * private runtime) to `<outDirectory>/<name>.js`.
 *
 * One file per program: shared chunks would be evaluated before the program's
 * own imports, and `import 'reflect-metadata'` must come first where it is used.
 * What is imported lazily stays lazy. Packages with native parts stay outside.
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
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'linked',
    // Half the text to read at every start; names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    external: ['lmdb'],
    // CommonJS packages inside an ESM bundle call `require`.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
