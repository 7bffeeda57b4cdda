import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceIR } from '@causeway/ir/gateway';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { FirewallSockets } from './conf/firewall-hop.ts';
import { listensOf, type ServedPort } from './conf/listen.ts';
import { renderConf } from './conf.ts';
import type { NginxRuntime } from './runtime.ts';
import { instance } from './testing/fragments.ts';
import { nginxSays } from './testing/nginx-says.ts';

const PATHS = {
  dataplane: '/run/lua',
  agentSocket: '/run/alb/agent.sock',
  questionSocket: '/run/alb/ask.sock',
  stateFile: '/shm/state.jsonl',
  tlsDirectory: '/shm/tls',
};
const RUNTIME: NginxRuntime = {
  nginx: '/runtime/nginx',
  modules: {
    ndk: '/runtime/ndk.so',
    http_lua: '/runtime/http_lua.so',
    http_headers_more_filter: '/runtime/headers_more.so',
    stream: '/runtime/stream.so',
  },
  libraryPath: '/runtime/lib',
  luaPath: '/runtime/lua/?.lua',
  luaCpath: '/runtime/lua/?.so',
  ip: '/runtime/ip',
};

interface Case {
  readonly instance: Partial<InstanceIR>;
  readonly ports: readonly ServedPort[];
  readonly firewall?: FirewallSockets;
}

describe('golden pairs', () => {
  const testdata = join(import.meta.dirname, 'testdata');
  for (const name of readdirSync(testdata)) {
    test(name, () => {
      const input = parse(readFileSync(join(testdata, name, 'in.yaml'), 'utf8')) as Case;
      const conf = renderConf({
        instance: instance(input.instance),
        ports: input.ports,
        profiles: [],
        paths: { ...PATHS, runtime: RUNTIME },
        firewall: input.firewall,
      });
      const golden = join(testdata, name, 'out.conf');
      if (process.env['GOLDEN'] === 'write') writeFileSync(golden, conf);
      expect(conf).toBe(readFileSync(golden, 'utf8'));
    });

    test(`${name}: nginx takes it`, async () => {
      const input = parse(readFileSync(join(testdata, name, 'in.yaml'), 'utf8')) as Case;
      const ports = input.ports.map((port) => ({ ...port, addresses: ['127.0.0.1'] }));
      const { firewall } = input;
      expect(await nginxSays({ instance: instance(input.instance), ports, profiles: [], firewall })).toMatch(
        /test is successful/,
      );
    });
  }
});

test('the addresses and ports of a text are found again', () => {
  const ports: ServedPort[] = [
    { port: 80, protocol: 'http', addresses: ['127.0.0.1', '2001:db8::1'] },
    { port: 443, protocol: 'https', addresses: ['127.0.0.1'] },
  ];
  const conf = renderConf({ instance: instance(), ports, profiles: [], paths: { ...PATHS, runtime: RUNTIME } });
  expect(listensOf(conf)).toEqual([
    { address: '127.0.0.1', port: 80 },
    { address: '2001:db8::1', port: 80 },
    { address: '127.0.0.1', port: 443 },
  ]);
});

describe('D7: what is not a number, an address or a plain path is refused', () => {
  const good = { instance: instance(), ports: [], profiles: [], paths: { ...PATHS, runtime: RUNTIME } };
  const http: ServedPort = { port: 80, protocol: 'http', addresses: ['127.0.0.1'] };
  const cases = [
    { name: 'path', conf: { ...good, paths: { ...good.paths, stateFile: '/a";}' } } },
    { name: 'variable in a path', conf: { ...good, paths: { ...good.paths, dataplane: '/$host' } } },
    { name: 'address', conf: { ...good, ports: [{ ...http, addresses: ['127.0.0.1;'] }] } },
    { name: 'port', conf: { ...good, ports: [{ ...http, port: 70_000 }] } },
    {
      name: 'trusted proxy',
      conf: { ...good, ports: [http], instance: instance({ trustedProxies: ['10.0.0.0/8; a'] }) },
    },
  ];
  for (const c of cases) test(c.name, () => expect(() => renderConf(c.conf)).toThrow());
});
