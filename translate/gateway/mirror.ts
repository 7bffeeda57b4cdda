import { type MirrorConfig, mirrorMistake, readMirrorTarget } from '@causeway/apis/gateway/mirror';
import type { FilterIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

const NOTHING = { filters: [], problems: [] };

/** mirror in force. One that cannot be is left out: it changes nothing for the client. Source: LIM-10. */
export function translateMirror(
  config: MirrorConfig | undefined,
  object: Problem['object'],
): { readonly filters: readonly FilterIR[]; readonly problems: readonly Problem[] } {
  if (config === undefined) return NOTHING;
  const mistake = mirrorMistake(config);
  const target = readMirrorTarget(config.target);
  if (mistake !== undefined || typeof target === 'string') {
    const message = `spec.config.mirror.${mistake}; requests are not copied`;
    return { filters: [], problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' }] };
  }
  const { scheme, host, port, path } = target;
  const usual = port === (scheme === 'https' ? 443 : 80);
  const hostHeader = (config.host ?? '') === '' ? `${host}${usual ? '' : `:${port}`}` : (config.host ?? '');
  return {
    filters: [{ type: 'mirror', scheme, host, port, path, hostHeader, body: config.body !== false }],
    problems: [],
  };
}
