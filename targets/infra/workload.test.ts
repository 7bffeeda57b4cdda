import type { WorkloadIR } from '@causeway/ir/gateway';
import { goldenCases } from '@causeway/test/golden/cases';
import { describe, expect, test } from 'vitest';
import { renderWorkload, workloadObjects } from './workload.ts';

describe('cluster: objects of a workload', () => {
  for (const golden of goldenCases(import.meta.dirname)) {
    const [workload] = golden.documents as readonly [WorkloadIR];

    test(golden.name, () => golden.expect(renderWorkload(workload)));

    test(`${golden.name}: each is found again`, () => {
      const known = workloadObjects(workload).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
      for (const { kind, metadata } of renderWorkload(workload)) {
        expect(known).toContain(`${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
      }
    });
  }
});
