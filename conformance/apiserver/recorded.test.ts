import { rmSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '@causeway/apiserver/testing/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventsAnswer } from './answer.ts';
import { auditDeviations, auditOf } from './audit.ts';
import { startCauseway } from './causeway.ts';
import { type Deviation, deviationsOf, deviationText } from './deviation.ts';
import { DIFFERENCES } from './differences.ts';
import { placeOf, readOpen } from './open.ts';
import { type OpenApiFactsByPath, openApiDeviations, openApiFacts } from './openapi-facts.ts';
import { readRecording } from './recording.ts';
import { answersOf } from './replay.ts';
import type { Sequence } from './sequence.ts';
import { RECORDED_SEQUENCES } from './sequences/index.ts';

/*
 * Our API server against the recorded answers of a real kube-apiserver. What fails here was like Kubernetes before, or is new:
 * `./causeway conformance apiserver --only <name>` shows both servers' answers.
 */

const recording = readRecording();
const open = readOpen();
const directory = temporaryDirectory().path;
let answers: Awaited<ReturnType<typeof answersOf>>;
let openApi: OpenApiFactsByPath;
let audit: EventsAnswer;

beforeAll(async () => {
  const server = await startCauseway(directory);
  answers = await answersOf(server, RECORDED_SEQUENCES);
  openApi = await openApiFacts(server);
  audit = await auditOf(server, path.join(directory, 'audit.log'));
  await server.stop();
}, 300_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function deviationsIn(sequence: Sequence): readonly Deviation[] {
  const expected = (recording.sequences[sequence.name] ?? []).map((answer) => answer ?? undefined);
  return deviationsOf(sequence, expected, answers.get(sequence.name) ?? []);
}

test('there are at most fifteen deliberate differences', () => {
  expect(DIFFERENCES.length).toBeLessThanOrEqual(15);
});

test('OpenAPI documents tell of the same paths, fields, types and merging', () => {
  expect(openApiDeviations(recording.openApi, openApi)).toEqual([]);
});

test('the audit log says the same', () => {
  const deviations = auditDeviations(recording.audit, audit).filter(
    (deviation) => !DIFFERENCES.some((difference) => difference.covers(deviation)),
  );
  expect(deviations.map(deviationText)).toEqual([]);
});

test.each(DIFFERENCES)('still a difference: $title', ({ covers }) => {
  const found = RECORDED_SEQUENCES.flatMap((sequence) => deviationsIn(sequence));
  expect(found.some((each) => DIFFERENCES.every((other) => other.covers(each) === (other.covers === covers)))).toBe(
    true,
  );
});

describe(`like kube-apiserver ${recording.version}`, () => {
  test.each(RECORDED_SEQUENCES.map((sequence) => [sequence.name, sequence] as const))('%s', (name, sequence) => {
    expect(recording.sequences[name]?.length, 'recorded answers; run with --record').toBe(sequence.steps.length);
    const unwanted = deviationsIn(sequence).filter(
      (deviation) => !open.has(placeOf(deviation)) && !DIFFERENCES.some((difference) => difference.covers(deviation)),
    );
    expect(unwanted.map(deviationText)).toEqual([]);
  });
});
