import { expect, test } from 'vitest';
import { PasswordCheck } from './password-check.ts';

/** Knows one password, and says how often it was asked. */
function checker() {
  const state = { asked: 0, time: 0, gate: Promise.resolve() };
  const check = new PasswordCheck({
    now: () => state.time,
    verify: async (hash, password) => {
      state.asked += 1;
      await state.gate;
      return hash === Buffer.from(password).toString('utf8');
    },
  });
  return { state, verify: (hash: string, password: string) => check.verify(hash, Buffer.from(password)) };
}

test('a right password is verified once in five minutes, a wrong one in ten seconds', async () => {
  const { state, verify } = checker();
  for (const time of [0, 9_000, 11_000, 299_000, 301_000]) {
    state.time = time;
    expect(await verify('a', 'a')).toBe('yes');
    expect(await verify('a', 'b')).toBe('no');
  }
  expect(state.asked).toBe(2 + 3);
});

test('another hash: the old password is verified anew', async () => {
  const { verify } = checker();
  expect(await verify('a', 'a')).toBe('yes');
  expect(await verify('b', 'a')).toBe('no');
});

test('many who wait: the same question is asked once, others are told to come again', async () => {
  const { state, verify } = checker();
  let open = (): void => undefined;
  state.gate = new Promise((resolve) => {
    open = resolve;
  });
  const same = Array.from({ length: 100 }, () => verify('a', 'a'));
  const others = Array.from({ length: 100 }, (_, index) => verify('a', `b${index}`));
  open();
  expect(new Set(await Promise.all(same))).toEqual(new Set(['yes']));
  const verdicts = await Promise.all(others);
  expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(37);
  expect(state.asked).toBe(64);
});

test('wrong passwords do not push right ones out', async () => {
  const { state, verify } = checker();
  for (let i = 0; i < 400; i += 1) await verify(`right${i}`, `right${i}`);
  for (let i = 0; i < 2_000; i += 1) await verify('a', `wrong${i}`);
  const before = state.asked;
  for (let i = 0; i < 400; i += 1) expect(await verify(`right${i}`, `right${i}`)).toBe('yes');
  expect(state.asked).toBe(before);
});
