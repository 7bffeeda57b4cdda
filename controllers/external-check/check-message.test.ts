import { field, message, numberField, parseMessage } from '@causeway/protocols/protobuf/message';
import { assert, describe, test } from 'vitest';
import { checkRequest, parseCheckResponse } from './check-message.ts';

function option(name: string, value: string, append?: number): Buffer {
  const flag = append === undefined ? [] : [message(2, numberField(1, append))];
  return message(2, message(1, field(1, name), field(2, value)), ...flag);
}

describe('GW-38 messages of an authorization service', () => {
  test('a request as the service reads it', () => {
    const request = {
      ...{ method: 'POST', scheme: 'https', host: 'a.com', target: '/x?y', protocol: 'HTTP/1.1' },
      ...{ client: '10.0.0.1', port: '443', headers: { 'x-a': 'b' }, body: Buffer.from([0xff, 0]).toString('base64') },
    };
    const context = parseMessage(parseMessage(checkRequest(request, { k: 'v' }, 1_500)).bytes(1)[0] ?? Buffer.alloc(0));
    const inner = (bytes: Buffer | undefined) => parseMessage(bytes ?? Buffer.alloc(0));
    const sent = inner(context.bytes(4)[0]);
    const http = inner(sent.bytes(2)[0]);
    assert.deepEqual(
      [2, 4, 5, 6, 10].map((number) => String(http.bytes(number)[0])),
      ['POST', '/x?y', 'a.com', 'https', 'HTTP/1.1'],
    );
    assert.deepEqual([...(http.bytes(12)[0] ?? [])], [0xff, 0], 'a body that is no text');
    assert.deepEqual(http.numbers(9), [2]);
    assert.deepEqual([...inner(sent.bytes(1)[0]).numbers(1), ...inner(sent.bytes(1)[0]).numbers(2)], [1, 500_000_000]);
    const source = inner(inner(inner(context.bytes(1)[0]).bytes(1)[0]).bytes(1)[0]);
    assert.equal(String(source.bytes(2)[0]), '10.0.0.1');
  });

  test('what lets in, and what denies', () => {
    assert.deepEqual(parseCheckResponse(Buffer.alloc(0)), { headers: [], removed: [], responseHeaders: [] });
    assert.deepEqual(
      parseCheckResponse(
        message(3, option('x-a', '1'), option('x-b', '2', 1), option('Host', 'evil'), option('x-c', 'a\r\nb')),
      ),
      {
        headers: [
          { name: 'x-a', value: '1', append: false },
          { name: 'x-b', value: '2', append: true },
        ],
        removed: [],
        responseHeaders: [],
      },
    );
    const denied = (status: number) => parseCheckResponse(message(2, message(1, numberField(1, status)))).status;
    assert.deepEqual([denied(401), denied(0), denied(99), denied(600)], [401, 403, 403, 403]);
    assert.equal(parseCheckResponse(message(1, numberField(1, 16))).status, 403);
  });

  test('what is no message is an error, whatever it is', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let count = 0; count < 5000; count++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 30) }, () => Math.floor(random() * 256)));
      try {
        parseCheckResponse(bytes);
      } catch (error) {
        assert.instanceOf(error, RangeError);
      }
    }
  });
});
