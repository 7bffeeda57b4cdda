import { type MirrorConfig, mirrorMistake } from '@causeway/apis/gateway/mirror';
import { type Cause, invalid } from './verdict.ts';

/** LIM-10. @param field path of the object, e.g. `spec.config.mirror` */
export function checkMirror(field: string, mirror: MirrorConfig | undefined): Cause[] {
  const mistake = mirror === undefined ? undefined : mirrorMistake(mirror);
  if (mirror === undefined || mistake === undefined) return [];
  const [name = '', ...why] = mistake.split(': ');
  return [invalid(`${field}.${name}`, name === 'host' ? mirror.host : mirror.target, why.join(': '))];
}
