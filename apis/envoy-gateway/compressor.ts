import { object, oneOf, optional } from '../meta/schema.ts';
import { unserved } from './bundle.ts';
import { size } from './size.ts';

/** Source: Envoy Gateway v1.7, Compression. */
export const compressor = object('A method.', {
  type: oneOf('Which.', ['Gzip', 'Brotli', 'Zstd']),
  gzip: optional(unserved('Settings.')),
  brotli: optional(unserved('Settings.')),
  zstd: optional(unserved('Settings.')),
  minContentLength: optional(size('From which size; of several methods the least.')),
});
