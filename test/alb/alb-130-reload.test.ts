import { KIND_REFS } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask } from '../acceptance/http-request.ts';
import { group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app', 'other']);
});
afterAll(() => lab.stop());

async function reloads(): Promise<number> {
  const [instance] = await lab.home.list('Instance');
  return instance?.status?.reloads ?? 0;
}

function exchange(socket: WebSocket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send(text);
  return answer;
}

async function openSocket(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return socket;
}

describe('ALB-130 reload', () => {
  test('100 Rule changes: the same workers, no reload', async () => {
    const port = await lab.open('rules', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
    const { workers } = lab.home.nginx(port);
    const before = await reloads();
    const key = { namespace: 'kube-system', name: 'changing' };
    await lab.addRule('rules', key.name, {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
      serviceGroup: group({ other: 100 }),
    });
    for (let change = 1; change <= 100; change += 1) {
      const spec = { serviceGroup: group({ [change % 2 === 0 ? 'other' : 'app']: 100 }), priority: 1 + (change % 9) };
      await lab.home.api.patch(KIND_REFS.Rule, key, { spec }, { type: 'merge' });
    }
    await eventually(async () => expect((await ask(port)).headers['x-backend']).toBe('other'));
    expect(lab.home.nginx(port).workers).toEqual(workers);
    expect(await reloads()).toBe(before);
  });

  test('a new port: other workers, counted once; no request fails, an open WebSocket lives on', async () => {
    const port = await lab.open('sockets', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
    const { masters, workers } = lab.home.nginx(port);
    const before = await reloads();
    const socket = await openSocket(port);
    expect(await exchange(socket, 'before')).toBe('app: before');
    // Each on a connection of its own: those that are idle at a reload are closed, whatever the client is about to do.
    const answers: string[] = [];
    let stopped = false;
    const loops = Array.from({ length: 4 }, async () => {
      while (!stopped) answers.push(await ask(port, '/?sleep=20').then(({ status }) => String(status), String));
    });
    const added = await lab.open('added', { serviceGroup: group({ other: 100 }) });
    await answersWith(200, added);
    await eventually(async () => expect(await reloads()).toBe(before + 1));
    stopped = true;
    await Promise.all(loops);
    expect(new Set(answers)).toEqual(new Set(['200']));
    expect(lab.home.nginx(port).masters).toEqual(masters);
    for (const pid of lab.home.nginx(port).workers) expect(workers).not.toContain(pid);
    expect(await exchange(socket, 'after')).toBe('app: after');
    socket.terminate();
  });

  test('settings that nginx takes from its configuration alone reload it; the reload counter is a metric', async () => {
    const before = await reloads();
    await lab.home.configure('alb', { enableGzip: 'false' });
    await eventually(async () => expect(await reloads()).toBe(before + 1));
    await lab.home.kubectl([
      'annotate',
      'alb2',
      'alb',
      '-n',
      'kube-system',
      'alb.cpaas.io/nginx-env={"METRICS_AUTH":"false"}',
    ]);
    await eventually(async () => {
      const { body } = await ask(lab.ports.metrics, '/metrics', { serverName: 'localhost' });
      expect(body).toContain(`causeway_nginx_reloads_total ${before + 1}\n`);
    });
  });

  test('tweaks: known directives become settings; a syntax error and others are told, and traffic goes on', async () => {
    const port = await lab.open('tweaked', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
    const post = async () => (await ask(port, '/', { method: 'POST', body: 'x'.repeat(3_000) })).status;
    expect(await post()).toBe(200);
    const before = await reloads();
    const tweaks = (http: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'alb', namespace: 'kube-system' },
      data: { http },
    });
    await lab.home.apply(tweaks('client_max_body_size 2k;'));
    await eventually(async () => expect(await post()).toBe(413));
    await eventually(async () => expect(await reloads()).toBe(before + 1));

    await lab.home.apply(tweaks('client_max_body_size 4k;\nload_module evil.so;\nkeepalive_timeout "60s'));
    await eventually(async () => {
      const { status } = (await lab.home.read('ALB2', { namespace: 'kube-system', name: 'alb' })) ?? {};
      expect(status?.state).toBe('Warning');
      expect(status?.reason).toContain('http line 2: load_module is not taken');
      expect(status?.reason).toContain('http line 3: a quote is not closed');
    });
    await eventually(async () => expect(await post()).toBe(200));
    await eventually(async () =>
      expect(await lab.home.kubectl(['describe', 'alb2', 'alb', '-n', 'kube-system'])).toMatch(
        /Warning\s+UnsupportedFeature .*load_module is not taken/,
      ),
    );
    await lab.home.kubectl(['delete', 'configmap', 'alb', '-n', 'kube-system']);
    await eventually(async () => {
      const { status } = (await lab.home.read('ALB2', { namespace: 'kube-system', name: 'alb' })) ?? {};
      expect(status).toMatchObject({ state: 'Running', reason: '' });
    });
    expect(await ask(port)).toMatchObject({ status: 200 });
  });
});
