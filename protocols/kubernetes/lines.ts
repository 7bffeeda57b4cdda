const newline = 10;

/**
 * Splits a byte stream into its non-empty lines, wherever the chunks end:
 * also inside a line or a UTF-8 character. What follows the last newline is
 * not a line; it calls `onIncomplete`, for the sender stopped in the middle.
 *
 * @param maxBytes a longer line throws RangeError, so that a server without newlines cannot fill the memory
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  onIncomplete: (bytes: number) => void,
): AsyncGenerator<string> {
  let head: Buffer[] = [];
  let headBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, end);
      const line = headBytes === 0 ? tail : Buffer.concat([...head, tail]);
      if (headBytes > 0) {
        head = [];
        headBytes = 0;
      }
      start = end + 1;
      if (line.length > 0) yield line.toString('utf8');
    }
    if (start < chunk.length) {
      head.push(start === 0 ? chunk : chunk.subarray(start));
      headBytes += chunk.length - start;
      if (headBytes > maxBytes) throw new RangeError(`a line is longer than ${maxBytes} bytes`);
    }
  }
  if (headBytes > 0) onIncomplete(headBytes);
}
