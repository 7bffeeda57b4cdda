import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CheckResult, type Checks, says } from './checks.ts';
import type { Place } from './place.ts';
import type { RealPlace } from './real-place.ts';

/** A program as kubebuilder makes them (controller/main.go), which checks what it sees and prints it. */
export async function controllerRuntime(place: Place, program: string, checks: Checks): Promise<void> {
  const { code, stdout, text } = await place.run(program, []);
  for (const line of stdout.split('\n').filter((each) => each.startsWith('{'))) {
    const result: CheckResult = JSON.parse(line);
    checks.results.push(result);
  }
  if (code !== 0)
    checks.results.push({ name: 'runs to its end', failure: `ended with ${code}:\n${text.slice(0, 2_000)}` });
}

interface Spec {
  readonly ContainerHierarchyTexts: readonly string[] | null;
  readonly LeafNodeText: string;
  readonly LeafNodeType: string;
  readonly State: string;
  readonly Failure?: { readonly Message?: string };
}

/** Tests that controller-runtime has for itself, with our server in the place of the one that they start. */
export async function ownTests(place: Place | RealPlace, program: string, checks: Checks): Promise<void> {
  const report = path.join(place.directory, 'report.json');
  const { text } = await place.run(program, [`-ginkgo.json-report=${report}`, '-ginkgo.no-color'], {
    cwd: path.dirname(program),
    env: { USE_EXISTING_CLUSTER: 'true' },
  });
  let suites: readonly { readonly SpecReports: readonly Spec[] | null }[] = [];
  await checks.check('runs to its end', () => {
    says(text, /Ran \d+ of \d+ Specs/);
    suites = JSON.parse(readFileSync(report, 'utf8'));
  });
  for (const { ContainerHierarchyTexts, LeafNodeText, LeafNodeType, State, Failure } of suites.flatMap(
    ({ SpecReports }) => SpecReports ?? [],
  )) {
    if (State === 'skipped' || State === 'pending' || (LeafNodeType !== 'It' && State === 'passed')) continue;
    const name = [...(ContainerHierarchyTexts ?? []), LeafNodeText || LeafNodeType].join(' ');
    if (State === 'passed') {
      checks.results.push({ name });
      continue;
    }
    const failure = Failure?.Message ?? State;
    checks.results.push({ name, failure });
  }
}
