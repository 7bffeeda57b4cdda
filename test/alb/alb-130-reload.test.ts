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
});
