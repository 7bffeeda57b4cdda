/** `causeway conformance apiserver`: the same requests to a real kube-apiserver and to ours; see README.md. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Result } from '../../test/kubectl/kubectl.ts';
import { kubectlPath } from '../../test/kubectl/kubectl-path.ts';
import { runtimeDirectory } from '../go-program.ts';
import { auditDeviations, auditFlags, auditOf } from './audit.ts';
import { startCauseway } from './causeway.ts';
import { type Deviation, deviationsOf, deviationText } from './deviation.ts';
import { DIFFERENCES } from './differences.ts';
import { kubernetesPrograms, startKubeApiServer } from './kube-apiserver.ts';
import { KUBECTL_SESSIONS, printed } from './kubectl-sessions.ts';
import { writeOpen } from './open.ts';
import { openApiDeviations, openApiFacts } from './openapi-facts.ts';
import { readRecording, writeRecording } from './recording.ts';
import { answersOf, Replay } from './replay.ts';
import type { Sequence } from './sequence.ts';
import { generatedSequences } from './sequences/generated.ts';
import { RECORDED_SEQUENCES } from './sequences/index.ts';
import type { RunningSubject, Subject } from './subject.ts';

interface Flags {
  readonly seed?: number;
  readonly generated: number;
  readonly only?: readonly string[];
  readonly record?: true;
  readonly all?: true;
  readonly dump?: string;
}

const flags = new Command('causeway conformance apiserver')
  .description('Replays requests against a real kube-apiserver and against ours, and says where they differ.')
  .option('--seed <n>', 'of further generated sequences', whole)
  .option('--generated <n>', 'how many of them', whole, 200)
  .option('--only <texts...>', 'only sequences whose name holds one of these texts')
  .option('--record', 'keep the answers of the real server for the tests')
  .option('--all', 'show deliberate differences too')
  .option('--dump <file>', 'write what differs, as JSON')
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

/** `--only` one of these: this part alone. */
const KUBECTL = 'kubectl';
const OPENAPI = 'openapi';
const AUDIT = 'audit';
const PARTS: readonly string[] = [KUBECTL, OPENAPI, AUDIT];

const { only, record, all, dump } = flags;
const wantsPart = (part: string): boolean => only === undefined || only.includes(part);
const sequences: readonly Sequence[] = [
  ...RECORDED_SEQUENCES,
  ...(flags.seed === undefined ? [] : generatedSequences(flags.seed, flags.generated)),
].filter(({ name }) => only?.some((text) => name.includes(text)) ?? true);
const runtime = runtimeDirectory();
const directory = mkdtempSync(path.join(tmpdir(), 'causeway-conformance-'));
const running: RunningSubject[] = [];
let failed = true;
try {
  mkdirSync(path.join(directory, 'kubernetes'));
  const kubernetesLog = auditFlags(path.join(directory, 'kubernetes'));
  const kubernetes = await startKubeApiServer(kubernetesPrograms(runtime), path.join(directory, 'kubernetes'), {
    flags: kubernetesLog.flags,
  });
  running.push(kubernetes);
  const causeway = await startCauseway(path.join(directory, 'causeway'));
  running.push(causeway);
  failed = only?.every((text) => PARTS.includes(text)) ? false : await compareOn(kubernetes, causeway);
  if (wantsPart(OPENAPI)) failed = (await compareDocuments(kubernetes, causeway)) || failed;
  if (wantsPart(AUDIT)) {
    const logs = { kubernetes: kubernetesLog.log, causeway: path.join(directory, 'causeway/audit.log') };
    failed = (await compareAudit(kubernetes, causeway, logs)) || failed;
  }
  if (wantsPart(KUBECTL)) failed = (await compareSessions(kubernetes, causeway)) || failed;
} finally {
  for (const subject of running) await subject.stop();
  if (failed) console.log(`logs: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

/** @returns whether something differs that nobody wants */
async function compareOn(kubernetes: Subject, causeway: Subject): Promise<boolean> {
  const [expected, actual] = await Promise.all([answersOf(kubernetes, sequences), answersOf(causeway, sequences)]);
  const deviations = sequences.flatMap((sequence) =>
    deviationsOf(sequence, expected.get(sequence.name) ?? [], actual.get(sequence.name) ?? []),
  );
  const wanted = (deviation: Deviation): boolean => DIFFERENCES.some((difference) => difference.covers(deviation));
  const unwanted = deviations.filter((deviation) => !wanted(deviation));
  for (const deviation of all === true ? deviations : unwanted) console.log(deviationText(deviation));
  const differing = new Set(unwanted.map(({ sequence }) => sequence)).size;
  console.log(
    `${sequences.length} sequences; ${differing} differ in ${unwanted.length} places; ${deviations.length - unwanted.length} places differ deliberately`,
  );
  if (record === true) {
    const before = readRecording().sequences;
    const kept = Object.fromEntries(
      RECORDED_SEQUENCES.map(({ name }) => [
        name,
        expected.get(name)?.map((answer) => answer ?? null) ?? before[name] ?? [],
      ]),
    );
    // Without the others nobody knows which of them are open.
    if (only === undefined) writeOpen(unwanted.filter(({ sequence }) => sequence in kept));
    writeRecording({ ...readRecording(), version: await versionOf(kubernetes), sequences: kept });
  }
  if (dump !== undefined) writeFileSync(dump, JSON.stringify(unwanted.map(({ answer: _answer, ...rest }) => rest)));
  return record !== true && unwanted.length > 0;
}

/** @returns whether the OpenAPI documents say something different of what both serve */
async function compareDocuments(kubernetes: Subject, causeway: Subject): Promise<boolean> {
  const ours = await openApiFacts(causeway);
  const theirs = await openApiFacts(kubernetes, Object.keys(ours));
  const deviations = openApiDeviations(theirs, ours);
  for (const deviation of deviations) console.log(deviation);
  console.log(`${Object.keys(ours).length} OpenAPI documents; ${deviations.length} differences`);
  if (record === true) writeRecording({ ...readRecording(), openApi: theirs });
  return record !== true && deviations.length > 0;
}

/** @returns whether an audit log says something different of the same requests */
async function compareAudit(
  kubernetes: Subject,
  causeway: Subject,
  logs: { readonly kubernetes: string; readonly causeway: string },
): Promise<boolean> {
  const [theirs, ours] = await Promise.all([auditOf(kubernetes, logs.kubernetes), auditOf(causeway, logs.causeway)]);
  const deviations = auditDeviations(theirs, ours).filter(
    (deviation) => !DIFFERENCES.some((difference) => difference.covers(deviation)),
  );
  for (const deviation of deviations) console.log(deviationText(deviation));
  console.log(`${theirs.events.length} lines of audit; they differ in ${deviations.length} places`);
  if (record === true) writeRecording({ ...readRecording(), audit: theirs });
  return record !== true && deviations.length > 0;
}

/** @returns whether kubectl says something different anywhere */
async function compareSessions(kubernetes: RunningSubject, causeway: RunningSubject): Promise<boolean> {
  const binary = await kubectlPath();
  let differing = 0;
  let commands = 0;
  for (const session of KUBECTL_SESSIONS) {
    const [expected, actual] = await Promise.all(
      [kubernetes, causeway].map((subject, index) =>
        printed(session, binary, { kubeconfig: subject.kubeconfig, cache: path.join(directory, `cache-${index}`) }),
      ),
    );
    for (const [index, { line }] of session.commands.entries()) {
      commands += 1;
      const [one, other] = [expected?.[index], actual?.[index]];
      if (JSON.stringify(one) === JSON.stringify(other)) continue;
      differing += 1;
      console.log(
        `kubectl ${line} (${session.name})\n${shownResult('kubernetes', one)}${shownResult('causeway', other)}`,
      );
    }
  }
  console.log(`${KUBECTL_SESSIONS.length} sessions of kubectl, ${commands} commands; ${differing} differ`);
  return differing > 0;
}

function shownResult(who: string, result: Result | undefined): string {
  return `--- ${who}: exit code ${result?.code}\n${result?.stdout}${result?.stderr}`;
}

async function versionOf(subject: Subject): Promise<string> {
  const replay = new Replay(subject);
  const [answer] = await replay.run({ name: 'version', steps: [{ method: 'GET', path: '/version' }] });
  await replay.close();
  const body = answer !== undefined && 'body' in answer ? answer.body : null;
  return String((body as { readonly gitVersion?: unknown } | null)?.gitVersion);
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}
