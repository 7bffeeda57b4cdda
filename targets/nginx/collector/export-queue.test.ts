import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { type ExportCounts, ExportQueue, type ExportSender, type ExportTries, triesOf } from './export-queue.ts';

const LOG = pino({ enabled: false });

/** A queue whose sender takes batches when it is told to. */
function queueOf(config: { readonly most?: number; readonly flushMs?: number; readonly tries?: ExportTries }) {
  const counts: ExportCounts = { exported: 0, dropped: 0, failed: 0 };
  const batches: number[] = [];
  const answers: ((problem?: string) => void)[] = [];
  const sent: number[] = [];
  const turns: number[] = [];
  const state = { isStale: false };
  const sender: ExportSender<number> = {
    send: (batch) => {
      batches.push(batch.length);
      sent.push(...batch);
      return new Promise((resolve) => answers.push(resolve));
    },
    close: () => Promise.resolve(),
    get isStale() {
      return state.isStale;
    },
  };
  const queue = new ExportQueue<number>({
    ...{ what: 'spans', collector: 'http://127.0.0.1:1/', most: 2048, flushMs: 60_000, ...config },
    open: (turn) => {
      turns.push(turn);
      return Promise.resolve(sender);
    },
    ...{ counts, log: LOG },
  });
  let last = 0;
  const add = (count: number) => {
    for (let each = 0; each < count; each += 1) queue.add(++last);
  };
  return { queue, counts, batches, sent, turns, state, answers, add };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a batch is full with 256 spans; those that come while it is sent follow', async () => {
  const { queue, counts, batches, answers, add } = queueOf({});
  add(255);
  await turn();
  expect(batches).toEqual([]);
  add(300);
  await turn();
  expect(batches).toEqual([256]);
  answers[0]?.();
  await turn();
  expect(batches).toEqual([256, 256]);
  answers[1]?.();
  await turn();
  expect(counts).toEqual({ exported: 512, dropped: 0, failed: 0 });
  const closed = queue.close(1_000);
  await turn();
  answers[2]?.();
  await closed;
  expect(batches).toEqual([256, 256, 43]);
});

test('of what does not fit the oldest is dropped, what the collector refuses has failed', async () => {
  const { queue, counts, sent, answers, add } = queueOf({ most: 10 });
  add(25);
  await turn();
  expect(counts.dropped).toBe(5); // ten are on their way, ten wait
  answers[0]?.('no');
  await turn();
  expect(counts.failed).toBe(10);
  await queue.close(0);
  expect(sent.slice(10)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
});

test('a batch that is not full is sent after a while', async () => {
  const { queue, counts, batches, answers, add } = queueOf({ flushMs: 1 });
  add(3);
  await expect.poll(() => batches).toEqual([3]);
  answers[0]?.();
  await turn();
  expect(counts.exported).toBe(3);
  expect(queue.isEmpty).toBe(true);
  await queue.close(0);
});

test('closing waits for the collector no longer than it is told', async () => {
  const { queue, counts, add } = queueOf({});
  add(300);
  await queue.close(1);
  expect(counts.dropped).toBe(44);
});

test('a sender that cannot send is let go, and the next batch has one of its own', async () => {
  const counts: ExportCounts = { exported: 0, dropped: 0, failed: 0 };
  const done: string[] = [];
  const senders: ExportSender<number>[] = [
    { send: () => Promise.reject(new Error('no such host')), close: () => Promise.resolve(void done.push('closed')) },
    { send: () => Promise.resolve(void done.push('sent')), close: () => Promise.resolve() },
  ];
  const queue = new ExportQueue<number>({
    ...{ what: 'lines', collector: 'http://127.0.0.1:1/', most: 1, flushMs: 60_000, counts, log: LOG },
    open: () => Promise.resolve(senders.shift() as ExportSender<number>),
  });
  queue.add(1);
  await turn();
  queue.add(2);
  await turn();
  expect(done).toEqual(['closed', 'sent']);
  expect(counts).toEqual({ exported: 1, dropped: 0, failed: 1 });
});

test('what one does not take the next one is given, and it is lost when nobody took it', async () => {
  const { counts, sent, turns, answers, add } = queueOf({ most: 2, tries: { most: 2, waitMs: 0, maxWaitMs: 0 } });
  add(2);
  await turn();
  answers[0]?.('away');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  expect(turns).toEqual([0, 1]);
  answers[1]?.();
  await turn();
  expect(sent).toEqual([1, 2, 1, 2]);
  add(2);
  await turn();
  answers[2]?.('away');
  await vi.waitFor(() => expect(answers).toHaveLength(4));
  answers[3]?.('away');
  await vi.waitFor(() => expect(counts).toEqual({ exported: 2, dropped: 0, failed: 2 }));
  expect(turns).toEqual([0, 1, 2]);
});

test('one that is to be spoken to in another way is opened again before it gets more', async () => {
  const { turns, state, answers, add } = queueOf({ most: 1 });
  for (const isStale of [false, false, true]) {
    state.isStale = isStale;
    add(1);
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    answers.pop()?.();
    await turn();
  }
  expect(turns).toEqual([0, 0]);
});

test('each of several collectors has its turn, or as many tries as are asked for', () => {
  const services = [
    { host: 'a', port: 1 },
    { host: 'b', port: 1 },
  ];
  expect(triesOf({ services }).most).toBe(2);
  const retry = { times: 3, statuses: [], waitMs: 5, maxWaitMs: 9 };
  expect(triesOf({ services, asking: { retry } })).toEqual({ most: 4, waitMs: 5, maxWaitMs: 9 });
  expect(triesOf({ url: 'http://a', protocol: 'http', timeoutMs: 1 }).most).toBe(1);
});
