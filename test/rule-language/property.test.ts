/**
 * Issue 3, item 1: the rule engine against a reference matcher written straight from the spec, over random rule sets and
 * requests: the engine as Node runs it, and its LuaJIT build inside nginx with PCRE. `CAUSEWAY_SEED=n` tries others than the
 * usual ones, `CAUSEWAY_PAIRS=n` another number (`./causeway soak rule-language`: a million). A difference is printed with the rules that show it, small enough for the case table.
 */

import { checkDslx } from '@causeway/apis/gateway/dslx';
import type { RequestFacts } from '@causeway/dataplane/policy/request-facts';
import { LuaEngine } from '@causeway/dataplane/test/lua-engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine, recordsOf } from './engine.ts';
import { Random } from './random.ts';
import { randomRequest, randomRules } from './random-rules.ts';
import { inReferenceOrder, type ReferenceRule, referenceMatch } from './reference-matcher.ts';

const SEED = Number(process.env['CAUSEWAY_SEED'] ?? 3);
const PAIRS = Number(process.env['CAUSEWAY_PAIRS'] ?? 100_000);
const PAIRS_IN_LUA = PAIRS / 10;
const REQUESTS = 15;
const QUESTIONS_PER_BATCH = 40;

/** A rule set, of which some rules are removed again, and requests. */
interface Trial {
  readonly rules: readonly ReferenceRule[];
  readonly removed: readonly string[];
  readonly requests: readonly RequestFacts[];
  /** What the reference says. */
  readonly want: readonly (string | undefined)[];
}

function trialOf(random: Random, rules: readonly ReferenceRule[], removing: boolean): Trial {
  const removed = removing ? rules.filter(() => random.oneIn(2)).map(({ name }) => name) : [];
  const ordered = inReferenceOrder(rules.filter(({ name }) => !removed.includes(name)));
  const requests = Array.from({ length: REQUESTS }, () => randomRequest(random));
  return { rules, removed, requests, want: requests.map((request) => referenceMatch(ordered, request)) };
}

function compare({ rules, removed, requests, want }: Trial, got: readonly (string | undefined)[]): void {
  for (const [n, request] of requests.entries()) {
    if (got[n] === want[n]) continue;
    const few = rules.filter(({ name }) => name === got[n] || name === want[n]);
    const lines = [
      `seed ${SEED}: the engine says ${got[n]}, the reference ${want[n]}, of ${rules.length - removed.length} rules`,
      ...few.map((rule) => JSON.stringify(rule)),
      JSON.stringify(request),
    ];
    expect.fail(lines.join('\n'));
  }
}

function taken({ want }: Trial): number {
  return want.filter((name) => name !== undefined).length;
}

test('admission accepts the rules that are tried', () => {
  const random = new Random(SEED);
  const rules = Array.from({ length: 200 }, () => randomRules(random)).flat();
  const mistakes = rules.flatMap(({ dslx }) => checkDslx(dslx));
  expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test(`Node: ${PAIRS} pairs of rule set and request, no difference`, { timeout: 1_800_000 }, () => {
  const random = new Random(SEED);
  let pairs = 0;
  let matches = 0;
  while (pairs < PAIRS) {
    const rules = randomRules(random);
    const engine = new Engine(rules);
    for (const removing of [false, true]) {
      const trial = trialOf(random, rules, removing);
      for (const name of trial.removed) engine.remove(name);
      compare(
        trial,
        trial.requests.map((request) => engine.match(request)),
      );
      pairs += REQUESTS;
      matches += taken(trial);
    }
  }
  console.log(`Node, seed ${SEED}: ${pairs} pairs, a rule took ${matches}, no difference`);
  expect(matches).toBeGreaterThan(PAIRS / 5);
});

let lua: LuaEngine;

beforeAll(async () => {
  lua = await LuaEngine.start();
});

afterAll(() => lua?.stop());

test(`LuaJIT: ${PAIRS_IN_LUA} pairs of rule set and request, no difference`, { timeout: 1_800_000 }, async () => {
  const random = new Random(SEED + 1);
  let pairs = 0;
  let matches = 0;
  while (pairs < PAIRS_IN_LUA) {
    const trials = Array.from({ length: QUESTIONS_PER_BATCH }, (_, n) =>
      trialOf(random, randomRules(random), n % 2 > 0),
    );
    const questions = trials.map(({ rules, removed, requests }) => ({
      routes: rules.flatMap(recordsOf),
      removed,
      requests,
    }));
    const answers = await lua.match(questions);
    for (const [n, trial] of trials.entries()) {
      compare(
        trial,
        (answers[n] ?? []).map((name) => (name === 'none' ? undefined : name)),
      );
      pairs += REQUESTS;
      matches += taken(trial);
    }
  }
  console.log(`LuaJIT, seed ${SEED + 1}: ${pairs} pairs, a rule took ${matches}, no difference`);
  expect(matches).toBeGreaterThan(PAIRS_IN_LUA / 5);
});
