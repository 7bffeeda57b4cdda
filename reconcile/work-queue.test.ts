import { TestClock, until } from '@causeway/protocols/kubernetes/test-clock';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { done, type Reconcile } from './reconcile.ts';
import { WorkQueue } from './work-queue.ts';

const queues: WorkQueue[] = [];
afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.stop();
});

function setUp(reconcile: Reconcile<string>, concurrency?: number | (() => number)) {
  const clock = new TestClock();
  const log = pino({ level: 'silent' });
  const queue = new WorkQueue({
    name: 'test',
    reconcile,
    log,
    clock,
    ...(concurrency !== undefined && { concurrency }),
  });
  queues.push(queue);
  const idle = () => until(() => queue.pending === 0);
  return { queue, clock, idle };
}

/** A reconciler whose runs the test ends one by one. */
function gate() {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const reconcile: Reconcile<string> = (key) => {
    started.push(key);
    return new Promise((resolve) => ends.push(() => resolve(done)));
  };
  return { started, reconcile, end: () => ends.shift()?.() };
}

test('keys run in the order they were added, each once however often it was added', async () => {
  const ran: string[] = [];
  const { queue, idle } = setUp(async (key) => {
    ran.push(key);
    return done;
  });
  for (const key of ['b', 'a', 'b', 'c', 'a']) queue.add(key);
  expect(queue.pending).toBe(3);
  expect(ran).toEqual([]);
  await idle();
  expect(ran).toEqual(['b', 'a', 'c']);
});

test('a key added while it runs runs once more, never twice at once', async () => {
  const { started, reconcile, end } = gate();
  const { queue, idle } = setUp(reconcile, 4);
  queue.add('a');
  await until(() => started.length === 1);
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await until(() => started.length === 2);
  expect(started).toEqual(['a', 'b']);
  end();
  await until(() => started.length === 3);
  expect(started).toEqual(['a', 'b', 'a']);
  end();
  end();
  await idle();
  expect(started).toEqual(['a', 'b', 'a']);
});

test('at most `concurrency` keys run at once', async () => {
  const { started, reconcile, end } = gate();
  const { queue, idle } = setUp(reconcile, 2);
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  await until(() => started.length === 2);
  expect(queue.pending).toBe(4);
  end();
  await until(() => started.length === 3);
  end();
  end();
  await until(() => started.length === 4);
  end();
  await idle();
});

test('a concurrency that changes holds from the next run on', async () => {
  let concurrency = 1;
  const { started, reconcile, end } = gate();
  const { queue, idle } = setUp(reconcile, () => concurrency);
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  await until(() => started.length === 1);
  concurrency = 3;
  end();
  await until(() => started.length === 4);
  for (let left = 3; left > 0; left -= 1) end();
  await idle();
  expect(started).toEqual(['a', 'b', 'c', 'd']);
});

describe('failures', () => {
  test('are retried after 5 ms, doubling to a minute; a success starts anew', async () => {
    let runs = 0;
    let healthy = false;
    const { queue, clock, idle } = setUp(async () => {
      runs += 1;
      if (!healthy) throw new Error('down');
      return done;
    });
    const delays: (number | undefined)[] = [];
    queue.add('a');
    for (let i = 0; i < 16; i += 1) {
      await idle();
      expect(runs).toBe(i + 1);
      delays.push(clock.timers[0]);
      clock.advance(clock.timers[0] ?? 0);
    }
    expect(delays).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 40960, 60000, 60000]);
    healthy = true;
    await idle();
    clock.advance(60_000);
    await idle();
    expect(clock.timers).toEqual([]);
    healthy = false;
    queue.add('a');
    await idle();
    expect(clock.timers).toEqual([5]);
  });

  test('of one key do not delay others, and a key in backoff is not pending', async () => {
    const ran: string[] = [];
    const { queue, idle } = setUp((key) => {
      ran.push(key);
      // Thrown, not rejected: both count.
      if (key === 'bad') throw new Error('no');
      return Promise.resolve(done);
    });
    queue.add('bad');
    queue.add('good');
    await idle();
    expect(ran).toEqual(['bad', 'good']);
  });

  test('a change does not wait for the backoff, and takes its place', async () => {
    let healthy = false;
    let runs = 0;
    const { queue, clock, idle } = setUp(async () => {
      runs += 1;
      if (!healthy) throw new Error('down');
      return done;
    });
    queue.add('a');
    await idle();
    healthy = true;
    queue.add('a');
    await idle();
    expect(runs).toBe(2);
    expect(clock.timers).toEqual([]);
  });
});

describe('delays', () => {
  test('the earliest of several counts, and the key runs once', async () => {
    const ran: number[] = [];
    const { queue, clock, idle } = setUp(async () => {
      ran.push(clock.now());
      return done;
    });
    const start = clock.now();
    queue.addAfter('a', 3000);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 2000);
    expect(queue.pending).toBe(0);
    clock.advance(999);
    await idle();
    expect(ran).toEqual([]);
    clock.advance(1);
    await idle();
    clock.advance(10_000);
    await idle();
    expect(ran).toEqual([start + 1000]);
  });

  test('a result may ask for the next run', async () => {
    let runs = 0;
    const { queue, clock, idle } = setUp(async () => {
      runs += 1;
      return runs < 3 ? { requeueAfterMs: 30_000 } : done;
    });
    queue.add('a');
    await idle();
    clock.advance(30_000);
    await idle();
    clock.advance(29_999);
    await idle();
    expect(runs).toBe(2);
    clock.advance(1);
    await idle();
    expect(runs).toBe(3);
    expect(clock.timers).toEqual([]);
  });
});

test('onIdle is called each time everything ran, after the last run', async () => {
  const { started, reconcile, end } = gate();
  const { queue, idle } = setUp(reconcile, 2);
  const calls: number[] = [];
  const unsubscribe = queue.onIdle(() => calls.push(started.length));
  queue.add('a');
  queue.add('b');
  await until(() => started.length === 2);
  queue.add('a');
  end();
  await until(() => started.length === 3);
  end();
  expect(calls).toEqual([]);
  end();
  await idle();
  expect(calls).toEqual([3]);
  queue.add('c');
  await until(() => started.length === 4);
  end();
  await idle();
  expect(calls).toEqual([3, 4]);
  unsubscribe();
  queue.add('d');
  await until(() => started.length === 5);
  end();
  await idle();
  expect(calls).toEqual([3, 4]);
});

test('a listener of onIdle may add keys', async () => {
  const ran: string[] = [];
  const { queue, idle } = setUp(async (key) => {
    ran.push(key);
    return done;
  });
  queue.onIdle(() => {
    if (ran.length < 3) queue.add(`after ${ran.length}`);
  });
  queue.add('first');
  await until(() => ran.length === 3);
  await idle();
  expect(ran).toEqual(['first', 'after 1', 'after 2']);
});

test('a long queue gives way to others every few milliseconds', async () => {
  let runs = 0;
  const { queue, clock, idle } = setUp(async () => {
    runs += 1;
    clock.advance(1);
    return done;
  });
  for (let i = 0; i < 100; i += 1) queue.add(`k${i}`);
  const seen = new Set<number>();
  const look = () => {
    seen.add(runs);
    if (runs < 100) setImmediate(look);
  };
  setImmediate(look);
  await idle();
  expect(runs).toBe(100);
  // Four runs of 1 ms each fit into a slice.
  expect([...seen].length).toBeGreaterThanOrEqual(25);
});

describe('stop', () => {
  test('drops the queue, aborts what runs and waits for it', async () => {
    const started: string[] = [];
    const ended: string[] = [];
    const { queue, clock } = setUp(async (key, signal) => {
      started.push(key);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(key);
      return done;
    }, 2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.addAfter('d', 10);
    await until(() => started.length === 2);
    await Promise.all([queue.stop(), queue.stop()]);
    expect(ended).toEqual(['a', 'b']);
    queue.add('e');
    queue.addAfter('f', 1);
    expect(clock.timers).toEqual([]);
    expect(queue.pending).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual(['a', 'b']);
  });

  test('right after add runs nothing', async () => {
    const { queue } = setUp(() => Promise.reject(new Error('must not run')));
    queue.add('a');
    await queue.stop();
    expect(queue.pending).toBe(0);
  });
});

test('nothing is kept about keys that are done', async () => {
  const { queue, idle } = setUp(async () => done);
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 50_000; i += 1) queue.add(`round-${round}-${i}`);
    await idle();
  }
  expect(queue.size).toBe(0);
});
