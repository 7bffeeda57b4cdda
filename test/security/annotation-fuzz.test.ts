/** Annotations are data (design D7): whatever they hold, none reaches nginx.conf, and none changes the Rules of others. */
import { readFileSync } from 'node:fs';
import { INGRESS_ANNOTATIONS } from '@causeway/apis/gateway/annotation/index';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { InstanceIR, RouteIR } from '@causeway/ir/gateway';
import { renderConf } from '@causeway/targets/nginx/conf';
import { type Profile, profileOf } from '@causeway/targets/nginx/profile';
import { World } from '@causeway/translate/gateway/testing/world';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingressOf } from '../alb/ingresses.ts';
import { ALB, answersWith, Lab } from '../alb/lab.ts';

/** In every value, so that it is found wherever it gets to. */
const MARK = 'zq7x';
const VALUES = 100_000;
const PER_INGRESS = 50;

const KEYS = [
  ...Object.keys(INGRESS_ANNOTATIONS).map((name) =>
    name.startsWith('alb.modsecurity/')
      ? name.replace('alb.modsecurity/', 'alb.modsecurity.cpaas.io/')
      : `nginx.ingress.kubernetes.io/${name}`,
  ),
  ...Object.keys(INGRESS_ANNOTATIONS).map((name) => `alb.ingress.cpaas.io/${name.replace('alb.modsecurity/', '')}`),
  ...['configuration-snippet', 'server-snippet', 'auth-snippet', 'stream-snippet'].map(
    (name) => `nginx.ingress.kubernetes.io/${name}`,
  ),
];

/** What gets out of texts elsewhere, around the mark. */
const PIECES = [
  ...[
    '"',
    "'",
    '`',
    ';',
    '{',
    '}',
    '$',
    '\\',
    '\n',
    '\r\n',
    '\u0000',
    '#',
    ' ',
    '\t',
    '%0a',
    '%{',
    '${',
    '*/',
    ']]',
    '--',
  ],
  ...[
    '}\nlocation /x { return 200; }',
    '; return 200 ok;',
    '$(id)',
    '`id`',
    'lua_block {',
    'os.execute("id")',
    '$host',
    '\\"',
  ],
  ...[
    'http://',
    'https://a.com/',
    '/',
    '10.0.0.0/8',
    'on',
    'off',
    'true',
    '5',
    '1m',
    'a.com',
    'GET',
    'X-A: b',
    'default/s',
    '#key',
  ],
  ...[
    'SecRule ARGS "@rx a" "id:1,exec:/x"',
    'SecRuleEngine On\n',
    '{"headers":{"a":"b"}}',
    '=',
    ',',
    '(',
    '[',
    '^',
    '~',
    '|',
    '.*',
    'é',
  ],
];

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function hostile(random: () => number): Readonly<Record<string, string>> {
  const pick = (items: readonly string[]): string => items[Math.floor(random() * items.length)] ?? '';
  const annotations: Record<string, string> = {};
  while (Object.keys(annotations).length < PER_INGRESS) {
    const before = Array.from({ length: Math.floor(random() * 3) }, () => pick(PIECES)).join('');
    const after = Array.from({ length: Math.floor(random() * 3) }, () => pick(PIECES)).join('');
    annotations[pick(KEYS)] = `${before}${MARK}${after}`;
  }
  return annotations;
}

const BASE: readonly KubernetesObject[] = [
  {
    apiVersion: 'crd.alauda.io/v2beta1',
    kind: 'ALB2',
    metadata: { name: 'a', namespace: 's' },
    spec: { type: 'nginx', config: { projects: ['ALL_ALL'] } },
  } as KubernetesObject,
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  } as KubernetesObject,
  ingressOf('victim', { className: 'a', hosts: { 'victim.example': [{ path: '/' }] } }),
];

function routesOf(annotations: Readonly<Record<string, string>>): readonly RouteIR[] {
  const attacker = ingressOf('attacker', {
    className: 'a',
    annotations,
    hosts: { 'attacker.example': [{ path: '/' }] },
  });
  const world = new World([...BASE, attacker]);
  world.applyDerived();
  return Object.values(world.resultsOf('rule')).flatMap((result) => (result as { route?: RouteIR }).route ?? []);
}

const INSTANCE: InstanceIR = Object.values(new World(BASE).resultsOf('instance')).flatMap(
  (result) => (result as { instance?: InstanceIR }).instance ?? [],
)[0] as InstanceIR;

function confOf(routes: readonly RouteIR[]): string {
  const profiles = routes.flatMap((route): readonly Profile[] => {
    const profile = profileOf(route.action, route.filters);
    return profile === undefined ? [] : [profile];
  });
  return renderConf({
    instance: INSTANCE,
    ports: [{ port: 80, protocol: 'http', addresses: ['127.0.0.1'] }],
    profiles,
    paths: {
      runtime: {
        nginx: '/n',
        modules: { ndk: '/a', http_lua: '/b', http_headers_more_filter: '/c' },
        libraryPath: '/l',
        luaPath: '/?.lua',
        luaCpath: '/?.so',
        ip: '/ip',
      },
      dataplane: '/lua',
      agentSocket: '/agent',
      questionSocket: '/ask',
      stateFile: '/state',
      tlsDirectory: '/tls',
    },
    firewall: { socket: '/waf', inspectedSocket: '/back' },
  });
}

describe('annotations', () => {
  test(`${VALUES} values: none in nginx.conf, none in the Rules of others`, () => {
    const random = mulberry(20_261_121);
    const isVictim = ({ source }: RouteIR) => source.name === 'victim';
    const unharmed = JSON.stringify(routesOf({}).filter(isVictim));
    expect(unharmed).toContain('victim.example');
    for (let round = 0; round < VALUES / PER_INGRESS; round += 1) {
      const annotations = hostile(random);
      const routes = routesOf(annotations);
      const victim = JSON.stringify(routes.filter(isVictim));
      if (victim !== unharmed) expect(victim, JSON.stringify(annotations)).toBe(unharmed);
      const conf = confOf(routes);
      if (conf.includes(MARK)) expect(conf, JSON.stringify(annotations)).not.toContain(MARK);
    }
  }, 120_000);

  describe('some of them through the real thing', () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.start(['app']);
    });
    afterAll(() => lab.stop());

    test('others are served, nginx.conf holds none of it', async () => {
      const { http } = lab.ports;
      await lab.home.apply(ingressOf('victim', { className: ALB, hosts: { 'victim.example': [{ path: '/' }] } }));
      await answersWith(200, http, '/', { host: 'victim.example' });
      const random = mulberry(7);
      for (let round = 0; round < 20; round += 1) {
        const host = `a${round}.example`;
        const annotations = Object.fromEntries(
          Object.entries(hostile(random)).map(([key, value]) => [key, value.replaceAll('\u0000', '')]),
        );
        const attacker = ingressOf(`attacker-${round}`, {
          className: ALB,
          annotations,
          hosts: { [host]: [{ path: '/' }] },
        });
        await lab.home.tryApply(attacker); // the API server may refuse it
        await ask(http, '/', { host });
        expect((await ask(http, '/', { host: 'victim.example' })).status).toBe(200);
      }
      await lab.home.apply(ingressOf('last', { className: ALB, hosts: { 'last.example': [{ path: '/' }] } }));
      await answersWith(200, http, '/', { host: 'last.example' });
      expect((await ask(http, '/', { host: 'victim.example' })).status).toBe(200);
      const [instance] = await lab.home.list('Instance');
      const conf = readFileSync(`${instance?.status?.logDirectory}/nginx.conf`, 'utf8');
      expect(conf).toContain('causeway.route');
      expect(conf).not.toContain(MARK);
      expect(instance?.status?.message).toBeUndefined();
    });
  });
});
