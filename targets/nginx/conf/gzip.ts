/** Compression of answers; ALB-106. */
import type { TuningIR } from '@causeway/ir/gateway';
import { whole } from './directive.ts';

/** nginx adds text/html by itself. */
const GZIP_TYPES = [
  'text/css',
  'text/plain',
  'text/javascript',
  'text/x-component',
  'application/json',
  'application/javascript',
  'application/x-javascript',
  'application/xml',
  'application/xhtml+xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/vnd.ms-fontobject',
  'application/x-font-ttf',
  'application/x-web-app-manifest+json',
  'font/opentype',
  'image/svg+xml',
  'image/x-icon',
];

export function gzipPart({ gzipLevel = 5, gzipMinBytes = 256 }: TuningIR): string {
  return `
gzip on;
gzip_comp_level ${whole(gzipLevel)};
gzip_min_length ${whole(gzipMinBytes)};
gzip_http_version 1.1;
gzip_proxied any;
gzip_vary on;
gzip_types ${GZIP_TYPES.join(' ')};
`;
}
