import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { frontendOfPort } from './frontend-port.ts';
import { portObstacle, projectOf, type ServingAlb } from './ingress-alb.ts';
import { ingressReaders } from './ingress-reader.ts';
import { type IngressPort, type IngressTls, ingressPorts } from './ingress-tls.ts';
import type { Problem } from './problem.ts';

/**
 * The ports of an ALB on which it serves an Ingress: those of the annotation `alb.ingress.cpaas.io/ports`, which must have a Frontend
 * that belongs to the project, else the pair of the ALB by ALB-17.
 *
 * Source: LIM-04.
 */
export function servedPorts(
  view: View,
  ingress: Ingress,
  serving: ServingAlb,
  tls: IngressTls,
): { readonly ports: readonly IngressPort[]; readonly problems: readonly Problem[] } {
  const chosen = ingressReaders(ingress)().value('ports') ?? [];
  if (chosen.length === 0) return { ports: ingressPorts(ingress, serving.settings, tls), problems: [] };
  const ports: IngressPort[] = [];
  const problems: Problem[] = [];
  for (const port of [...new Set(chosen)].sort((a, b) => a - b)) {
    const found = chosenPort(view, ingress, serving, port);
    if ('reason' in found) {
      const message = `ALB2 ${objectKeyText(serving.key)}: ${found.message}; not served on port ${port}`;
      problems.push({
        object: { kind: 'Ingress', key: keyOf(ingress) },
        reason: found.reason,
        message,
        severity: 'Warning',
      });
    } else {
      ports.push(found);
    }
  }
  return { ports, problems };
}

function chosenPort(
  view: View,
  ingress: Ingress,
  { key, settings }: ServingAlb,
  port: number,
): IngressPort | Pick<Problem, 'reason' | 'message'> {
  const frontend = frontendOfPort(view, key, port);
  if (frontend === undefined) return { reason: 'RefNotFound', message: `there is no Frontend for port ${port}` };
  const { protocol } = frontend.spec;
  if (protocol !== 'http' && protocol !== 'https') {
    return { reason: 'Conflicted', message: `Frontend ${frontend.metadata.name} speaks ${protocol}` };
  }
  const obstacle = settings.portProjectMode ? portObstacle(frontend, projectOf(view, ingress)) : undefined;
  if (obstacle !== undefined) return { reason: 'RefNotPermitted', message: obstacle };
  return { port, protocol, onlyRedirects: false };
}
