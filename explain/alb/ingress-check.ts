import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from '@causeway/translate/gateway/alb-settings';
import { albOf } from '@causeway/translate/gateway/frontend-port';
import { type IngressTranslation, translateIngress } from '@causeway/translate/gateway/ingress';
import { type AlbObstacle, claimOf, judgeAlb } from '@causeway/translate/gateway/ingress-alb';
import { translateNginxRoutes } from '@causeway/translate/gateway/ingress-nginx/route';
import type { NginxObstacle } from '@causeway/translate/gateway/ingress-nginx/serving';
import { ingressPorts, ingressTls } from '@causeway/translate/gateway/ingress-tls';
import { checkAtNginx } from '../ingress-nginx/ingress-check.ts';
import { choiceText, obstacleText } from './choice-text.ts';

/** Which ALBs and IngressNginx objects serve an Ingress, and why the others do not. */
export interface IngressCheck {
  /** `namespace/name` */
  readonly ingress: string;
  /** Absent: it asks for none, so every ALB with a fitting project takes it. */
  readonly className?: string;
  /** Of its namespace. */
  readonly project?: string;
  readonly albs: readonly CheckedAlb[];
  /** What is wrong with the Ingress itself. */
  readonly problems: readonly string[];
}

export interface CheckedAlb {
  /** `namespace/name` of the data plane. */
  readonly alb: string;
  readonly serves: boolean;
  /** Why, or why not. */
  readonly reason: string;
  /** What keeps it from serving. */
  readonly obstacle?: AlbObstacle['type'] | NginxObstacle['type'] | 'enableALb' | 'ports' | 'notServed';
  /** Where it is served, or would be. */
  readonly ports: readonly CheckedPort[];
}

export interface CheckedPort {
  readonly port: number;
  readonly protocol: string;
  /** Name of the Frontend. */
  readonly frontend: string;
  /** Rules that the Ingress gives there, and how many of them exist already. */
  readonly rules: number;
  readonly rulesInPlace: number;
  /** The Frontend speaks another protocol than the Ingress needs. */
  readonly conflict?: string;
}

/**
 * Judges an Ingress with the functions that the controllers translate it with.
 *
 * Source: spec ALB-131 (`albctl rule check-ingress`), ALB-14 to ALB-17.
 *
 * @param planes keys of the data planes to judge: of ALB2s, and of IngressNginx objects
 * @returns undefined when there is no such Ingress
 */
export function checkIngress(view: View, key: ObjectKey, planes: readonly ObjectKey[]): IngressCheck | undefined {
  const ingress = view.get('Ingress', key);
  if (ingress === undefined) return undefined;
  const claim = claimOf(view, ingress);
  const translation = translateIngress(view, key);
  const deleted = ingress.metadata.deletionTimestamp !== undefined;
  return {
    ingress: objectKeyText(key),
    ...(claim.className === undefined ? {} : { className: claim.className }),
    ...(claim.project === undefined ? {} : { project: claim.project }),
    albs: planes.flatMap((plane): CheckedAlb | readonly CheckedAlb[] => {
      const ofNginx = checkAtNginx(view, ingress, plane);
      if (ofNginx !== undefined) return ofNginx;
      const alb = view.get('ALB2', plane);
      if (alb === undefined) return [];
      const verdict = judgeAlb(view, claim, alb);
      const name = objectKeyText(keyOf(alb));
      if (!verdict.serves) {
        const { obstacle } = verdict;
        const reason = obstacleText(obstacle, ingress, alb);
        return { alb: name, serves: false, reason, obstacle: obstacle.type, ports: [] };
      }
      return { alb: name, ...placeOf(view, ingress, { alb, settings: verdict.settings }, translation) };
    }),
    problems: [
      ...(deleted ? ['the Ingress is being deleted'] : []),
      ...new Set([...translation.problems, ...translateNginxRoutes(view, key).problems].map(({ message }) => message)),
    ],
  };
}

/** The ports of an ALB that was chosen, and whether anything of the Ingress can be served there. */
function placeOf(
  view: View,
  ingress: Ingress,
  { alb, settings }: { readonly alb: ALB2; readonly settings: AlbSettings },
  translation: IngressTranslation,
): Omit<CheckedAlb, 'alb'> {
  const ports = ingressPorts(ingress, settings, ingressTls(view, ingress, settings)).flatMap(({ port, protocol }) => {
    const frontend = translation.frontends.find(
      (one) => one.spec.port === port && one.spec.protocol !== 'udp' && isOf(albOf(one), alb),
    );
    if (frontend === undefined) return [];
    const rules = translation.rules.filter(
      ({ metadata }) =>
        metadata.namespace === frontend.metadata.namespace &&
        metadata.labels?.[LABEL_FRONTEND] === frontend.metadata.name,
    );
    const speaks = frontend.spec.protocol;
    const checked: CheckedPort = {
      ...{ port, protocol, frontend: frontend.metadata.name, rules: rules.length },
      rulesInPlace: rules.filter((rule) => view.get('Rule', keyOf(rule)) !== undefined).length,
      ...(speaks === protocol ? {} : { conflict: `its Frontend speaks ${speaks}, not ${protocol}` }),
    };
    return [checked];
  });
  if (!settings.serveRules) {
    const reason = 'spec.config.enableALb is false: it serves no Frontends and Rules';
    return { serves: false, reason, obstacle: 'enableALb', ports };
  }
  if (ports.every(({ conflict }) => conflict !== undefined)) {
    return { serves: false, reason: portsText(ports, settings), obstacle: 'ports', ports };
  }
  return { serves: true, reason: choiceText(claimOf(view, ingress), settings), ports };
}

function portsText(ports: readonly CheckedPort[], settings: AlbSettings): string {
  if (ports.length > 0) return ports.map(({ port, conflict }) => `port ${port}: ${conflict}`).join('; ');
  const off = [
    ...(settings.ingressHttpPort === 0 ? ['ingressHTTPPort is 0'] : []),
    ...(settings.ingressHttpsPort === 0 ? ['ingressHTTPSPort is 0'] : []),
  ];
  return `it has no port for the hosts of this Ingress${off.length === 0 ? '' : ` (${off.join(', ')})`}`;
}

function isOf(key: ObjectKey | undefined, alb: ALB2): boolean {
  return key !== undefined && objectKeyText(key) === objectKeyText(keyOf(alb));
}
