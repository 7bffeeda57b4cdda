/** Issue 2: a port that another process has is told, others serve, and it comes up when it is freed (ALB-125). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';
import { frontend, group, ingress, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort, holdPort } from '../e2e/traffic.ts';

let home: Installation;
let backend: EchoBackend;

beforeAll(async () => {
  [home, backend] = await Promise.all([Installation.start(), startEchoBackend('app')]);
  await home.apply(...serviceTo(backend));
});

afterAll(async () => {
  await home.stop();
  await backend.close();
});

function frontendName(port: number): string {
  return `alb-demo-${String(port).padStart(5, '0')}`;
}

test('the Ingress port is taken: Frontend and ALB2 say so; freed, it comes up with the same processes', async () => {
  const holder = await holdPort(0);
  const ports = { http: holder.port, https: await freePort(), metrics: await freePort() };
  const otherPort = await freePort();
  await home.apply(
    alb('alb-demo', ports),
    ingress('app', '/', 'app'),
    frontend('alb-demo', 'other', otherPort, { serviceGroup: group({ app: 100 }) }),
  );
  const name = frontendName(ports.http);
  // Other ports serve.
  await eventually(async () => expect(await ask(otherPort)).toMatchObject({ status: 200 }));
  const conflict = await eventually(async () => {
    const { status } = (await home.read('Frontend', { namespace: ALB_NAMESPACE, name })) ?? {};
    const instances = Object.values(status?.instances ?? {});
    expect(instances).toMatchObject([{ conflict: true }]);
    return instances;
  });
  expect(conflict[0]?.msg).toContain(String(holder.port));
  await eventually(async () => {
    const { status } = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'alb-demo' })) ?? {};
    expect(status).toMatchObject({
      state: 'Warning',
      detail: { alb: { portstatus: { [`http-${ports.http}`]: { conflict: true } } } },
    });
    expect(status?.reason).toContain('conflict');
  });
  await eventually(async () => {
    expect(await home.kubectl(['describe', 'ft', name, '-n', ALB_NAMESPACE])).toMatch(/Warning\s+PortConflict/);
  });
  expect(await home.kubectl(['get', 'alb2', '-A'])).toMatch(/alb-demo .* Warning /);
  const programs = home.programs();
  const nginx = home.nginx(otherPort);

  await holder.close();
  const freed = performance.now();
  await eventually(async () => expect(await ask(ports.http)).toMatchObject({ status: 200 }));
  console.log(`freed port serves after ${Math.round(performance.now() - freed)} ms`);
  await eventually(async () => {
    const { status } = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'alb-demo' })) ?? {};
    expect(status).toMatchObject({ state: 'Running', reason: '' });
    expect(status?.detail?.alb?.portstatus ?? {}).toEqual({});
  });
  await eventually(async () => {
    const { status } = (await home.read('Frontend', { namespace: ALB_NAMESPACE, name })) ?? {};
    expect(Object.values(status?.instances ?? {})).toMatchObject([{ conflict: false }]);
  });
  expect(home.programs()).toEqual(programs);
  expect(home.nginx(ports.http).masters).toEqual(nginx.masters);
});

test('two ALBs want one port: the second says so, and gets it when the first lets go', async () => {
  const first = await home.addAlb('first');
  const port = await freePort();
  await home.apply(frontend('first', 'first-shared', port, { serviceGroup: group({ app: 100 }) }));
  await eventually(async () => expect(await ask(port)).toMatchObject({ status: 200 }));
  const second = await home.addAlb('second');
  await home.apply(frontend('second', 'second-shared', port));
  await eventually(async () => {
    const { status } = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'second' })) ?? {};
    expect(status).toMatchObject({
      state: 'Warning',
      detail: { alb: { portstatus: { [`http-${port}`]: { conflict: true } } } },
    });
  });
  expect(await ask(port)).toMatchObject({ status: 200 });
  await home.kubectl(['delete', 'ft', 'first-shared', '-n', ALB_NAMESPACE]);
  // The second has no default group: its answer is another.
  await eventually(async () => expect(await ask(port)).toMatchObject({ status: 404 }));
  await eventually(async () => {
    const { status } = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'second' })) ?? {};
    expect(status).toMatchObject({ state: 'Running' });
  });
  expect(home.nginx(port).masters).toHaveLength(1);
  expect(first.http).not.toBe(second.http);
});

test('the metrics port is taken: ports for traffic serve, the ALB2 says so', async () => {
  const holder = await holdPort(0);
  const ports = { http: await freePort(), https: await freePort(), metrics: holder.port };
  const port = await freePort();
  await home.apply(
    alb('no-metrics', ports),
    frontend('no-metrics', 'no-metrics-port', port, { serviceGroup: group({ app: 100 }) }),
  );
  await eventually(async () => expect(await ask(port)).toMatchObject({ status: 200 }));
  await eventually(async () => {
    const { status } = (await home.read('ALB2', { namespace: ALB_NAMESPACE, name: 'no-metrics' })) ?? {};
    expect(status?.state).toBe('Warning');
    expect(status?.reason).toContain(String(holder.port));
  });
  await holder.close();
  await eventually(async () => {
    expect(await ask(holder.port, '/healthz', { serverName: 'localhost' })).toMatchObject({
      status: 200,
      body: 'ok\n',
    });
  });
});

/** Whether the defaults of an ALB2 can be tried here. */
async function defaultPortsAreFree(): Promise<boolean> {
  try {
    for (const port of [80, 443, 1936]) await (await holdPort(port)).close();
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!(await defaultPortsAreFree()))('an ALB2 with its defaults, and port 80 taken', async () => {
  const holder = await holdPort(80);
  const { spec, ...head } = alb('defaults', { http: 0, https: 0, metrics: 0 });
  await home.apply(
    { ...head, spec: { type: spec.type, address: '127.0.0.1', config: { projects: ['ALL_ALL'] } } },
    ingress('defaults', '/', 'app', { className: 'defaults' }),
  );
  const frontendOfPort80 = { namespace: ALB_NAMESPACE, name: 'defaults-00080' };
  await eventually(async () => {
    const { status } = (await home.read('Frontend', frontendOfPort80)) ?? {};
    expect(Object.values(status?.instances ?? {})).toMatchObject([{ conflict: true }]);
  });
  await eventually(async () =>
    expect(await ask(1936, '/healthz', { serverName: 'localhost' })).toMatchObject({ status: 200 }),
  );
  await holder.close();
  await eventually(async () => expect(await ask(80)).toMatchObject({ status: 200 }));
  await home.kubectl(['delete', 'alb2', 'defaults', '-n', ALB_NAMESPACE]);
  await eventually(() => expect(ask(80)).rejects.toThrow('ECONNREFUSED'));
});
