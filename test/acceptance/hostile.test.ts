/** What users may write, and should not: text that looks like configuration, long names, dead references. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commandLine } from '@causeway/targets/nginx/proc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { type AlbPorts, alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { ask } from './http-request.ts';
import { Installation } from './installation.ts';
import { frontend, group, ingress, rule, serviceTo } from './objects.ts';

let home: Installation;
/** Folder of nginx.conf; ports may be closed for a moment, the folder stays. */
let prefix: string;
let app: EchoBackend;
let ports: AlbPorts;
let port: number;

beforeAll(async () => {
  [home, app] = await Promise.all([Installation.start(), startEchoBackend('app')]);
  ports = await home.addAlb('alb');
  port = await freePort();
  await home.apply(...serviceTo(app), frontend('alb', 'web', port), ingress('app', '/app', 'app'));
  await eventually(async () => expect(await ask(ports.http, '/app')).toMatchObject({ status: 200 }));
  await eventually(async () => expect(await ask(port)).toMatchObject({ status: 404 }));
  const [master = 0] = home.nginx(port).masters;
  prefix = / -p (\S+)\/ /.exec(commandLine(master))?.[1] ?? '';
});

afterAll(async () => {
  await home.stop();
  await app.close();
});

/** No URL can carry them. */
function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ');
}

/** Everything nginx reads as configuration: its own file, not the records. */
function configurationText(): string {
  const files = readdirSync(prefix).filter((name) => /^nginx\.conf(\.running)?$/.test(name));
  expect(files).not.toEqual([]);
  return files.map((name) => readFileSync(path.join(prefix, name), 'utf8')).join('\n');
}

describe('text of users is data (design D7)', () => {
  const marker = 'CAUSEWAYMARKER';
  const evil = [
    `/${marker}"; } location /evil { return 200 "pwned`,
    `/${marker}\n}\nlocation /evil { return 200 pwned; }`,
    `/${marker}'..os.execute('id')..'`,
    `/${marker}]] os.execute("id") --[[`,
    `/${marker}$request_uri\${hostname}`,
    `/${marker}\\`,
    `/${marker}\u0000x`,
    `/${marker}#{}`,
    `/${marker}%s%n%1`,
    `/${marker}\u2028日本\u{1F600}`,
  ];

  test.each(evil.map((text, index) => ({ text, index })))('in every field of a Rule: %#', async ({ text, index }) => {
    const own = { alb: 'alb', frontend: 'web', name: `evil-${index}` };
    const spec = {
      dslx: [
        { type: 'URL' as const, values: [['EQ', text]] },
        {
          type: 'HOST' as const,
          values: [
            ['EQ', text],
            ['EQ', 'evil.com'],
          ],
        },
        { type: 'COOKIE' as const, key: text, values: [['EXIST']] },
      ],
      serviceGroup: { services: [{ namespace: text, name: text, port: 80, weight: 100 }] },
      domain: text,
      certificate_name: `default/${text}`,
      vhost: text,
      url: text,
      description: text,
      dsl: text,
    };
    // Refused or taken: either way nothing breaks and nothing of it is configuration.
    const { code, stderr } = await home.tryApply(rule(own, spec as never));
    if (code !== 0) expect(stderr).not.toMatch(/panic|Internal|undefined|TypeError/);
    const plain = rule(
      { ...own, name: `plain-${index}` },
      { dslx: [{ type: 'URL', values: [['EQ', text]] }], serviceGroup: group({ app: 100 }) },
    );
    const accepted = await home.tryApply(plain);
    if (accepted.code === 0 && !hasControlCharacter(text)) {
      await eventually(async () =>
        expect(await ask(port, encodeURI(text).replaceAll('#', '%23'))).toMatchObject({ status: 200 }),
      );
    }
    expect(await ask(port, '/evil')).toMatchObject({ status: 404 });
    expect(await ask(ports.http, '/app')).toMatchObject({ status: 200 });
    expect(configurationText()).not.toContain(marker);
  });

  test.each(evil.map((text, index) => ({ text, index })))('in an Ingress: %#', async ({ text, index }) => {
    const hosts = [text, `${marker.toLowerCase()}.example`];
    for (const [n, host] of hosts.entries()) {
      const object = ingress(`evil-${index}-${n}`, text, 'app', {
        host,
        tls: text,
        annotations: {
          'nginx.ingress.kubernetes.io/upstream-vhost': text,
          'nginx.ingress.kubernetes.io/rewrite-target': text,
          'nginx.ingress.kubernetes.io/configuration-snippet': `return 200 "${marker}";`,
          'nginx.ingress.kubernetes.io/server-snippet': text,
          'alb.networking.cpaas.io/tls': `${host}=default/${text}`,
        },
      });
      await home.tryApply(object);
    }
    await home.apply(ingress('last', `/last-${index}`, 'app'));
    await eventually(async () => expect(await ask(ports.http, `/last-${index}`)).toMatchObject({ status: 200 }));
    expect(await ask(ports.http, '/app')).toMatchObject({ status: 200 });
    expect(await ask(ports.http, '/evil')).toMatchObject({ status: 404 });
    expect(configurationText()).not.toContain(marker);
    await home.kubectl(['delete', 'ingress', '--ignore-not-found', `evil-${index}-0`, `evil-${index}-1`]);
  });

  test('in an ALB2: refused, or without effect on configuration', async () => {
    const patches = [
      { backlog: '1; } evil' },
      { trustedProxies: ['10.0.0.0/8; } evil'] },
      { bindNIC: '{"nic":["lo; } evil"]}' },
      { metricsPort: '1; evil' },
    ];
    for (const config of patches) {
      const patch = JSON.stringify({ spec: { config } });
      await home.tryKubectl(['patch', 'alb2', 'alb', '-n', 'kube-system', '--type=merge', '-p', patch]);
      await home.kubectl([
        ...['patch', 'alb2', 'alb', '-n', 'kube-system', '--type=merge'],
        ...['-p', '{"spec":{"config":{"bindNIC":"{\\"nic\\":[\\"lo\\"]}","trustedProxies":null,"backlog":null}}}'],
      ]);
      await eventually(async () => expect(await ask(ports.http, '/app')).toMatchObject({ status: 200 }));
      expect(configurationText()).not.toContain('evil');
    }
  });
});

test('the longest names there are', async () => {
  const label = 'n'.repeat(63);
  const name = [label, label, label, 'n'.repeat(61)].join('.'); // 253
  expect((await home.tryApply(ingress('x'.repeat(300), '/300', 'app'))).code).toBe(1);
  await home.apply(ingress(name, '/longest', 'app'));
  await eventually(async () => expect(await ask(ports.http, '/longest')).toMatchObject({ status: 200 }));
  const [found] = (await home.list('Rule')).filter(({ spec }) => spec.source?.name === name);
  expect(found?.metadata.labels?.['alb2.cpaas.io/source-name']).toHaveLength(63);
  await home.kubectl(['delete', 'ingress', name]);
  await eventually(async () => expect(await ask(ports.http, '/longest')).toMatchObject({ status: 404 }));
});

test('an ALB with the longest name; one more is refused', async () => {
  const name = `z${'a'.repeat(55)}z`; // `<name>-<port>` is a label of Rules: 63
  const { code, stderr } = await home.tryApply(alb(`${name}z`, ports));
  expect(code).toBe(1);
  expect(stderr).toContain('metadata.name');
  const longest = await home.addAlb(name);
  await home.apply(ingress('long-alb', '/', 'app', { className: name }));
  await eventually(async () => expect(await ask(longest.http)).toMatchObject({ status: 200 }));
  await home.kubectl(['delete', 'alb2', name, '-n', 'kube-system']);
  await home.kubectl(['delete', 'ingress', 'long-alb']);
});

test('an Ingress with 2,000 paths', async () => {
  const started = performance.now();
  const lap = (what: string) => console.log(`2,000 paths: ${what} after ${Math.round(performance.now() - started)} ms`);
  const one = ingress('many', '/many', 'app');
  const [first] = one.spec?.rules ?? [];
  const paths = Array.from({ length: 2_000 }, (_, n) => ({ ...first?.http?.paths[0], path: `/many/${n}/` }));
  await home.apply({ ...one, spec: { rules: [{ http: { paths } }] } });
  lap('applied');
  await eventually(async () => expect(await ask(ports.http, '/many/1999/x')).toMatchObject({ status: 200 }), 60_000);
  lap('live');
  await eventually(async () => {
    const rules = (await home.list('Rule')).filter(({ spec }) => spec.source?.name === 'many');
    expect(rules).toHaveLength(2_000);
  }, 60_000);
  expect(await ask(ports.http, '/many/0/x')).toMatchObject({ status: 200 });
  expect(await ask(ports.http, '/many/2000/x')).toMatchObject({ status: 404 });
  lap('counted');
  await home.kubectl(['delete', 'ingress', 'many']);
  lap('deleted');
  await eventually(async () => expect(await ask(ports.http, '/many/1999/x')).toMatchObject({ status: 404 }), 60_000);
  await eventually(async () => {
    expect((await home.list('Rule')).filter(({ spec }) => spec.source?.name === 'many')).toEqual([]);
  }, 60_000);
  lap('gone');
});

test('requests that are odd get an answer, and the worker lives', async () => {
  const before = home.nginx(port);
  const odd = [
    '/' + 'a/'.repeat(3_000),
    '/%00',
    '/%ff%fe',
    '/..%2f..%2fetc/passwd',
    '/?' + 'a=1&'.repeat(2_000),
    '/?%',
    '/?a[]=1&a[]=%zz',
    '/.causeway/error',
    '/@causeway_answer',
  ];
  for (const target of odd) {
    const { status } = await ask(port, target);
    expect([400, 404, 414]).toContain(status);
  }
  expect(await ask(port, '/', { headers: { cookie: 'a'.repeat(8_000) } })).toMatchObject({ status: 404 });
  expect(
    await ask(port, '/', { headers: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`h${n}`, '1'])) }),
  ).toMatchObject({ status: 404 });
  expect(home.nginx(port)).toEqual(before);
});
