/**
 * Where nginx's files lie. nginx runs as a user of its own, who often cannot reach
 * the data directory or a checkout (root's home is closed to others), so what it
 * reads is copied to where it can: the compiled Lua always, in a folder per build;
 * programs and libraries when they are out of its reach.
 */
import { hash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  fchmodSync,
  fchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writePrivateFile } from './private-file.ts';
import { allPids, commandLine } from './proc.ts';
import type { FirewallRuntime, NginxRuntime } from './runtime.ts';
import type { FileOwner } from './state-file.ts';

export interface Place {
  /** Holds a folder per instance, and those below. */
  readonly home: string;
  readonly runtime: NginxRuntime;
  /** The same for what the firewall needs: copied to where nginx's user can read it, if need be. */
  readonly firewall: (runtime: FirewallRuntime) => FirewallRuntime;
  /** Of the Lua build in `dataplane`. */
  readonly generation: string;
  readonly dataplane: string;
  /** Absent: layer 4 ports cannot be served. */
  readonly stream: StreamProgram | undefined;
}

/** What the layer 4 process is started with, where nginx's user can read it. */
export interface StreamProgram {
  /** The Node that runs this. */
  readonly node: string;
  readonly script: string;
}

export interface PlaceOptions {
  readonly runDirectory: string;
  readonly runtime: NginxRuntime;
  readonly dataplaneDirectory: string;
  /** The bundled program `stream.js`; absent: layer 4 ports cannot be served. */
  readonly streamScript?: string | undefined;
  readonly user: FileOwner | undefined;
}

/** Used when the run directory cannot be reached. Not below /run, where Debian forbids to execute. */
const OPEN_HOME = '/var/lib/causeway';
/** File in a home there: the run directory it stands in for. */
const ORIGIN = 'origin';
/** A socket's path has at most 107 bytes; the rest is left for `<instance>/agent.sock`. */
const HOME_MAX_BYTES = 50;
/** linux/magic.h */
const TMPFS_MAGIC = 0x0102_1994;
const TMPFS_MIN_FREE_BYTES = 256 << 20;

export function preparePlace(options: PlaceOptions): Place {
  const { runtime, dataplaneDirectory, user } = options;
  const home = chooseHome(options);
  mkdirSync(home, { recursive: true, mode: 0o711 });
  if (dirname(home) === OPEN_HOME) {
    // Never half written: another agent takes a home for forgotten that stands in for nothing that is there.
    writePrivateFile(join(home, ORIGIN), resolve(options.runDirectory), undefined);
  }
  const generation = readGeneration(dataplaneDirectory);
  const dataplane = join(home, `lua-${generation}`);
  copyOnce(dataplane, (target) => cpSync(dataplaneDirectory, target, { recursive: true }));
  const reachable = user === undefined || isReachable(runtime.nginx);
  return {
    ...{ home, generation, dataplane, runtime: reachable ? runtime : copyRuntime(runtime) },
    firewall: (firewall) => (user === undefined || isReachable(firewall.library) ? firewall : copyFirewall(firewall)),
    stream: prepareStream(home, options),
  };
}

/** The script always into the home, in a folder per build: a process that runs keeps its own. */
function prepareStream(home: string, { streamScript, user }: PlaceOptions): StreamProgram | undefined {
  if (streamScript === undefined || !existsSync(streamScript)) return undefined;
  const text = readFileSync(streamScript);
  const folder = join(home, `stream-${hash('sha256', text).slice(0, 12)}`);
  copyOnce(folder, (target) => {
    writeFileSync(join(target, 'stream.js'), text);
    writeFileSync(join(target, 'package.json'), '{"type":"module"}\n');
  });
  const node = realpathSync(process.execPath);
  if (user === undefined || isReachable(node)) return { node, script: join(folder, 'stream.js') };
  const { mtimeMs, size } = statSync(node);
  const copy = join(OPEN_HOME, `node-${hash('sha256', JSON.stringify([node, mtimeMs, size])).slice(0, 12)}`);
  copyOnce(copy, (target) => cpSync(node, join(target, 'node')));
  return { node: join(copy, 'node'), script: join(folder, 'stream.js') };
}

/** The folder of an instance: names it for people, and differs for different ids. */
export function instanceFolder(id: string): string {
  return `${id.replaceAll(/[^a-zA-Z0-9.-]/g, '_').slice(0, 31)}-${hash('sha256', id).slice(0, 8)}`;
}

/** Makes a folder that only nginx's user (and root) can enter. */
export function makePrivate(directory: string, user: FileOwner | undefined): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const folder = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchmodSync(folder, 0o700);
    if (user !== undefined) fchownSync(folder, user.uid, user.gid);
  } finally {
    closeSync(folder);
  }
}

/**
 * Where the state file of an instance goes: memory if possible, since it holds private keys and is
 * rewritten often, else the instance's own folder.
 */
export function stateDirectory(directory: string, user: FileOwner | undefined): string {
  const shared = '/dev/shm';
  try {
    const { type, bavail, bsize } = statfsSync(shared);
    if (type !== TMPFS_MAGIC || bavail * bsize < TMPFS_MIN_FREE_BYTES) return directory;
    const path = join(shared, `causeway-${hash('sha256', directory).slice(0, 16)}`);
    if (!existsSync(path)) makePrivate(path, user);
    // Anybody may make folders there: it must be ours, and closed to others.
    const { uid, mode } = lstatSync(path);
    const owned = uid === (user?.uid ?? process.getuid?.()) && lstatSync(path).isDirectory() && (mode & 0o077) === 0;
    return owned ? path : directory;
  } catch {
    return directory;
  }
}

function chooseHome({ runDirectory, user }: PlaceOptions): string {
  const absolute = resolve(runDirectory);
  mkdirSync(absolute, { recursive: true });
  const fits = Buffer.byteLength(absolute) <= HOME_MAX_BYTES;
  if (fits && (user === undefined || isReachable(join(absolute, 'x')))) return absolute;
  if (user !== undefined) return join(OPEN_HOME, hash('sha256', absolute).slice(0, 8));
  throw new Error(`the path of the run directory is too long for sockets (over ${HOME_MAX_BYTES} bytes): ${absolute}`);
}

/** Removes the homes of run directories that are gone, unless something still runs there. Takes its time: not for a start. */
export function removeForgottenHomes({ home: own }: Place): void {
  if (dirname(own) !== OPEN_HOME) return;
  let titles: string[] | undefined;
  for (const name of readdirSync(OPEN_HOME)) {
    const home = join(OPEN_HOME, name);
    const origin = join(home, ORIGIN);
    if (!existsSync(origin) || existsSync(readFileSync(origin, 'utf8'))) continue;
    titles ??= allPids().map(commandLine);
    if (!titles.some((title) => title.includes(home))) rmSync(home, { recursive: true, force: true });
  }
}

/** Everybody may pass all folders above `path`. */
function isReachable(path: string): boolean {
  let folder = dirname(path);
  if (existsSync(folder)) folder = realpathSync(folder);
  for (;;) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    const parent = dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}

function readGeneration(dataplaneDirectory: string): string {
  const text = readFileSync(join(dataplaneDirectory, 'generation'), 'utf8').trim();
  if (!/^[\w.-]{1,64}$/.test(text)) throw new Error(`no Lua build in ${dataplaneDirectory}: bad generation file`);
  return text;
}

/** Into one place for all run directories: it is some megabytes. */
function copyRuntime(runtime: NginxRuntime): NginxRuntime {
  const { mtimeMs, size } = statSync(runtime.nginx);
  const key = hash('sha256', JSON.stringify([runtime, mtimeMs, size])).slice(0, 12);
  const target = join(OPEN_HOME, `runtime-${key}`);
  const modules: Record<string, string> = {};
  for (const [name, path] of Object.entries(runtime.modules)) modules[name] = join(target, 'modules', basename(path));
  const libraries = runtime.libraryPath.split(':').filter((folder) => existsSync(folder));
  const luaFolders = foldersOf(runtime.luaPath);
  const luaLibraries = foldersOf(runtime.luaCpath);
  const moved: NginxRuntime = {
    nginx: join(target, 'nginx'),
    modules,
    libraryPath: join(target, 'lib'),
    luaPath: join(target, 'lua/?.lua'),
    luaCpath: join(target, 'lua-lib/?.so'),
    ip: runtime.ip,
  };
  copyOnce(target, (temporary) => {
    const to = (path: string): string => join(temporary, path.slice(target.length));
    cpSync(runtime.nginx, to(moved.nginx));
    for (const [name, path] of Object.entries(runtime.modules)) cpSync(path, to(modules[name] ?? ''));
    // Earlier folders win, as they do in the search path.
    for (const folder of libraries) copyFiles(folder, to(moved.libraryPath));
    for (const folder of luaFolders) cpSync(folder, join(temporary, 'lua'), MERGE);
    for (const folder of luaLibraries) cpSync(folder, join(temporary, 'lua-lib'), MERGE);
  });
  return moved;
}

/** Rules read files beside them, so their whole folders go along. */
function copyFirewall(firewall: FirewallRuntime): FirewallRuntime {
  const { mtimeMs, size } = statSync(firewall.library);
  const key = hash('sha256', JSON.stringify([firewall, mtimeMs, size])).slice(0, 12);
  const target = join(OPEN_HOME, `firewall-${key}`);
  const libraries = firewall.libraryPath.split(':').filter((folder) => existsSync(folder));
  const folders = [...new Set(firewall.coreRules.map((file) => dirname(file)))];
  const moved: FirewallRuntime = {
    library: join(target, 'lib', basename(firewall.library)),
    libraryPath: join(target, 'lib'),
    coreRules: firewall.coreRules.map((file) =>
      join(target, `rules-${folders.indexOf(dirname(file))}`, basename(file)),
    ),
  };
  copyOnce(target, (temporary) => {
    mkdirSync(join(temporary, 'lib'));
    for (const folder of libraries) copyFiles(folder, join(temporary, 'lib'));
    for (const [index, folder] of folders.entries()) {
      mkdirSync(join(temporary, `rules-${index}`));
      copyFiles(folder, join(temporary, `rules-${index}`));
    }
  });
  return moved;
}

const MERGE = { recursive: true, force: false, dereference: true };

/** Only the files of a folder, not those of folders in it. */
function copyFiles(from: string, to: string): void {
  for (const entry of readdirSync(from)) {
    const path = join(from, entry);
    if (statSync(path).isFile()) cpSync(path, join(to, entry), { force: false, dereference: true });
  }
}

/** Of patterns `FOLDER/?.lua`. */
function foldersOf(patterns: string): string[] {
  return patterns
    .split(';')
    .filter((pattern) => pattern.includes('/?.'))
    .map((pattern) => pattern.slice(0, pattern.indexOf('/?.')))
    .filter((folder) => existsSync(folder));
}

/** Makes `target` if it is not there: copied beside it first, so it is never half there. */
function copyOnce(target: string, copy: (temporary: string) => void): void {
  if (existsSync(target)) return;
  const temporary = `${target}.${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  copy(temporary);
  openToAll(temporary);
  try {
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // another agent was faster
  }
}

function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() ? 0o755 : (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
  if (stat.isDirectory()) for (const entry of readdirSync(path)) openToAll(join(path, entry));
}
