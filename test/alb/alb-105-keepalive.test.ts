import { execFileSync } from 'node:child_process';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { frontend, group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

/** Timers of connections that the port has accepted, as `ss -o` shows them. */
async function timerOn(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  // As soon as it is accepted, it has the timer.
  try {
    return await eventually(() => {
      const text = execFileSync('ss', ['-Htno', 'state', 'established', `( sport = :${port} )`], { encoding: 'utf8' });
      if (!text.includes(`:${port}`)) throw new Error('not accepted yet');
      return text;
    });
  } finally {
    socket.destroy();
  }
}

describe('ALB-105 keepalive', () => {
  test('http: the third request on a connection finds it closed; the port changes by a reload of its own', async () => {
    const port = await lab.open('web', { serviceGroup: group({ app: 100 }) });
    await answersWith(200, port);
    const settings = { timeout: '120m', header_timeout: '60s', requests: 2 };
    await lab.home.apply(
      frontend(ALB, 'web', port, { serviceGroup: group({ app: 100 }), config: { keepalive: { http: settings } } }),
    );
    await eventually(async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        const headers = [];
        for (let n = 0; n < 2; n++) headers.push((await ask(port, '/', { agent })).headers);
        expect(headers.map(({ connection }) => connection)).toEqual(['keep-alive', 'close']);
        expect(headers[0]?.['keep-alive']).toBe('timeout=60');
      } finally {
        agent.destroy();
      }
    });
  });

  test('tcp: the timer is on accepted connections', async () => {
    const tcp = { idle: '60m', interval: '30s', count: 3 };
    const port = await lab.open('probed', { config: { keepalive: { tcp } } });
    await eventually(async () => expect(await timerOn(port)).toMatch(/timer:\(keepalive,(60|59)min/));
    const plain = await lab.open('plain');
    expect(await timerOn(plain)).not.toContain('keepalive');
  });

  test('on tcp ports too', async () => {
    const config = { keepalive: { tcp: { idle: '60m' } } };
    const port = await lab.open('stream', { protocol: 'tcp', serviceGroup: group({ app: 100 }), config });
    await eventually(async () => expect(await timerOn(port)).toMatch(/timer:\(keepalive,(60|59)min/));
  });

  test('what cannot be read is refused with its field', async () => {
    const bad = frontend(ALB, 'bad', 4711, { config: { keepalive: { http: { timeout: 'soon' } } } });
    expect((await lab.home.tryApply(bad)).stderr).toContain('spec.config.keepalive.http.timeout');
  });
});
