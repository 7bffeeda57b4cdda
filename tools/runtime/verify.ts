import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NginxManifest } from './manifest.ts';
import { runProgram } from './run-program.ts';

/**
 * Lets nginx load its modules, LuaJIT its libraries and `ip` its own, from the
 * unpacked files alone.
 *
 * @returns the version of nginx
 * @throws ProgramFailed with nginx's words when something is missing
 */
export async function verifyNginx(runtime: Omit<NginxManifest, 'nginxVersion'>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'causeway-verify-'));
  const env = { LD_LIBRARY_PATH: runtime.libraryPath };
  try {
    const file = path.join(folder, 'nginx.conf');
    await writeFile(file, configuration(runtime, folder));
    await runProgram(runtime.nginx, ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', file], { env });
    await runProgram(runtime.ip, ['-Version'], { env });
    const { stderr } = await runProgram(runtime.nginx, ['-v'], { env });
    return /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configuration({ modules, luaPath, luaCpath }: Omit<NginxManifest, 'nginxVersion'>, folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
load_module ${modules['ndk']};
load_module ${modules['http_lua']};
load_module ${modules['http_headers_more_filter']};
load_module ${modules['stream']};
load_module ${modules['http_brotli_filter']};
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  lua_package_path "${luaPath}";
  lua_package_cpath "${luaCpath}";
  init_by_lua_block { require "cjson"; require "resty.core"; require "resty.lrucache"; require "ngx.balancer" }
}
`;
}
