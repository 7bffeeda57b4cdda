/** Compression of answers; ALB-106, GW-45. */
import { COMPRESSED_TYPES } from '@causeway/dataplane/policy/content-coding';
import type { CompressionIR, TuningIR } from '@causeway/ir/gateway';
import type { Profile } from '../profile.ts';
import type { NginxRuntime } from '../runtime.ts';
import { optional, whole } from './directive.ts';

/** nginx adds text/html by itself. */
const TYPES = COMPRESSED_TYPES.join(' ');

export function gzipPart({ gzipLevel = 5, gzipMinBytes = 256 }: TuningIR): string {
  return `
gzip on;
gzip_comp_level ${whole(gzipLevel)};
gzip_min_length ${whole(gzipMinBytes)};
gzip_http_version 1.1;
gzip_proxied any;
gzip_vary on;
gzip_types ${TYPES};
`;
}

/** Of nginx's module for Brotli, which only those load that use it. */
const BROTLI_MODULE = 'http_brotli_filter';

/** Lines of locations whose answers may be compressed otherwise. */
export function compressionLines(
  { codings, leastBytes }: CompressionIR,
  { gzipLevel = 5, gzipMinBytes = 256 }: TuningIR,
): readonly string[] {
  return [
    ...optional(leastBytes, (bytes) => `gzip_min_length ${whole(bytes)};`),
    ...(codings.includes('br')
      ? [
          'brotli on;',
          `brotli_comp_level ${whole(gzipLevel)};`,
          `brotli_min_length ${whole(leastBytes ?? gzipMinBytes)};`,
          `brotli_types ${TYPES};`,
        ]
      : []),
    ...(codings.includes('zstd') ? ['body_filter_by_lua_block { causeway.compressBody() }'] : []),
  ];
}

/** @returns the module that these profiles need; undefined: none */
export function compressionModule(profiles: readonly Profile[]): string | undefined {
  return profiles.some(({ transfer }) => transfer?.compression?.codings.includes('br')) ? BROTLI_MODULE : undefined;
}

/** The same profiles; without Brotli where nginx has no module for it, as in a runtime of an earlier version. */
export function servedCompression(
  profiles: readonly Profile[],
  { modules }: Pick<NginxRuntime, 'modules'>,
): readonly Profile[] {
  if (modules[BROTLI_MODULE] !== undefined) return profiles;
  return profiles.map((profile) => {
    const { compression } = profile.transfer ?? {};
    if (compression?.codings.includes('br') !== true) return profile;
    const codings = compression.codings.filter((coding) => coding !== 'br');
    return { ...profile, transfer: { ...profile.transfer, compression: { ...compression, codings } } };
  });
}
