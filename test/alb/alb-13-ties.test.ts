import { afterAll, beforeAll, describe, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { Lab } from './lab.ts';
import { addRules, expectMatch, startsWith, to } from './matching.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.startAlone(['r-a', 'r-b']);
  port = await lab.open('web');
});
afterAll(() => lab.stop());

describe('ALB-13 ties', () => {
  test('of two equal Rules the first by name answers, whatever came first, before and after a restart', async () => {
    await addRules(lab, 'web', { 'r-b': to('r-b', startsWith('/')) });
    await expectMatch(port, { name: 'alone', want: 'r-b' });
    await addRules(lab, 'web', { 'r-a': to('r-a', startsWith('/')) });
    await expectMatch(port, { name: 'r-a came later', want: 'r-a' });
    await lab.home.killAndStartAgain();
    await expectMatch(port, { name: 'after the restart', want: 'r-a' });
    await lab.home.kubectl(['delete', 'rule', 'r-a', '-n', ALB_NAMESPACE]);
    await expectMatch(port, { name: 'r-a went', want: 'r-b' });
  });
});
