import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commandLine } from '@causeway/targets/nginx/proc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE, isRunning } from '../acceptance/installation.ts';
import { listeningPids } from '../acceptance/listening-processes.ts';
import { frontend, group } from '../acceptance/objects.ts';
import {
  askUdp,
  heardFrom,
  type StreamBackend,
  startTcpBackend,
  startUdpBackend,
  streamService,
  TcpClient,
} from '../acceptance/stream-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, Lab } from './lab.ts';

let lab: Lab;
const tcp: StreamBackend[] = [];
const udp: StreamBackend[] = [];
const clients: TcpClient[] = [];

beforeAll(async () => {
  lab = await Lab.start(['http']);
  for (const name of ['a', 'b']) {
    tcp.push(await startTcpBackend(name));
    udp.push(await startUdpBackend(name));
  }
});
afterAll(async () => {
  await lab.stop();
  for (const backend of [...tcp, ...udp]) await backend.close();
});

async function serve(name: string, protocol: 'TCP' | 'UDP', ports: readonly number[]): Promise<void> {
  await lab.home.apply(...streamService(name, protocol, ports));
}

async function connected(port: number): Promise<TcpClient> {
  const client = await heardFrom(port);
  clients.push(client);
  return client;
}

/** The layer 4 process. */
function processOf(port: number): number {
  const pids = listeningPids(port);
  expect(pids).toHaveLength(1);
  return pids[0] ?? 0;
}

function logOf(pid: number): string {
  return readFileSync(path.join(commandLine(pid).split(' ').at(-1) ?? '', 'stream.log'), 'utf8');
}

describe('ALB-98 tcp', () => {
  let port: number;

  beforeAll(async () => {
    await serve('tcp', 'TCP', [tcp[0]?.port ?? 0, tcp[1]?.port ?? 0]);
    port = await lab.open('tcp', { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) });
  });

  test('connections alternate between the endpoints, bytes go both ways, the end of one side reaches the other', async () => {
    const names: string[] = [];
    for (let i = 0; i < 10; i += 1) {
      const client = await connected(port);
      client.socket.write('ping');
      await eventually(() => expect(client.heard).toBe(`${client.backend}\nping`));
      client.socket.end('last');
      await eventually(() => expect(client.state).toBe('ended'));
      expect(client.heard).toBe(`${client.backend}\npinglast`);
      names.push(client.backend ?? '');
    }
    expect(names.filter((name) => name === 'a')).toHaveLength(5);
  });

  test('the endpoint list changes: new connections follow, old ones stay, nothing reloads', async () => {
    const [instance] = await lab.home.list('Instance');
    const pid = processOf(port);
    const old = [await connected(port), await connected(port)].find((client) => client.backend === 'b');
    await serve('tcp', 'TCP', [tcp[0]?.port ?? 0]);
    await eventually(async () => {
      for (let i = 0; i < 4; i += 1) expect((await connected(port)).backend).toBe('a');
    });
    old?.socket.write('still here');
    await eventually(() => expect(old?.heard).toBe('b\nstill here'));
    expect(processOf(port)).toBe(pid);
    const [after] = await lab.home.list('Instance');
    expect(after?.status?.reloads).toBe(instance?.status?.reloads);
    old?.socket.destroy();
  });

  test('an endpoint that refuses costs no connection', async () => {
    await serve('half', 'TCP', [await freePort(), tcp[1]?.port ?? 0]);
    const half = await lab.open('half', { protocol: 'tcp', serviceGroup: group({ half: 100 }) });
    for (let i = 0; i < 10; i += 1) expect((await connected(half)).backend).toBe('b');
  });

  test('all endpoints refuse: reset after 5 attempts; no endpoint: closed; both are in the log', async () => {
    await serve('dead', 'TCP', [await freePort()]);
    const dead = await lab.open('dead', { protocol: 'tcp', serviceGroup: group({ dead: 100 }) });
    await eventually(async () => {
      const client = new TcpClient(dead);
      await eventually(() => expect(client.state).not.toBe('open'), 5_000);
      expect(client.state).toBe('reset');
    });
    await serve('none', 'TCP', []);
    const none = await lab.open('none', { protocol: 'tcp', serviceGroup: group({ none: 100 }) });
    const client = new TcpClient(none);
    await eventually(() => expect(client.state).not.toBe('open'));
    await eventually(() => {
      expect(logOf(processOf(dead))).toMatch(new RegExp(`\\] 127\\.0\\.0\\.1 TCP ${dead} 502 0 0 `));
      expect(logOf(processOf(dead))).toMatch(new RegExp(`\\] 127\\.0\\.0\\.1 TCP ${none} 500 0 0 `));
    });
  });

  test('read timeout 2500 ms of the Frontend: a silent session is closed, one that talks is not (ALB2 has another)', async () => {
    await lab.home.kubectl([
      ...['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge'],
      ...['-p', '{"spec":{"config":{"timeout":{"proxy_read_timeout_ms":60000}}}}'],
    ]);
    const short = await lab.open('short', {
      protocol: 'tcp',
      serviceGroup: group({ tcp: 100 }),
      config: { timeout: { proxy_read_timeout_ms: 2500 } },
    });
    const silent = await connected(short);
    const talking = await connected(short);
    const other = await connected(port);
    const talk = setInterval(() => talking.socket.write('.'), 300);
    await eventually(() => expect(silent.state).not.toBe('open'));
    clearInterval(talk);
    expect(talking.state).toBe('open');
    expect(other.state).toBe('open');
  });

  test('the process is killed: another one serves, HTTP is not touched', async () => {
    const pid = processOf(port);
    expect(commandLine(pid)).toContain('stream.js');
    process.kill(pid, 'SIGKILL');
    expect((await connected(port)).backend).toBe('a');
    expect(processOf(port)).not.toBe(pid);
  });

  test('a port changes from tcp to http and back', async () => {
    const name = 'changing';
    const changing = await lab.open(name, { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) });
    await connected(changing);
    await lab.home.apply(frontend(ALB, name, changing, { protocol: 'http', serviceGroup: group({ http: 100 }) }));
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${changing}/`)).status).toBe(200));
    await lab.home.apply(frontend(ALB, name, changing, { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) }));
    expect((await connected(changing)).backend).toBe('a');
    await lab.home.kubectl(['delete', 'frontend', name, '-n', ALB_NAMESPACE]);
    await eventually(async () => {
      const client = new TcpClient(changing);
      clients.push(client);
      await eventually(() => expect(client.state).toBe('reset'), 1_000);
    });
  });

  test('the last port goes: so does the process, when the last session has ended', async () => {
    const pid = processOf(port);
    const last = await connected(port);
    const names = (await lab.home.list('Frontend')).filter(({ spec }) => spec.protocol === 'tcp');
    await lab.home.kubectl(['delete', 'frontend', '-n', ALB_NAMESPACE, ...names.map(({ metadata }) => metadata.name)]);
    await eventually(() => expect(listeningPids(port)).toEqual([]));
    last.socket.write('drains');
    await eventually(() => expect(last.heard).toContain('drains'));
    expect(isRunning(pid)).toBe(true);
    for (const { socket } of clients) socket.destroy();
    await eventually(() => expect(isRunning(pid)).toBe(false));
  });
});

describe('ALB-98 udp', () => {
  test('answers come from the endpoint; a client stays with its own; it moves when that goes', async () => {
    await serve('udp', 'UDP', [udp[0]?.port ?? 0, udp[1]?.port ?? 0]);
    const port = await lab.open('udp', { protocol: 'udp', serviceGroup: group({ udp: 100 }) });
    const names = new Set<string>();
    for (let i = 0; i < 6; i += 1) names.add((await askUdp(port, 'x')).split(':')[0] ?? '');
    expect([...names].sort()).toEqual(['a', 'b']);

    const from = await freePort();
    const first = await askUdp(port, 'one', { from });
    for (let i = 0; i < 5; i += 1) expect(await askUdp(port, 'one', { from })).toBe(first);
    const stays = first.startsWith('a') ? 1 : 0;
    await serve('udp', 'UDP', [udp[stays]?.port ?? 0]);
    await eventually(async () => expect(await askUdp(port, 'two', { from })).toBe(`${udp[stays]?.name}:two`));
  });

  test('tcp and udp may have the same port number', async () => {
    await serve('tcp', 'TCP', [tcp[0]?.port ?? 0]);
    const port = await lab.open('both-tcp', { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) });
    await lab.home.apply(frontend(ALB, 'both-udp', port, { protocol: 'udp', serviceGroup: group({ udp: 100 }) }));
    await eventually(async () => expect(await askUdp(port, 'x')).toMatch(/^[ab]:x$/));
    expect((await connected(port)).backend).toBe('a');
  });
});
