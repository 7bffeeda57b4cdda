import { TRANSFER_LIMITS } from '../transfer.ts';
import { AnnotationMistake, type AnnotationType, bytes, differing, flag, integer, onOff } from './annotation-type.ts';

const httpVersion: AnnotationType<'1.0' | '1.1'> = {
  read: (value) => (value === '1.0' || value === '1.1' ? value : new AnnotationMistake('must be "1.0" or "1.1"')),
};

function size({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): AnnotationType<number> {
  return bytes(minimum, maximum);
}

/** Spec ALB 5.7, LIM-09. */
export const TRANSFER_ANNOTATIONS = {
  'proxy-body-size': size(TRANSFER_LIMITS.bodyBytes),
  'client-body-buffer-size': size(TRANSFER_LIMITS.requestBufferBytes),
  'proxy-request-buffering': onOff,
  'proxy-buffering': onOff,
  'proxy-buffers-number': integer(TRANSFER_LIMITS.buffers.minimum, TRANSFER_LIMITS.buffers.maximum),
  'proxy-buffer-size': size(TRANSFER_LIMITS.bufferBytes),
  'proxy-busy-buffers-size': size(TRANSFER_LIMITS.busyBytes),
  'proxy-max-temp-file-size': size(TRANSFER_LIMITS.fileBytes),
  'proxy-http-version': httpVersion,
  'enable-access-log': differing(flag, 'requests that fail are in the log all the same'),
  'service-upstream': flag,
} as const;
