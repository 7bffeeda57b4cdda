import { kubectlPath } from '../../test/kubectl/kubectl-path.ts';
import { goProgram, runtimeDirectory } from '../go-program.ts';
import type { Checks } from './checks.ts';
import { clientNode } from './client-node.ts';
import { controllerRuntime, ownTests } from './controller-runtime.ts';
import { helm } from './helm.ts';
import { kubectl } from './kubectl.ts';
import type { Place } from './place.ts';
import type { RealPlace } from './real-place.ts';

/** A program that others wrote, or that is made of a library that others wrote. */
export interface Client {
  /** As `--only` takes it, and the launcher makes it where it is in the private runtime. */
  readonly name: string;
  readonly run: (place: Place, checks: Checks) => Promise<void>;
}

/** Tests that expect an API server without the controllers of a cluster, ours or a real one. */
export interface ServerTests {
  readonly name: string;
  readonly test: (place: Place | RealPlace, checks: Checks) => Promise<void>;
}

export const CLIENTS: readonly (Client | ServerTests)[] = [
  { name: 'helm', run: (place, checks) => helm(place, built('helm'), bound(checks)) },
  {
    name: 'kubectl-1.20',
    run: (place, checks) => kubectl(place, built('kubectl-1.20'), { minor: 20, namespace: 'oldest' }, bound(checks)),
  },
  {
    name: 'kubectl-1.34',
    run: async (place, checks) => kubectl(place, await kubectlPath(), { minor: 34, namespace: 'usual' }, bound(checks)),
  },
  {
    name: 'kubectl-1.37',
    run: (place, checks) => kubectl(place, built('kubectl-1.37'), { minor: 37, namespace: 'newest' }, bound(checks)),
  },
  { name: 'controller-runtime', run: (place, checks) => controllerRuntime(place, built('controller-runtime'), checks) },
  ...['client', 'cache'].map((part) => ({
    name: `controller-runtime-${part}-tests`,
    test: (place: Place | RealPlace, checks: Checks) =>
      ownTests(place, built(`controller-runtime-${part}-tests`), checks),
  })),
  { name: 'client-node', run: (place, checks) => clientNode(place, bound(checks)) },
];

function bound(checks: Checks): Pick<Checks, 'check'> {
  return { check: (name, act) => checks.check(name, act) };
}

/** Path of a program that the launcher has made. */
function built(name: string): string {
  return goProgram(runtimeDirectory(), name);
}
