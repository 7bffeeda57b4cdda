import { access, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * `runtime.json`: where the programs of an unpacked package set are. All paths
 * are absolute. The nginx target reads `nginx` to `ip`.
 */
export interface NginxManifest {
  /** Tells the launcher whether this runtime was made from its list of packages. */
  readonly revision: string;
  readonly nginx: string;
  /** By the name in the file: `ngx_http_lua_module.so` is `http_lua`; `ndk_http_module.so` is `ndk`. */
  readonly modules: Readonly<Record<string, string>>;
  /** Value of LD_LIBRARY_PATH for every program of this set. */
  readonly libraryPath: string;
  /** Values of `lua_package_path` and `lua_package_cpath`. */
  readonly luaPath: string;
  readonly luaCpath: string;
  /** The program of iproute2 that gives instances addresses: a small Debian has none. */
  readonly ip: string;
  /** An interpreter with nginx's LuaJIT, for tests. */
  readonly luajit: string;
  readonly nginxVersion: string;
  /** Package name to version. */
  readonly packages: Readonly<Record<string, string>>;
}

/** `firewall.json`: libmodsecurity, for LuaJIT's FFI, and the core rules of OWASP. */
export interface FirewallManifest {
  readonly revision: string;
  readonly library: string;
  /** To be searched after that of nginx. */
  readonly libraryPath: string;
  /** Settings of the core rules, then the rules, in the order in which they are loaded. */
  readonly coreRules: readonly string[];
  readonly packages: Readonly<Record<string, string>>;
}

/** `bench.json`: peers and load generators. */
export interface BenchManifest {
  readonly revision: string;
  readonly haproxy: string;
  readonly wrk: string;
  readonly h2load: string;
  /** nginx's own module for the firewall. */
  readonly modsecurityModule: string;
  readonly libraryPath: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** `store.json`: a memcached. */
export interface StoreManifest {
  readonly revision: string;
  readonly memcached: string;
  readonly libraryPath: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** `redis.json`: a Redis. */
export interface RedisManifest {
  readonly revision: string;
  readonly redis: string;
  readonly libraryPath: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** `browser.json`: Chromium without a window. */
export interface BrowserManifest {
  readonly revision: string;
  readonly chromium: string;
  readonly libraryPath: string;
  /** Value of FONTCONFIG_SYSROOT: where fonts and their settings are. */
  readonly fontRoot: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** `openid.json`: Apache, and its module that signs users in with OpenID Connect. */
export interface OpenidManifest {
  readonly revision: string;
  readonly apache: string;
  readonly moduleFolder: string;
  readonly libraryPath: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** `oauth2-proxy.json`, `otel-collector.json`: a program of a Go module. */
export interface GoProgramManifest {
  readonly revision: string;
  readonly program: string;
  /** With its version: `example.com/a@v1.2.3`. */
  readonly module: string;
}

/** `kubectl-1.20.json`: a program that needs nothing else. */
export interface ProgramManifest {
  readonly revision: string;
  readonly program: string;
  readonly packages: Readonly<Record<string, string>>;
}

export interface Unpacked {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly revision: string;
  readonly packages: Readonly<Record<string, string>>;
}

export async function describeNginx(unpacked: Unpacked): Promise<Omit<NginxManifest, 'nginxVersion'>> {
  const { root, revision, packages } = unpacked;
  const libraries = await libraryFolder(root);
  const moduleFolder = path.join(root, 'usr/lib/nginx/modules');
  const modules: Record<string, string> = {};
  for (const file of (await readdir(moduleFolder)).toSorted()) {
    const match = /^(?:ngx_)?(\w+?)(?:_http)?_module\.so$/.exec(file);
    if (match?.[1] !== undefined) modules[match[1]] = path.join(moduleFolder, file);
  }
  return {
    revision,
    nginx: await present(root, 'usr/sbin/nginx'),
    ip: await present(root, 'bin/ip'),
    modules,
    libraryPath: libraries,
    luaPath: path.join(root, 'usr/share/lua/5.1/?.lua'),
    luaCpath: libraries
      .split(':')
      .map((folder) => path.join(folder, 'lua/5.1/?.so'))
      .join(';'),
    luajit: await present(root, 'usr/bin/luajit2', 'usr/bin/luajit'),
    packages,
  };
}

export async function describeFirewall({ root, revision, packages }: Unpacked): Promise<FirewallManifest> {
  const libraries = await libraryFolder(root);
  const found: string[] = [];
  for (const folder of libraries.split(':')) {
    const names = await readdir(folder);
    if (names.includes(LIBMODSECURITY)) found.push(path.join(folder, LIBMODSECURITY));
  }
  const [library] = found;
  if (library === undefined) throw new Error(`the unpacked packages contain no ${LIBMODSECURITY}`);
  const ruleFolder = path.join(root, 'usr/share/modsecurity-crs/rules');
  const rules = (await readdir(ruleFolder)).filter((name) => name.endsWith('.conf')).toSorted();
  return {
    revision,
    library,
    libraryPath: libraries,
    coreRules: [
      await present(root, 'etc/modsecurity/crs/crs-setup.conf'),
      ...rules.map((name) => path.join(ruleFolder, name)),
    ],
    packages,
  };
}

const LIBMODSECURITY = 'libmodsecurity.so.3';

export async function describeBench({ root, revision, packages }: Unpacked): Promise<BenchManifest> {
  return {
    revision,
    haproxy: await present(root, 'usr/sbin/haproxy'),
    wrk: await present(root, 'usr/bin/wrk'),
    h2load: await present(root, 'usr/bin/h2load'),
    modsecurityModule: await present(root, 'usr/lib/nginx/modules/ngx_http_modsecurity_module.so'),
    libraryPath: await libraryFolder(root),
    packages,
  };
}

export async function describeStore({ root, revision, packages }: Unpacked): Promise<StoreManifest> {
  return {
    revision,
    memcached: await present(root, 'usr/bin/memcached'),
    libraryPath: await libraryFolder(root),
    packages,
  };
}

export async function describeRedis({ root, revision, packages }: Unpacked): Promise<RedisManifest> {
  return {
    revision,
    // One program, a server when it is called by that name.
    redis: await present(root, 'usr/bin/redis-check-rdb'),
    libraryPath: await libraryFolder(root),
    packages,
  };
}

export async function describeBrowser({ root, revision, packages }: Unpacked): Promise<BrowserManifest> {
  const libraries = await libraryFolder(root);
  return {
    revision,
    chromium: await present(root, 'usr/lib/chromium/chromium-headless-shell'),
    // libpulse has its private half in a folder of its own.
    libraryPath: [libraries, ...libraries.split(':').map((folder) => path.join(folder, 'pulseaudio'))].join(':'),
    fontRoot: root,
    packages,
  };
}

export async function describeOpenid({ root, revision, packages }: Unpacked): Promise<OpenidManifest> {
  const module = await present(root, 'usr/lib/apache2/modules/mod_auth_openidc.so');
  return {
    revision,
    apache: await present(root, 'usr/sbin/apache2'),
    moduleFolder: path.dirname(module),
    libraryPath: await libraryFolder(root),
    packages,
  };
}

export async function describeKubectl({ root, revision, packages }: Unpacked): Promise<ProgramManifest> {
  return { revision, program: await present(root, 'usr/bin/kubectl'), packages };
}

/** `usr/lib/<multiarch triplet>`, with `/lib/<triplet>` in front when some package still uses it. */
async function libraryFolder(root: string): Promise<string> {
  const folders: string[] = [];
  for (const base of ['lib', 'usr/lib']) {
    const names = await readdir(path.join(root, base)).catch(() => []);
    for (const name of names) if (name.endsWith('-linux-gnu')) folders.push(path.join(root, base, name));
  }
  return folders.toReversed().join(':');
}

async function present(root: string, ...candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    const file = path.join(root, candidate);
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  throw new Error(`the unpacked packages contain no ${candidates.join(' or ')}`);
}
