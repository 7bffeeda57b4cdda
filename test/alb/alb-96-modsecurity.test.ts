import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Rule } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const SNIPPET = 'nginx.ingress.kubernetes.io/modsecurity-snippet';
const ENABLE = 'nginx.ingress.kubernetes.io/enable-modsecurity';
const CORE = 'nginx.ingress.kubernetes.io/enable-owasp-core-rules';
const TRANSACTION = 'nginx.ingress.kubernetes.io/modsecurity-transaction-id';
const RECOMMENDED = 'alb.modsecurity.cpaas.io/use-recommend';
const CM_REF = 'alb.modsecurity.cpaas.io/cmref';

const BLOCKS_TEST = 'SecRuleEngine On\nSecRule ARGS:test "@contains test" "id:1234,deny,log,msg:\'no tests\'"\n';

let lab: Lab;
let http: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  http = lab.ports.http;
  await lab.home.apply(ingressOf('plain', { className: ALB, hosts: { '': [{ path: '/waf-not-enable' }] } }));
  await answersWith(200, http, '/waf-not-enable');
});
afterAll(() => lab.stop());

/** Makes or changes an Ingress with a firewall. */
async function inspect(name: string, path: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  await lab.home.apply(
    ingressOf(name, { className: ALB, annotations: { [ENABLE]: 'true', ...annotations }, hosts: { '': [{ path }] } }),
  );
}

async function logDirectory(): Promise<string> {
  const [instance] = await lab.home.list('Instance');
  return instance?.status?.logDirectory ?? '';
}

interface AuditLine {
  readonly transaction: string;
  readonly path: string;
  readonly status: number;
  readonly blockedBy?: number;
  readonly matched: readonly { readonly rule: number; readonly message?: string }[];
}

async function audited(path: string): Promise<readonly AuditLine[]> {
  const text = readFileSync(`${await logDirectory()}/firewall/audit.log`, 'utf8');
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as AuditLine).filter((line) => line.path === path);
}

describe('ALB-96 ModSecurity', () => {
  test('a rule of a snippet ends requests, on its path only', async () => {
    await inspect('waf', '/waf-enable', { [SNIPPET]: BLOCKS_TEST, [TRANSACTION]: 'id-$arg_id' });
    const blocked = await answersWith(403, http, '/waf-enable?test=test&id=7&token=secret');
    expect(blocked.body).toBe('X-Error: 403\n');
    expect(blocked.headers['x-alb-err-reason']).toBe('WAF : 1234');
    expect(blocked.headers['server']).toBeUndefined();
    expect((await ask(http, '/waf-enable?test=x')).status).toBe(200);
    expect((await ask(http, '/waf-not-enable?test=test')).status).toBe(200);
  });

  test('it is told in the audit log, without what the request said, in metrics and in the access log', async () => {
    await eventually(async () =>
      expect(await audited('/waf-enable')).toContainEqual(
        expect.objectContaining({
          transaction: 'id-7',
          status: 403,
          blockedBy: 1234,
          matched: [expect.objectContaining({ rule: 1234, message: 'no tests' })],
        }),
      ),
    );
    expect(readFileSync(`${await logDirectory()}/firewall/audit.log`, 'utf8')).not.toContain('secret');
    await eventually(async () => {
      const page = await readMetrics(lab.home, lab.ports.metrics);
      const blocked = page.sum('causeway_firewall_blocked_total', { source_name: 'waf', firewall_rule: '1234' });
      expect(blocked).toBeGreaterThan(0);
      expect(page.sum('nginx_http_status', { source_name: 'waf', status: '403' })).toBe(blocked);
      expect(page.sum('nginx_http_status', { source_name: 'waf', status: '200' })).toBe(1);
      expect(page.sum('nginx_http_upstream_requests_status', { source_name: 'waf' })).toBe(1);
    });
    await eventually(async () => {
      const log = readFileSync(`${await logDirectory()}/access.log`, 'utf8');
      const lines = log.split('\n').filter((line) => line.includes('/waf-enable?test=x'));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(`200 127.0.0.1:${lab.backends['app']?.port} `);
    });
  });

  test('backends see the request as without it', async () => {
    const options = { headers: { 'x-forwarded-for': '192.0.2.1', cookie: 'a=b' } };
    const [inspected, plain] = await Promise.all([
      ask(http, '/waf-enable/a%20b?x=1', options),
      ask(http, '/waf-not-enable/a%20b?x=1', options),
    ]);
    const seen = (JSON.parse(inspected.body) as Echo).headers;
    expect(JSON.stringify(seen)).toBe(
      JSON.stringify((JSON.parse(plain.body) as Echo).headers).replaceAll('waf-not-enable', 'waf-enable'),
    );
    expect(inspected.headers['via']).toBe('alb');
    expect(Object.keys(inspected.headers).sort()).toEqual(Object.keys(plain.headers).sort());
  });

  test('a rule that redirects', async () => {
    const snippet =
      'SecRuleEngine On\nSecRule ARGS:test "@contains redirect" "id:1235,status:302,redirect:http://a.com"';
    await inspect('redirecting', '/redirect', { [SNIPPET]: snippet });
    const answer = await answersWith(302, http, '/redirect?test=redirect');
    expect(answer.headers.location).toBe('http://a.com');
    expect((await ask(http, '/redirect?test=x')).status).toBe(200);
  });

  test('bodies are inspected: JSON by value, forms, large ones in a file', async () => {
    const json = [
      'SecRuleEngine On',
      'SecRule ARGS:json.a "@contains b" "id:1001,phase:2,deny,log"',
      'SecRule ARGS_POST:user "@streq root" "id:1002,phase:2,deny,log"',
    ].join('\n');
    await inspect('bodies', '/bodies', { [SNIPPET]: json, [RECOMMENDED]: 'true' });
    const post = (body: string, type: string) => ({ method: 'POST', body, headers: { 'content-type': type } });
    await answersWith(403, http, '/bodies', post('{"a":"b"}', 'application/json'));
    expect((await ask(http, '/bodies', post('{"a":"c"}', 'application/json'))).status).toBe(200);
    expect((await ask(http, '/bodies', post('{"a":', 'application/json'))).status).toBe(400);
    expect((await ask(http, '/bodies', post('user=root', 'application/x-www-form-urlencoded'))).status).toBe(403);
    const large = `{"x":"${randomBytes(1 << 19).toString('hex')}","a":"b"}`;
    expect((await ask(http, '/bodies', post(large, 'application/json'))).status).toBe(403);
    expect((await ask(http, '/bodies', post(large.replace(/"b"}$/, '"c"}'), 'application/json'))).status).toBe(200);
    // More than is looked at could hold anything.
    const tooLarge = 'x'.repeat(14 << 20);
    expect((await ask(http, '/bodies', post(tooLarge, 'text/plain'))).status).toBe(403);
  });

  test('headers of answers are inspected', async () => {
    const snippet = 'SecRuleEngine On\nSecRule RESPONSE_HEADERS:X-RET "@contains b" "id:9001,phase:3,deny,log"';
    await inspect('answers', '/answers', { [SNIPPET]: snippet });
    const answer = await answersWith(403, http, '/answers?header=X-RET:%20b');
    expect(answer.body).toBe('X-Error: 403\n');
    expect(answer.headers).toMatchObject({ 'x-alb-err-reason': 'WAF : 9001' });
    expect(answer.headers['x-ret']).toBeUndefined();
    expect((await ask(http, '/answers?header=X-RET:%20c')).headers['x-ret']).toBe('c');
  });

  test('the core rules of OWASP; a snippet with settings only leaves them, one with rules takes their place', async () => {
    await inspect('core', '/p', { [CORE]: 'true', [RECOMMENDED]: 'true', [SNIPPET]: 'SecRuleEngine On' });
    await answersWith(403, http, '/p/asd/../;');
    expect((await ask(http, '/p/asd')).status).toBe(200);
    await inspect('core', '/p', { [CORE]: 'true', [SNIPPET]: BLOCKS_TEST });
    await answersWith(403, http, '/p/asd?test=test');
    expect((await ask(http, '/p/asd?q=<script>alert(1)</script>'.replaceAll(/[<>]/g, encodeURIComponent))).status).toBe(
      200,
    );
  });

  test('rules of a ConfigMap, unless the snippet has some; one in another namespace closes the path', async () => {
    await lab.home.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'rules', namespace: 'default' },
      data: { main: 'SecRuleEngine On\nSecRule ARGS:cm "@streq 1" "id:7,deny"\n' },
    });
    await inspect('cm', '/cm', { [CM_REF]: 'default/rules#main' });
    await answersWith(403, http, '/cm?cm=1');
    await inspect('cm', '/cm', { [CM_REF]: 'default/rules#main', [SNIPPET]: BLOCKS_TEST });
    await answersWith(403, http, '/cm?test=test');
    expect((await ask(http, '/cm?cm=1')).status).toBe(200);
    await inspect('cm', '/cm', { [CM_REF]: 'kube-system/rules#main' });
    expect((await answersWith(503, http, '/cm')).headers['x-alb-err-reason']).toBe('WAF : invalid configuration');
  });

  test('a broken snippet closes its path, is told, and hurts no other', async () => {
    for (const [name, snippet, message] of [
      ['unreadable', 'SecRuleEngine On\nSecRule ARGS "@rx (" id:1,deny oops', /line 2: SecRule: must have variables/],
      ['uncompilable', 'SecRule ARGS "@rx (" "id:1,deny"', /line 1: SecRule: operator @rx: /],
      ['forbidden', 'SecRule ARGS "@rx x" "id:1,exec:/bin/sh"', /line 1: SecRule: action exec is not allowed/],
    ] as const) {
      await inspect(name, `/${name}`, { [SNIPPET]: snippet });
      const answer = await answersWith(503, http, `/${name}`);
      expect(answer.headers['x-alb-err-reason']).toBe('WAF : invalid configuration');
      expect(answer.body).toBe('X-Error: 503\n');
      await eventually(async () => expect((await eventsOf(lab.home, 'Ingress', name)).join('\n')).toMatch(message));
    }
    // Only the library can tell: the recommended settings have a rule of that number.
    const snippet = 'SecRuleEngine On\nSecRule ARGS "@streq 1" "id:200002,deny"';
    await inspect('taken', '/taken', { [SNIPPET]: snippet, [RECOMMENDED]: 'true' });
    const answer = await answersWith(503, http, '/taken');
    expect(answer.headers['x-alb-err-reason']).toBe('WAF : invalid configuration');
    await eventually(async () => {
      const [instance] = await lab.home.list('Instance');
      expect(instance?.status?.warnings?.join('\n')).toMatch(/firewall rules .* cannot be loaded/);
    });
    expect((await ask(http, '/waf-enable?test=test')).status).toBe(403);
    expect((await ask(http, '/waf-not-enable')).status).toBe(200);
  });

  test('changes of rules reload nothing', async () => {
    const reloads = async () => (await readMetrics(lab.home, lab.ports.metrics)).sum('causeway_nginx_reloads_total');
    const before = await reloads();
    await inspect('waf', '/waf-enable', { [SNIPPET]: BLOCKS_TEST.replaceAll('test', 'other') });
    await answersWith(403, http, '/waf-enable?other=other');
    expect((await ask(http, '/waf-enable?test=test')).status).toBe(200);
    expect(await reloads()).toBe(before);
  });

  test('WebSockets pass', async () => {
    const url = (query: string) => `ws://127.0.0.1:${http}/waf-enable${query}`;
    const socket = new WebSocket(url(''));
    const answer = await new Promise((resolve, reject) => {
      socket.on('open', () => socket.send('hello'));
      socket.on('message', (data) => resolve(String(data)));
      socket.on('error', reject);
    });
    expect(answer).toBe('app: hello');
    socket.terminate();
    const refused = new WebSocket(url('?other=other'));
    const status = await new Promise((resolve) => {
      refused.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      refused.on('error', resolve);
    });
    expect(status).toBe(403);
  });

  test('the whole object of the innermost level applies, with the snippet of that level', async () => {
    const rules = (id: number) => `SecRuleEngine On\nSecRule ARGS:a "@streq 1" "id:${id},deny"`;
    const annotate = (kind: string, name: string, snippet: string) =>
      lab.home.kubectl(['annotate', kind, name, '-n', ALB_NAMESPACE, '--overwrite', `${SNIPPET}=${snippet}`]);
    const set = (config: unknown) =>
      lab.home.kubectl([
        ...['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge'],
        ...['-p', JSON.stringify({ spec: { config: { modsecurity: config } } })],
      ]);
    const of = (path: string, config?: { modsecurity: { enable: boolean } }): Rule['spec'] => ({
      dslx: [{ type: 'URL', values: [['STARTS_WITH', path]] }],
      serviceGroup: group({ app: 100 }),
      ...(config !== undefined && { config }),
    });
    const outer = await lab.open('outer', { serviceGroup: group({ app: 100 }) });
    const inner = await lab.open('inner', {
      serviceGroup: group({ app: 100 }),
      config: { modsecurity: { enable: true } },
    });
    await annotate('alb2', ALB, rules(1));
    await annotate('frontend', 'inner', rules(2));
    await lab.addRule('inner', 'own', of('/own', { modsecurity: { enable: true } }));
    await annotate('rule', 'own', rules(3));
    await lab.addRule('inner', 'off', of('/off', { modsecurity: { enable: false } }));
    await lab.addRule('inner', 'inherits', of('/inherits'));
    await set({ enable: true });
    const reason = async (port: number, path: string) =>
      (await ask(port, `${path}?a=1`)).headers['x-alb-err-reason'] ?? 'passed';
    await eventually(async () => {
      expect(await reason(outer, '/default')).toBe('WAF : 1');
      expect(await reason(inner, '/default')).toBe('WAF : 2');
      expect(await reason(inner, '/inherits')).toBe('WAF : 2');
      expect(await reason(inner, '/own')).toBe('WAF : 3');
      expect(await reason(inner, '/off')).toBe('passed');
      expect(await reason(http, '/waf-not-enable')).toBe('WAF : 1');
    });
    await inspect('plain', '/waf-not-enable', { [ENABLE]: 'false' });
    await eventually(async () => expect(await reason(http, '/waf-not-enable')).toBe('passed'));
    await set({ enable: false });
    await eventually(async () => expect(await reason(outer, '/default')).toBe('passed'));
  });

  test('gRPC is not inspected, and that is told', async () => {
    await inspect('grpc', '/grpc', { [SNIPPET]: BLOCKS_TEST, 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' });
    await eventually(async () => {
      const rule = (await lab.home.list('Rule')).find(({ spec }) => spec.source?.name === 'grpc');
      expect((await eventsOf(lab.home, 'Rule', rule?.metadata.name ?? '')).join('\n')).toContain(
        'gRPC is not inspected',
      );
    });
  });

  test('a second nginx that dies is replaced', async () => {
    expect((await ask(http, '/redirect?test=x')).status).toBe(200);
    const pid = Number(readFileSync(`${await logDirectory()}/firewall/nginx.pid`, 'utf8'));
    process.kill(pid, 'SIGKILL');
    await answersWith(200, http, '/redirect?test=x');
    await answersWith(302, http, '/redirect?test=redirect');
  });
});
