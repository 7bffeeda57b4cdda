import { wholeNumber } from '#platform';
import type { RequestView } from './request-view.ts';

/**
 * Whether a request says that its body is larger than allowed. One that does not say how large it is gets stopped by nginx, which
 * counts.
 */
export function exceedsBodyLimit(limitBytes: number, request: RequestView): boolean {
  const text = request.header('content-length');
  const bytes = text === undefined ? undefined : wholeNumber(text);
  return limitBytes > 0 && bytes !== undefined && bytes > limitBytes;
}
