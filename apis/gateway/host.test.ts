import { describe, expect, test } from 'vitest';
import { isHost, isHostHeader, isHostPattern } from './host.ts';

const cases = [
  { text: 'a.com', host: true, header: true, pattern: true },
  { text: 'A-1.com', host: true, header: true, pattern: true },
  { text: '10.0.0.1', host: true, header: true, pattern: true },
  { text: '[::1]', host: true, header: true, pattern: true },
  { text: 'a.com:8080', host: false, header: true, pattern: false },
  { text: '[::1]:8080', host: false, header: true, pattern: false },
  { text: '*.a.com', host: false, header: false, pattern: true },
  { text: 'a.com:0', host: false, header: false, pattern: false },
  { text: 'a.com:70000', host: false, header: false, pattern: false },
  { text: 'a..com', host: false, header: false, pattern: false },
  { text: '-a.com', host: false, header: false, pattern: false },
  { text: 'a.com\r\nX-Evil: 1', host: false, header: false, pattern: false },
  { text: 'a.com/x', host: false, header: false, pattern: false },
  { text: '[::1', host: false, header: false, pattern: false },
  { text: '*', host: false, header: false, pattern: false },
  { text: '', host: false, header: false, pattern: false },
  { text: `${'a'.repeat(64)}.com`, host: false, header: false, pattern: false },
];

describe('hosts', () => {
  for (const { text, host, header, pattern } of cases) {
    test(JSON.stringify(text), () => {
      expect({ host: isHost(text), header: isHostHeader(text), pattern: isHostPattern(text) }).toEqual({
        host,
        header,
        pattern,
      });
    });
  }
});
