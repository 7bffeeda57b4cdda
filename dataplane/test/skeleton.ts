/** nginx.conf from the skeleton in http/README.md, so that the contract itself is what the tests run. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface SkeletonPort {
  readonly port: number;
  readonly protocol: 'http' | 'https' | 'grpc';
}

export interface SkeletonSettings {
  readonly runDirectory: string;
  readonly dataplane: string;
  readonly workers: number;
  readonly ports: readonly SkeletonPort[];
  readonly modules: Readonly<Record<string, string>>;
  readonly luaPath: string;
  readonly luaCpath: string;
}

export function renderSkeleton(settings: SkeletonSettings): string {
  const readme = readFileSync(path.join(import.meta.dirname, '../http/README.md'), 'utf8');
  const block = /```nginx\n([\s\S]*?)```/.exec(readme)?.[1];
  const server =
    block === undefined ? undefined : /\n {2}log_format [\s\S]*?\n {2}server \{\n[\s\S]*?\n {2}\}\n/.exec(block)?.[0];
  if (block === undefined || server === undefined) throw new Error('http/README.md has no skeleton');
  const servers = settings.ports.map((port) => renderServer(server, port)).join('');
  const values: Readonly<Record<string, string>> = {
    MODULE_NDK: settings.modules['ndk'] ?? '',
    MODULE_HTTP_LUA: settings.modules['http_lua'] ?? '',
    MODULE_HEADERS_MORE: settings.modules['http_headers_more_filter'] ?? '',
    WORKERS: String(settings.workers),
    DATAPLANE: settings.dataplane,
    LUA_PATH: settings.luaPath,
    LUA_CPATH: settings.luaCpath,
    RUN: settings.runDirectory,
  };
  return block
    .replace(server, servers)
    .replace(
      /\b(?:MODULE_NDK|MODULE_HTTP_LUA|MODULE_HEADERS_MORE|WORKERS|DATAPLANE|LUA_C?PATH|RUN)\b/g,
      (word) => values[word] ?? word,
    );
}

function renderServer(server: string, { port, protocol }: SkeletonPort): string {
  const tls = protocol === 'https';
  return server
    .split('\n')
    .filter((line) => tls || !/# TLS/.test(line))
    .filter((line) => !tls || !/listen ADDRESS:PORT default_server/.test(line))
    .join('\n')
    .replaceAll('ADDRESS:PORT default_server', `ADDRESS:PORT ${protocol === 'grpc' ? 'http2 ' : ''}default_server`)
    .replaceAll('ADDRESS', '127.0.0.1')
    .replaceAll('BACKLOG', '511')
    .replaceAll(
      ' VARYING ',
      ' proxy_set_header Host $causeway_host; proxy_set_header Connection $causeway_connection; proxy_set_header Upgrade $http_upgrade; ',
    )
    .replaceAll('SCHEME', tls ? 'https' : 'http')
    .replace(/(?<![A-Z])PORT\b/g, String(port));
}
