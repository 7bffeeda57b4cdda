import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { rule } from '../acceptance/objects.ts';
import { ALB, Lab } from './lab.ts';
import { addRules, expectMatch, startsWith, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b', 'first', 'unset']);
  port = await lab.open('web');
});
afterAll(() => lab.stop());

async function setPriority(name: string, priority: number): Promise<void> {
  const patch = JSON.stringify({ spec: { priority } });
  await lab.home.kubectl(['patch', 'rule', name, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
}

describe('ALB-11, LIM-31 priority beats complexity', () => {
  const exact = to('b', { type: 'HOST', values: [['EQ', 'a.com']] }, { type: 'URL', values: [['EQ', '/x']] });

  test('A with priority 4 and STARTS_WITH / before B with 5, host and path; with 6 behind it', async () => {
    await addRules(lab, 'web', {
      b: { ...exact, priority: 5 },
      a: { ...to('a', startsWith('/')), priority: 4 },
    });
    await expectMatch(port, { name: 'both are there', path: '/y', host: 'a.com', want: 'a' });
    await expectMatch(port, { name: 'A is first', path: '/x', host: 'a.com', want: 'a' });
    await setPriority('a', 6);
    await expectMatch(port, { name: 'B is first', path: '/x', host: 'a.com', want: 'b' });
    await expectMatch(port, { name: 'A takes the rest', path: '/y', host: 'a.com', want: 'a' });
  });

  test('a Rule without priority has 0; -100 to 1000 are accepted, no others', async () => {
    const { priority: _five, ...spec } = rule(
      { alb: ALB, frontend: 'web', name: 'unset' },
      to('unset', startsWith('/x')),
    ).spec;
    const unset = rule({ alb: ALB, frontend: 'web', name: 'unset' }, spec);
    await lab.home.apply({ ...unset, spec });
    await expectMatch(port, { name: '0 before 5', path: '/x', host: 'a.com', want: 'unset' });
    await addRules(lab, 'web', { first: { ...to('first', startsWith('/')), priority: -100 } });
    await expectMatch(port, { name: '-100 before 0', path: '/x', host: 'a.com', want: 'first' });
    await setPriority('first', 1000);
    await expectMatch(port, { name: '1000 is last', path: '/x', host: 'a.com', want: 'unset' });
    for (const priority of [-101, 1001]) {
      const { code, stderr } = await lab.home.tryApply(
        rule({ alb: ALB, frontend: 'web', name: 'refused' }, { ...to('a', startsWith('/')), priority }),
      );
      expect({ code, field: stderr.includes('spec.priority') }).toEqual({ code: 1, field: true });
    }
  });
});
