import { readFileSync } from 'node:fs';
import type { NginxRuntime } from '@causeway/targets/nginx/runtime';

/**
 * Reads `runtime.json`, which `tools/runtime` writes.
 *
 * @throws Error that names the file when it is absent or says something else
 */
export function readRuntimeFile(file: string): NginxRuntime {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isRuntime(content)) throw new Error(`${file} does not describe an nginx`);
  return content;
}

function isRuntime(content: unknown): content is NginxRuntime {
  if (typeof content !== 'object' || content === null) return false;
  const { modules, ...texts } = content as Readonly<Record<string, unknown>>;
  return (
    ['nginx', 'libraryPath', 'luaPath', 'luaCpath', 'ip'].every((name) => typeof texts[name] === 'string') &&
    typeof modules === 'object' &&
    modules !== null &&
    Object.values(modules).every((path) => typeof path === 'string')
  );
}
