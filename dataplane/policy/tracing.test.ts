import { describe, expect, test } from 'vitest';
import { continuesSampled, isTraceparent, spanIdOf, type TracingStep, traceIdOf } from './tracing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent', () => {
  const cases = [
    { name: 'version 0', text: `00-${TRACE}-${SPAN}-01`, want: true },
    { name: 'unknown flags', text: `00-${TRACE}-${SPAN}-ff`, want: true },
    { name: 'a later version', text: `01-${TRACE}-${SPAN}-01`, want: true },
    { name: 'a later version with more', text: `cc-${TRACE}-${SPAN}-01-what`, want: true },
    { name: 'a later version with more, not set off', text: `cc-${TRACE}-${SPAN}-01what`, want: false },
    { name: 'version 0 with more', text: `00-${TRACE}-${SPAN}-01-what`, want: false },
    { name: 'forbidden version', text: `ff-${TRACE}-${SPAN}-01`, want: false },
    { name: 'upper case', text: `00-${TRACE.toUpperCase()}-${SPAN}-01`, want: false },
    { name: 'no trace', text: `00-${'0'.repeat(32)}-${SPAN}-01`, want: false },
    { name: 'no span', text: `00-${TRACE}-${'0'.repeat(16)}-01`, want: false },
    { name: 'another separator', text: `00_${TRACE}-${SPAN}-01`, want: false },
    { name: 'too short', text: `00-${TRACE}-${SPAN}-1`, want: false },
    { name: 'no digits in flags', text: `00-${TRACE}-${SPAN}-0g`, want: false },
    { name: 'nothing', text: '', want: false },
  ];
  for (const c of cases) test(c.name, () => expect(isTraceparent(c.text)).toBe(c.want));

  test('its parts', () => {
    expect(traceIdOf(`00-${TRACE}-${SPAN}-01`)).toBe(TRACE);
    expect(spanIdOf(`00-${TRACE}-${SPAN}-01`)).toBe(SPAN);
  });
});

describe('which of the requests in a trace become spans', () => {
  const half = (2 ** 32 - 1) / 2;
  const cases = [
    { name: 'below half', below: half, followsParent: false, first: '7fffffff', flags: '00', want: true },
    { name: 'above half', below: half, followsParent: false, first: '80000000', flags: '01', want: false },
    { name: 'all', below: 2 ** 32, followsParent: false, first: 'ffffffff', flags: '00', want: true },
    { name: 'none', below: 0, followsParent: false, first: '00000000', flags: '01', want: false },
    { name: 'the flag', below: 0, followsParent: true, first: 'ffffffff', flags: '01', want: true },
    { name: 'one flag of several', below: 0, followsParent: true, first: 'ffffffff', flags: '03', want: true },
    { name: 'no flag', below: 2 ** 32, followsParent: true, first: '00000000', flags: '00', want: false },
    { name: 'another flag', below: 2 ** 32, followsParent: true, first: '00000000', flags: '02', want: false },
  ];
  for (const { name, below, followsParent, first, flags, want } of cases) {
    const step: TracingStep = {
      ...{ type: 'tracing', below, followsParent, trustIncoming: true, name: [] },
      ...{ requestHeaders: false, responseHeaders: false },
    };
    test(name, () => expect(continuesSampled(step, `00-${first}${TRACE.slice(8)}-${SPAN}-${flags}`)).toBe(want));
  }
});
