import type { WorkloadIR } from '@causeway/ir/gateway';
import { goldenCases } from '@causeway/test/golden/cases';
import { describe, test } from 'vitest';
import { withChanges } from './change.ts';
import { renderWorkload } from './workload.ts';

describe('cluster: objects of a workload', () => {
  for (const golden of goldenCases(import.meta.dirname)) {
    const [workload] = golden.documents as readonly [WorkloadIR];

    test(golden.name, () => golden.expect(renderWorkload(workload).map((object) => withChanges(object, workload))));
  }
});
