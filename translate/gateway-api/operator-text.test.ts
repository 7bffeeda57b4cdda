import { describe, expect, test } from 'vitest';
import { parseOperators } from './operator-text.ts';

const YEAR = { unit: 'year', digits: 4 };

describe('formats of lines of the access log', () => {
  test.each([
    ['plain', ['plain']],
    ['100%%', ['100%']],
    ['[%PROTOCOL%]', ['[', { values: ['protocol'] }, ']']],
    ['%REQ(X-A?:PATH):10%', [{ values: ['request:x-a', 'target'], length: 10 }]],
    ['%RESP(X-B)%%BYTES_SENT%', [{ values: ['response:x-b'] }, { values: ['bytesSent'] }]],
    ['%UPSTREAM_CLUSTER%', [{ values: [] }]],
    ['%START_TIME(%Y%%:%3f)%', [{ values: ['time'], time: [YEAR, '%', ':', { unit: 'fraction', digits: 3 }] }]],
    ['%WHAT%', '%WHAT%: the operator is not known'],
    ['%ENVIRONMENT(HOME)%', '%ENVIRONMENT(HOME)%: the environment of a data plane is told to nobody'],
    ['%START_TIME(%Q)%', '%START_TIME(%Q)%: "%Q" is no part of a time that is served'],
    ['%PROTOCOL(x)%', '%PROTOCOL(x)%: only without an argument'],
    ['%REQ(COOKIE)%', '%REQ(COOKIE)%: header cookie is told to nobody'],
    ['%REQ(a b)%', '%REQ(a b)%: no name of a header'],
    ['%REQ(a?b?c)%', '%REQ(a?b?c)%: no name of a header'],
    ['50%', 'no operator begins with "%"'],
  ])('%s', (format, want) => expect(parseOperators(format, 'log')).toEqual(want));
});

describe('values of headers', () => {
  test.each([
    ['', ['']],
    ['50% off', ['50% off']],
    ['a%20b%C3%A4%C3%', ['a%20b%C3%A4%C3%']],
    ['%Y-%m', ['%Y-%m']],
    ['100%%', ['100%']],
    ['%%PROTOCOL%%', ['%PROTOCOL%']],
    ['5%%PROTOCOL%', ['5%PROTOCOL%']],
    ['%req(x)%', ['%req(x)%']],
    ['%REQ(Authorization)%', [{ values: ['request:authorization'] }]],
    ['for %DOWNSTREAM_REMOTE_PORT%', ['for ', { values: ['clientPort'] }]],
    ['%TRACE_ID%/50%', [{ values: ['traceId'] }, '/50%']],
    ['%WHAT%', '%WHAT%: the operator is not known'],
    ['50%OFF%', '%OFF%: the operator is not known'],
    ['%REQ(X-A)', 'no operator begins with "%REQ(X-A)"'],
    ['%TLS_JA3_FINGERPRINT%', '%TLS_JA3_FINGERPRINT%: fingerprints of TLS are not served'],
  ])('%s', (value, want) => expect(parseOperators(value, 'answer')).toEqual(want));

  test('of requests know nothing of answers', () => {
    expect(parseOperators('%RESPONSE_CODE%%RESP(x)%%METHOD%', 'request')).toBe('%METHOD%: the operator is not known');
    expect(parseOperators('%RESPONSE_CODE%%RESP(x)%', 'request')).toEqual([{ values: [] }, { values: [] }]);
  });
});

test('in bodies what is not there is a dash', () => {
  expect(parseOperators('<%REQ(x)%>', 'body')).toEqual(['<', { values: ['request:x'], absent: '-' }, '>']);
});
