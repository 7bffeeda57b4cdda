import { alternativeTo, isRawConfiguration } from '@causeway/apis/gateway/annotation/alternative';
import { isAbove, riskOf } from '@causeway/apis/gateway/annotation/risk';
import { ingressNginxMistake } from '@causeway/apis/gateway/annotation/strict';
import { nginxPathMistake } from '@causeway/apis/gateway/ingress-nginx-path';
import { type IngressNginxRules, ingressNginxRules } from '@causeway/apis/gateway/ingress-nginx-rules';
import { ANNOTATION_INGRESS_CLASS, ANNOTATION_PREFIX_NGINX } from '@causeway/apis/gateway/labels';
import { type KubernetesObject, objectKeyText } from '@causeway/apis/meta/object';
import { hostPath } from '@causeway/resources/indexes';
import type { Ingress } from '@causeway/resources/kinds';
import type { Read } from './read.ts';
import { type Cause, type Findings, forbidden, invalid } from './verdict.ts';

/**
 * What an IngressNginx refuses of an Ingress that names its class. One without class may be an ALB's as well, which takes more: its user
 * is warned.
 *
 * Source: IN-04, IN-05, IN-08, IN-11, IN-23.
 */
export function checkNginxIngress(ingress: Ingress, read: Read): Findings {
  const rules = rulesFor(ingress, read);
  if (rules === undefined) return { causes: [], warnings: [] };
  const causes = [
    ...annotationCauses(ingress, rules),
    ...pathCauses(ingress, rules, read),
    ...duplicateCauses(ingress, read),
  ];
  if (classOf(ingress) !== '') return { causes, warnings: [] };
  return { causes: [], warnings: causes.map(({ field, message }) => `${field}: ${message}`) };
}

/** The annotations that are judged. */
export function nginxAnnotations({ metadata }: KubernetesObject): readonly (readonly [string, string])[] {
  return Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith(ANNOTATION_PREFIX_NGINX));
}

/** Those of the IngressNginx that serves it, or of one that might; undefined: there is none. */
function rulesFor(ingress: Ingress, read: Read): IngressNginxRules | undefined {
  const className = classOf(ingress);
  const all = read.all('IngressNginx');
  if (className === '') {
    const taker = all.find(({ spec }) => spec.controller?.watchIngressWithoutClass ?? true);
    return taker === undefined ? undefined : ingressNginxRules(taker);
  }
  const found = all.map(ingressNginxRules);
  const named = found.find((rules) => rules.className === className);
  if (named !== undefined || found.length === 0) return named;
  const controller = read.get('IngressClass', { namespace: '', name: className })?.spec?.controller;
  return found.find((rules) => rules.controller === controller);
}

function classOf({ metadata, spec }: Ingress): string {
  return (spec?.ingressClassName ?? metadata.annotations?.[ANNOTATION_INGRESS_CLASS] ?? '').trim();
}

function annotationCauses(ingress: Ingress, { riskLevel }: IngressNginxRules): Cause[] {
  return nginxAnnotations(ingress).flatMap(([key, text]): Cause[] => {
    const field = `metadata.annotations[${key}]`;
    const name = key.slice(ANNOTATION_PREFIX_NGINX.length);
    const risk = riskOf(name);
    if (isRawConfiguration(name)) {
      return [forbidden(field, `risky annotation (${risk}): raw configuration is never taken; ${alternativeTo(name)}`)];
    }
    if (isAbove(risk, riskLevel)) {
      return [forbidden(field, `risky annotation (${risk}), annotations-risk-level is ${riskLevel}`)];
    }
    const mistake = ingressNginxMistake(name, text);
    return mistake === undefined ? [] : [invalid(field, text, mistake)];
  });
}

function pathCauses(ingress: Ingress, { strictPaths }: IngressNginxRules, read: Read): Cause[] {
  const { annotations = {} } = ingress.metadata;
  const own =
    annotations[`${ANNOTATION_PREFIX_NGINX}use-regex`]?.trim() === 'true' ||
    (annotations[`${ANNOTATION_PREFIX_NGINX}rewrite-target`] ?? '') !== '';
  return pathsOf(ingress).flatMap(({ field, host, path, pathType }): Cause[] => {
    const mistakeOf = (isRegex: boolean) => nginxPathMistake({ host, path, pathType, isRegex }, strictPaths);
    let mistake = mistakeOf(own);
    // Another Ingress may make regexes of the paths of this host; seldom asked, since it looks at all of them.
    if (mistake !== undefined && !own && read.by('Ingress', 'regexHost', host.toLowerCase()).length > 0) {
      mistake = mistakeOf(true);
    }
    return mistake === undefined ? [] : [invalid(field, path, mistake.replace(/^path: /, ''))];
  });
}

/** IN-04: within a namespace a host and path belong to one Ingress, beside its canaries. */
function duplicateCauses(ingress: Ingress, read: Read): Cause[] {
  if (isCanary(ingress)) return [];
  const { namespace, name } = ingress.metadata;
  return pathsOf(ingress).flatMap(({ field, host, path, pathType }): Cause[] => {
    const other = read
      .by('Ingress', 'hostPath', hostPath(host, path, pathType))
      .find(
        (each) =>
          each.metadata.namespace === namespace &&
          each.metadata.name !== name &&
          !isCanary(each) &&
          classOf(each) === classOf(ingress),
      );
    if (other === undefined) return [];
    const who = objectKeyText({ namespace: namespace ?? '', name: other.metadata.name });
    return [
      {
        reason: 'FieldValueDuplicate',
        field,
        message: `Duplicate value: ${JSON.stringify(host + path)}: host and path are those of Ingress ${who}`,
      },
    ];
  });
}

function isCanary({ metadata }: Ingress): boolean {
  return metadata.annotations?.[`${ANNOTATION_PREFIX_NGINX}canary`]?.trim() === 'true';
}

interface WrittenPath {
  readonly field: string;
  readonly host: string;
  readonly path: string;
  readonly pathType: string | undefined;
}

function pathsOf({ spec }: Ingress): readonly WrittenPath[] {
  return (spec?.rules ?? []).flatMap(({ host = '', http }, rule) =>
    (http?.paths ?? []).map(({ path = '', pathType }, index) => ({
      field: `spec.rules[${rule}].http.paths[${index}].path`,
      ...{ host, path, pathType },
    })),
  );
}
