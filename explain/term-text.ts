import type { Term, Test } from '@causeway/dataplane/policy/record';
import type { RequestView } from '@causeway/dataplane/policy/request-view';

/** A term in words: `path starts with "/app" or equals "/x"`. */
export function describeTerm(term: Term): string {
  return `${subjectText(term)} ${term.tests.map(describeTest).join(' or ')}`;
}

/** What the request has where the term looks, in words. */
export function requestHas(term: Term, request: RequestView): string {
  const value = rawValue(term, request);
  return value === undefined ? 'nothing' : JSON.stringify(Buffer.from(value, 'latin1').toString('utf8'));
}

function rawValue(term: Term, request: RequestView): string | undefined {
  switch (term.subject) {
    case 'host':
      return request.host();
    case 'path':
      return request.path();
    case 'method':
      return request.method();
    case 'header':
      return request.header(term.name ?? '');
    case 'query':
      return request.query(term.name ?? '')?.join(', ');
    case 'cookie':
      return request.cookie(term.name ?? '');
    case 'sourceAddress':
      return request.sourceAddress();
  }
}

function subjectText({ subject, name }: Term): string {
  switch (subject) {
    case 'sourceAddress':
      return 'source address';
    case 'query':
      return `query parameter ${name}`;
    case 'header':
    case 'cookie':
      return `${subject} ${name}`;
    case 'host':
    case 'path':
    case 'method':
      return subject;
  }
}

function describeTest(test: Test): string {
  switch (test.op) {
    case 'equal':
      return `equals ${quote(test.value)}`;
    case 'in':
      return `is one of ${test.values.map(quote).join(', ')}`;
    case 'prefix':
      return `starts with ${quote(test.value)}`;
    case 'pathPrefix':
      return `is under ${quote(test.value === '' ? '/' : test.value)}`;
    case 'suffix':
      return `ends with ${quote(test.value)}`;
    case 'hostSuffix':
      return `is ${test.labels === 'one' ? 'one label' : 'one or more labels'} and ${quote(test.value)}`;
    case 'regex':
      return `matches ${quote(test.pattern)}`;
    case 'range':
      return `is between ${test.low} and ${test.high}`;
    case 'exists':
      return 'exists';
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}
