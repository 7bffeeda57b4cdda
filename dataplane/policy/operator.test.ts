import { expect, test } from 'vitest';
import { operatorText } from './operator.ts';
import { OPERATOR_CASES } from './operator-cases.ts';
import { timeOfCertificate, timeText } from './time-text.ts';

test.each(OPERATOR_CASES)('$name', ({ operator, told, want }) => {
  expect(operatorText(operator, (name) => told[name])).toBe(want);
});

test('times are those that Date says', () => {
  let state = 20_261_123;
  for (let i = 0; i < 2000; i += 1) {
    state = (state * 48_271) % 2_147_483_647;
    const ms = state * 2000 + (state % 1000);
    expect(timeText(ms, undefined)).toBe(new Date(ms).toISOString());
    const day = new Date(ms).toUTCString().slice(5, 16).split(' ');
    const written = `${day[1]} ${(day[0] ?? '').replace(/^0/, ' ')} 01:02:03 ${day[2]} GMT`;
    expect(timeOfCertificate(written)).toBe(Math.floor(ms / 86_400_000) * 86_400_000 + 3_723_000);
  }
});
