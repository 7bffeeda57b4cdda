import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CheckResult, type Checks, says } from './checks.ts';
import type { Place } from './place.ts';

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

/** What does not hold and need not. */
const KNOWN: readonly { readonly spec: RegExp; readonly says: RegExp; readonly why: string }[] = [
  { spec: /approve CSRs/, says: /could not find/, why: 'CertificateSigningRequests are not served' },
  {
    spec: /with unstructured objects should fetch an existing non-namespace object/,
    says: /"Port"/,
    why: 'empty values that Go writes are left out (docs/apiserver.md)',
  },
  {
    // Compared with what Go makes of it: the condition of a Pod that nothing runs gets a `lastProbeTime: null` there.
    spec: /with unstructured objects should deep copy the object unless told otherwise/,
    says: /unstructured\.Unstructured/,
    why: 'empty values that Go writes are left out (docs/apiserver.md)',
  },
  {
    spec: /multinamespaced cache for cluster scoped resources/,
    says: /<int>: 3/,
    why: 'the machine is a Node here',
  },
  {
    spec: /./,
    says: /on namespaces .* Precondition failed: UID in precondition|namespaces "test-namespace-\d+" already exists/s,
    why: 'the test ends a namespace that is ended by the server too, as in a cluster',
  },
];

/** Tests that controller-runtime has for itself, with our server in the place of the one that they start. */
export async function ownTests(place: Place, program: string, checks: Checks): Promise<void> {
  // Kubernetes makes one for itself, and some of these tests look for it.
  const metadata = { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } };
  const spec = { ports: [{ name: 'https', port: 443 }] };
  await place.api.post('/api/v1/namespaces/default/services', { metadata, spec });
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
    const known = KNOWN.find(({ spec, says }) => spec.test(name) && says.test(failure))?.why;
    checks.results.push({ name, failure, ...(known === undefined ? {} : { known }) });
  }
}
