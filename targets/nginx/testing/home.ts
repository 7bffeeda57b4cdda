/** A run directory with compiled Lua, and what tests need around real instances. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledLua } from '@causeway/dataplane/test/lua-build';
import pino, { type Logger } from 'pino';
import { NginxInstances, type NginxInstancesOptions } from '../instances.ts';
import { instanceFolder } from '../place.ts';
import type { InstanceStatus } from '../status.ts';
import { ALB } from './fragments.ts';
import { testRuntime } from './runtime.ts';

export interface TestHome {
  readonly options: NginxInstancesOptions;
  /** Of the instance {@link ALB}. */
  readonly directory: string;
  remove(): void;
}

export async function createHome(): Promise<TestHome> {
  const root = mkdtempSync(join(tmpdir(), 'cw-'));
  chmodSync(root, 0o755); // nginx runs as somebody else
  const { folder: dataplaneDirectory } = await compiledLua();
  const runDirectory = join(root, 'run');
  return {
    options: {
      runDirectory,
      dataplaneDirectory,
      runtime: testRuntime(),
      log: testLog(),
      authenticate: (token) => Promise.resolve(token === 'good'),
    },
    directory: join(runDirectory, instanceFolder(ALB)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** LOG=info shows what happens. */
function testLog(): Logger {
  return pino({ level: process.env['LOG'] ?? 'silent' });
}

/** Instances and the latest status they gave. */
export class TestInstances extends NginxInstances {
  readonly statuses: InstanceStatus[] = [];

  constructor(options: NginxInstancesOptions) {
    super(options);
    this.onStatus((_, status) => this.statuses.push(status));
  }

  /** Waits until the status satisfies `check`. */
  async until(what: string, check: (status: InstanceStatus) => boolean, id = ALB): Promise<InstanceStatus> {
    return eventually(what, () => {
      const status = this.status(id);
      return status !== undefined && check(status) ? status : undefined;
    });
  }

  /** Waits until every worker has what was put. */
  async ready(): Promise<InstanceStatus> {
    return this.until('ready', ({ ready, ports }) => ready && ports.every(({ state }) => state === 'listening'));
  }
}

const DEADLINE_MS = 20_000;

/** Polls until there is an answer. */
export async function eventually<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export function masterOf(home: TestHome): number {
  return Number(readFileSync(join(home.directory, 'nginx.pid'), 'utf8'));
}
