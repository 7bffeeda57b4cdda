/** Filters of the IR as steps of the data plane. What becomes another part of an action (a new Host) is no step. */
import type { Step } from '@causeway/dataplane/policy/step';
import type { FilterIR } from '@causeway/ir/gateway';
import { renderAddressRanges } from './address-ranges.ts';
import { renderForwardAuth, renderPasswordAuth } from './auth-steps.ts';

/** In the order of the filters; undefined when none is a step, since an absent list costs a request nothing. */
export function renderSteps(filters: readonly FilterIR[]): readonly Step[] | undefined {
  const steps = filters.flatMap(stepsOf);
  return steps.length === 0 ? undefined : steps;
}

function stepsOf(filter: FilterIR): readonly Step[] {
  switch (filter.type) {
    case 'hostRewrite':
      return [];
    case 'requestHeaders':
    case 'responseHeaders':
    case 'refuse':
      return [filter];
    case 'sourceRange':
      return [{ type: 'sourceRange', ranges: renderAddressRanges(filter.ranges) }];
    case 'passwordAuth':
      return [renderPasswordAuth(filter)];
    case 'forwardAuth':
      return [renderForwardAuth(filter)];
  }
}
