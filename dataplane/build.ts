/** Compiles the data plane to the Lua that nginx runs. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as ts from 'typescript';
import { transpileProject } from 'typescript-to-lua';

/** Stands in `http/generation.ts` where the hash goes. */
const GENERATION_PLACE = '@generation@';
/** Signs of TypeScriptToLua's runtime library: constructs that are slow or allocate (style.md section 12). */
const RUNTIME_LIBRARY = /__TS__\w+|lualib_bundle/;

export interface DataplaneBuild {
  /** Hash of the compiled Lua; workers say it in their hello. */
  readonly generation: string;
}

/**
 * Writes `policy/*.lua`, `http/*.lua` and the file `generation` (its hash, one line) to `outDirectory`.
 *
 * @throws Error with every diagnostic when the compiler has as much as a warning, or when
 *   a file needs TypeScriptToLua's runtime library
 */
export async function buildDataplane(outDirectory: string): Promise<DataplaneBuild> {
  const files = compile(outDirectory);
  const hash = createHash('sha256');
  for (const [name, text] of files) hash.update(`${name}\n${text}\n`);
  const generation = hash.digest('hex').slice(0, 16);
  for (const [name, text] of files) {
    const file = path.join(outDirectory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text.replace(GENERATION_PLACE, generation));
  }
  await writeFile(path.join(outDirectory, 'generation'), `${generation}\n`);
  return { generation };
}

/** @returns Lua texts by path relative to `outDirectory`, sorted */
function compile(outDirectory: string): readonly (readonly [string, string])[] {
  const files: [string, string][] = [];
  const { diagnostics } = transpileProject(
    path.join(import.meta.dirname, 'tsconfig.lua.json'),
    { outDir: outDirectory },
    (file, text) => files.push([path.relative(outDirectory, file), text]),
  );
  const problems = diagnostics.map(problemText);
  for (const [name, text] of files) {
    const found = RUNTIME_LIBRARY.exec(text);
    if (found !== null) problems.push(`${name}: uses ${found[0]} of TypeScriptToLua's runtime library`);
  }
  if (problems.length > 0) throw new Error(`the data plane does not compile to Lua:\n${problems.join('\n')}`);
  if (files.length === 0) throw new Error('the data plane compiled to nothing');
  return files.sort(([a], [b]) => (a < b ? -1 : 1));
}

function problemText({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return message;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName}:${line + 1}:${character + 1}: ${message}`;
}
