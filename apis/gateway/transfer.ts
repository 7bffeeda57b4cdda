/** How requests and answers pass through the proxy. Beyond ALB: spec LIM-09, and the annotations of 5.7 of the same meaning. */
import { boolean, integer, object, oneOf, optional, type TypeOf } from '../meta/schema.ts';

const KIB = 1024;
const MIB = KIB * KIB;

/** What nginx can be asked for without hurting others; one buffer, then all of one answer. */
export const TRANSFER_LIMITS = {
  bodyBytes: { minimum: 0, maximum: 2 ** 50 },
  requestBufferBytes: { minimum: 1000, maximum: 64 * MIB },
  buffers: { minimum: 2, maximum: 256 },
  bufferBytes: { minimum: KIB, maximum: MIB },
  busyBytes: { minimum: KIB, maximum: 256 * MIB },
  fileBytes: { minimum: 0, maximum: 2 ** 40 },
} as const;

export const transfer = object('How requests and answers pass. Sizes are in bytes; unset: the default.', {
  maxRequestBodyBytes: optional(
    integer('Larger request bodies are answered 413; 0: no limit. Default that of the ALB: none.', {
      ...TRANSFER_LIMITS.bodyBytes,
      format: 'int64',
    }),
  ),
  requestBufferBytes: optional(
    integer('Memory for a request body; what is larger goes to a file.', TRANSFER_LIMITS.requestBufferBytes),
  ),
  requestBuffering: optional(boolean('Read a request body whole before a backend gets it; default true.')),
  responseBuffering: optional(boolean('Read answers ahead of a slow client; default false.')),
  responseBuffers: optional(integer('Buffers of one answer; default 4.', TRANSFER_LIMITS.buffers)),
  responseBufferBytes: optional(
    integer('Size of each of them, and limit of the headers of an answer; defaults 32 KiB and 4 KiB.', {
      ...TRANSFER_LIMITS.bufferBytes,
    }),
  ),
  responseBusyBytes: optional(
    integer('Part of the buffers that may be on its way to the client; default 64 KiB.', TRANSFER_LIMITS.busyBytes),
  ),
  responseFileBytes: optional(
    integer('Part of an answer that may wait in a file; 0: none. Default 1 GiB.', {
      ...TRANSFER_LIMITS.fileBytes,
      format: 'int64',
    }),
  ),
  httpVersion: optional(oneOf('HTTP version towards backends; default 1.1.', ['1.0', '1.1'])),
});
export type TransferConfig = TypeOf<typeof transfer>;
