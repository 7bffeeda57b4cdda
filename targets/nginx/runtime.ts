import assert from 'node:assert/strict';

/**
 * Where the programs and libraries of nginx are. Found by `tools/runtime`, which
 * writes it as `runtime.json`; all paths absolute.
 */
export interface NginxRuntime {
  readonly nginx: string;
  /** Shared objects by short name: `ndk`, `http_lua`, `stream`, ... */
  readonly modules: Readonly<Record<string, string>>;
  /** Value of LD_LIBRARY_PATH: folders, separated by `:`. */
  readonly libraryPath: string;
  /** Patterns with `?`, separated by `;`, as in Lua's package.path. */
  readonly luaPath: string;
  /** Patterns with `?`, separated by `;`, as in Lua's package.cpath. */
  readonly luaCpath: string;
  /** The program of iproute2 that adds addresses; run with this library path by the agent, never by nginx's user. */
  readonly ip: string;
}

/** What the firewall needs beside nginx. `tools/runtime` writes it as `firewall.json`; all paths absolute. */
export interface FirewallRuntime {
  /** libmodsecurity. */
  readonly library: string;
  /** To be searched after that of nginx. */
  readonly libraryPath: string;
  /** The core rules of OWASP, in the order in which they are loaded. */
  readonly coreRules: readonly string[];
}

/** The shared object of a module of nginx. */
export function modulePath({ modules }: NginxRuntime, name: string): string {
  const path = modules[name];
  assert(path !== undefined, `the nginx runtime has no module ${name}`);
  return path;
}
