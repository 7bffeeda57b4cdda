/** The case table of the rule engine, run by its LuaJIT build inside nginx; Node runs it in policy/rule-index.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MATCH_CASES } from '../policy/match-cases.ts';
import { LuaEngine } from './lua-engine.ts';

let engine: LuaEngine;

beforeAll(async () => {
  engine = await LuaEngine.start();
});

afterAll(() => engine?.stop());

for (const { name, routes, requests } of MATCH_CASES) {
  test(name, async () => {
    expect(await engine.match([{ routes, requests }])).toEqual([requests.map(({ want }) => want ?? 'none')]);
  });
}
