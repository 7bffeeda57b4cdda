import type { Dslx, DslxTerm, DslxType } from '@causeway/apis/gateway/rule';
import { canonicalAddress } from '@causeway/apis/meta/address';
import type { MatchIR, TermIR, TestIR } from '@causeway/ir/gateway';

/**
 * dslx -> MatchIR.
 *
 * Source: spec ALB sections 3.1 to 3.3.
 *
 * @param dslx without errors according to `checkDslx`; rows it would refuse are left out
 * @param strictPrefix path prefixes end at the end of an element (ALB-22)
 */
export function translateDslx(dslx: Dslx, { strictPrefix = false } = {}): MatchIR {
  return dslx.map((term) => {
    const tests = (term.values ?? []).flatMap((row) => testOf(term.type, row));
    return termOf(term, strictPrefix && term.type === 'URL' ? tests.map(byElement) : tests);
  });
}

function byElement(test: TestIR): TestIR {
  return test.op === 'prefix' ? { op: 'pathPrefix', value: test.value.replace(/\/+$/, '') } : test;
}

const SUBJECTS: Readonly<Record<DslxType, TermIR['subject']>> = {
  HOST: 'host',
  URL: 'path',
  METHOD: 'method',
  HEADER: 'header',
  PARAM: 'query',
  COOKIE: 'cookie',
  SRC_IP: 'sourceAddress',
};

function termOf(term: DslxTerm, tests: readonly TestIR[]): TermIR {
  const subject = SUBJECTS[term.type];
  const key = term.key ?? '';
  if (subject === 'header') return { subject, name: key.toLowerCase(), tests };
  return subject === 'query' || subject === 'cookie' ? { subject, name: key, tests } : { subject, tests };
}

function testOf(type: DslxType, row: readonly string[]): readonly TestIR[] {
  const [operator, ...written] = row;
  const operands = operator === 'REGEX' ? written : written.map((operand) => asRequestsHaveIt(type, operand, operator));
  const [value = '', second = ''] = operands;
  switch (operator) {
    case 'EQ':
      return [{ op: 'equal', value }];
    case 'IN':
      return [{ op: 'in', values: operands }];
    case 'STARTS_WITH':
      return [{ op: 'prefix', value }];
    case 'ENDS_WITH':
      return [type === 'HOST' ? hostSuffix(value) : { op: 'suffix', value }];
    case 'REGEX':
      return [{ op: 'regex', pattern: value }];
    case 'RANGE':
      return [{ op: 'range', low: withoutBrackets(value), high: withoutBrackets(second) }];
    case 'EXIST':
      return [{ op: 'exists' }];
    default:
      return [];
  }
}

/** Hosts come in lower case and client addresses in their canonical spelling, so operands are brought to that. */
function asRequestsHaveIt(type: DslxType, operand: string, operator: string | undefined): string {
  if (type === 'HOST') return operand.toLowerCase();
  return type === 'SRC_IP' && operator !== 'STARTS_WITH' ? (canonicalAddress(operand) ?? operand) : operand;
}

/** `*.s` and `.s` both mean one label plus `.s`; other operands are plain suffixes. */
function hostSuffix(operand: string): TestIR {
  const suffix = operand.startsWith('*') ? operand.slice(1) : operand;
  return suffix.startsWith('.') ? { op: 'hostSuffix', value: suffix, labels: 'one' } : { op: 'suffix', value: suffix };
}

function withoutBrackets(address: string): string {
  return address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address;
}
