import { alternativeTo } from '@causeway/apis/gateway/annotation/alternative';
import type { AnnotationType } from '@causeway/apis/gateway/annotation/annotation-type';
import { INGRESS_ANNOTATIONS, isIngressAnnotation } from '@causeway/apis/gateway/annotation/index';
import { isIngressNginxAnnotation } from '@causeway/apis/gateway/annotation/ingress-nginx';
import { ANNOTATION_PREFIX_NGINX } from '@causeway/apis/gateway/labels';
import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { translateCertificate } from '@causeway/translate/gateway/certificate';
import { unservedAnnotations } from '@causeway/translate/gateway/ingress-annotation';
import { ingressNginxMistakes } from '@causeway/translate/gateway/ingress-nginx/class';
import { DIALECT_ANNOTATIONS } from '@causeway/translate/gateway/ingress-nginx/dialect';
import { translateNginxRoutes } from '@causeway/translate/gateway/ingress-nginx/route';
import { servingIngressNginx } from '@causeway/translate/gateway/ingress-nginx/serving';
import type { Problem } from '@causeway/translate/gateway/problem';
import { controllerFlags, isNeedlessFlag, nameOf } from './controller-flags.ts';
import { type Installation, kindOf, readInstallation } from './manifests.ts';

/** Whether something does here what it does under ingress-nginx. */
export type Sameness = 'same' | 'different' | 'refused';

/** The answer to "what would happen to these manifests under an IngressNginx?". Its JSON is a contract: docs/convert.md. */
export interface ManifestCheck {
  /** The worst of all objects. */
  readonly verdict: Sameness;
  readonly objects: readonly CheckedObject[];
  /** What the manifests name but do not hold: it may exist in the cluster. */
  readonly missing: readonly MissingObject[];
  /** `Kind namespace/name` of what has nothing to do with ingress-nginx, and why. */
  readonly ignored: readonly IgnoredObject[];
}

export interface CheckedObject {
  readonly kind: string;
  /** `namespace/name`, or `name` of what has no namespace. */
  readonly name: string;
  /** The worst of its findings. */
  readonly verdict: Sameness;
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly verdict: Sameness;
  /** An annotation, an option of the ConfigMap, a flag, or a field. */
  readonly subject: string;
  /** Absent: it does the same and there is nothing to say. */
  readonly reason?: string;
  /** What to use for it. */
  readonly instead?: string;
}

interface MissingObject {
  /** `Kind namespace/name` of the object that needs it. */
  readonly by: string;
  readonly what: string;
}

interface IgnoredObject {
  readonly object: string;
  readonly reason: string;
}

export interface CheckOptions {
  /** `namespace/name` of the ConfigMap of ingress-nginx; absent: as flags of its Deployment say, or by its usual names. */
  readonly configMap?: string;
  /** Why admission would refuse an object beside the others, each `field: message`. */
  readonly refusals: (object: KubernetesObject, view: View) => readonly string[];
}

/** An object of the input as the API would store it. */
export interface Manifest {
  readonly object: KubernetesObject;
  /** Why it would not be stored, each `field: message`; of what matters nothing else is said then. */
  readonly mistakes: readonly string[];
}

/**
 * Runs the translation of the IngressNginx class over manifests, in memory, and tells what becomes of each object and setting. Whatever
 * is said here is what the controllers would do: the table of annotations and the problems of the translation are the only sources.
 *
 */
export function checkManifests(manifests: readonly Manifest[], options: CheckOptions): ManifestCheck {
  const isBad = ({ object, mistakes }: Manifest) => mistakes.length > 0 && kindOf(object) !== undefined;
  const checked = manifests
    .filter(isBad)
    .map(({ object, mistakes }) => checkedObject(object, mistakes.map(unstorable)));
  const good = manifests.filter((manifest) => !isBad(manifest)).map(({ object }) => object);
  const installation = readInstallation(good, options.configMap);
  const view = installation.snapshot.view('check');
  const missing: MissingObject[] = [];
  const ignored: IgnoredObject[] = installation.others.map((object) => ({
    object: titleOf(object),
    reason: 'nothing that ingress-nginx looks at',
  }));
  const certificates = new Set<string>();
  for (const object of installation.checked) {
    const findings: Finding[] = options.refusals(object, view).map(unstorable);
    if (isIngress(object)) {
      if (servingIngressNginx(view, object).length === 0) {
        ignored.push({ object: titleOf(object), reason: 'of another class, or of a namespace that is not served' });
        continue;
      }
      const told = checkIngress(view, object, installation);
      findings.push(...told.findings);
      for (const what of told.missing) missing.push({ by: titleOf(object), what });
      for (const id of told.certificates) certificates.add(id);
    } else if (object.kind === 'Ingress') {
      const reason = `${object.apiVersion} is served by no Kubernetes since 1.22`;
      findings.push({ verdict: 'refused', subject: 'apiVersion', reason, instead: 'networking.k8s.io/v1' });
    } else findings.push(...checkSettings(object, installation));
    checked.push(checkedObject(object, findings));
  }
  const problems = [...certificates].sort().flatMap((id) => translateCertificate(view, id).problems);
  return {
    verdict: worst(withProblems(checked, problems)),
    objects: withProblems(checked, problems).toSorted(byTitle),
    missing: [...missing, ...absentOf(problems)].toSorted(byText),
    ignored: ignored.toSorted(byText),
  };
}

interface IngressFindings {
  readonly findings: readonly Finding[];
  readonly missing: readonly string[];
  readonly certificates: readonly string[];
}

function checkIngress(view: View, ingress: Ingress, { takesUnclassified }: Installation): IngressFindings {
  const { problems, needs } = translateNginxRoutes(view, keyOf(ingress));
  const byKey = new Map<string, Finding>();
  const others: Finding[] = [];
  const missing: string[] = [];
  for (const { reason, message } of problems) {
    const [, key = '', text = ''] = /^metadata\.annotations\[([^\]]+)\]: (.*)$/s.exec(message) ?? [];
    if (key !== '') byKey.set(key, refusedAnnotation(key, text));
    else if (reason === 'RefNotFound') missing.push(message);
    else if (!isAboutUnserved(message)) others.push({ verdict: 'refused', ...fieldOf(message) });
  }
  const ignored = unservedAnnotations(ingress, DIALECT_ANNOTATIONS);
  const findings = Object.keys(ingress.metadata.annotations ?? {})
    .filter((key) => key.startsWith(ANNOTATION_PREFIX_NGINX))
    .sort()
    .map((key): Finding => {
      const found = byKey.get(key);
      if (found !== undefined) return found;
      return ignored.includes(key) ? unservedFinding(key) : servedFinding(key);
    });
  const { ingressClassName } = ingress.spec ?? {};
  const hasClass =
    ingressClassName !== undefined || 'kubernetes.io/ingress.class' in (ingress.metadata.annotations ?? {});
  if (!hasClass && !takesUnclassified) {
    const reason = 'served here without a class; ingress-nginx would not, without --watch-ingress-without-class';
    const instead = 'watchIngressWithoutClass: false of the IngressNginx';
    findings.unshift({ verdict: 'different', subject: 'spec.ingressClassName', reason, instead });
  }
  const certificates = needs.filter(({ kind }) => kind === 'certificate').map(({ id }) => id);
  return { findings: [...findings, ...others], missing, certificates };
}

/** Those are told annotation by annotation. */
function isAboutUnserved(message: string): boolean {
  return message.startsWith('annotations not served by this version');
}

function servedFinding(key: string): Finding {
  const name = key.slice(ANNOTATION_PREFIX_NGINX.length);
  const { differs }: AnnotationType<unknown> = isIngressAnnotation(name)
    ? INGRESS_ANNOTATIONS[name]
    : { read: () => 0 };
  return differs === undefined
    ? { verdict: 'same', subject: name }
    : { verdict: 'different', subject: name, reason: differs };
}

function unservedFinding(key: string): Finding {
  const name = key.slice(ANNOTATION_PREFIX_NGINX.length);
  if (isIngressNginxAnnotation(name)) return refusedAnnotation(key, 'not served by this version, ignored');
  return { verdict: 'same', subject: name, reason: 'unknown, here as in ingress-nginx: has no effect' };
}

function refusedAnnotation(key: string, reason: string): Finding {
  const name = key.slice(ANNOTATION_PREFIX_NGINX.length);
  const instead = alternativeTo(name);
  return {
    verdict: 'refused',
    subject: name,
    reason: instead === undefined ? reason : reason.replace(`; ${instead}`, ''),
    ...(instead === undefined ? {} : { instead }),
  };
}

/** Options of the ConfigMap and flags of the process, as settings of the IngressNginx. */
function checkSettings(object: KubernetesObject, { snapshot, configMap, planes }: Installation): readonly Finding[] {
  const [plane] = planes;
  if (plane === undefined) return [];
  const mistakes = ingressNginxMistakes(snapshot.view('settings'), plane);
  const about = (field: string, subject: string): Finding => {
    const message = mistakes.find((one) => one.startsWith(`${field}: `));
    return message === undefined
      ? { verdict: 'same', subject }
      : { verdict: 'refused', subject, reason: message.slice(field.length + 2) };
  };
  if (object.kind === 'ConfigMap' && nameOf(object) === configMap) {
    const options = Object.keys(plane.spec.controller?.config ?? {}).sort();
    return options.map((name) => about(`spec.controller.config.${name}`, name));
  }
  const flags = controllerFlags(object)?.flags ?? new Map<string, string>();
  return [...flags.keys()]
    .sort()
    .map((name) =>
      isNeedlessFlag(name)
        ? { verdict: 'same', subject: `--${name}` }
        : about(`spec.controller.extraArgs.${name}`, `--${name}`),
    );
}

function isIngress(object: KubernetesObject): object is Ingress {
  return kindOf(object) === 'Ingress';
}

function unstorable(mistake: string): Finding {
  return { verdict: 'refused', ...fieldOf(mistake) };
}

/** `spec.rules[0].host: no host name` -> field and reason. */
function fieldOf(message: string): { readonly subject: string; readonly reason: string } {
  const [, subject = '', reason = ''] = /^([a-z][A-Za-z]*(?:[.[][^\s:]*)?): (.*)$/s.exec(message) ?? [];
  return subject === '' ? { subject: 'spec', reason: message } : { subject, reason };
}

/** Problems of what Ingresses name become findings of those objects. */
function withProblems(checked: readonly CheckedObject[], problems: readonly Problem[]): readonly CheckedObject[] {
  return checked.map((object) => {
    const own = problems.filter(
      ({ object: { kind, key } }) => kind === object.kind && `${key.namespace}/${key.name}` === object.name,
    );
    if (own.length === 0) return object;
    const findings = [
      ...object.findings,
      ...own.map(({ message }): Finding => ({ verdict: 'refused', ...fieldOf(message) })),
    ];
    return { ...object, findings, verdict: worst(findings) };
  });
}

function absentOf(problems: readonly Problem[]): readonly MissingObject[] {
  return problems
    .filter(({ reason }) => reason === 'RefNotFound')
    .map(({ message }) => ({ by: 'spec.tls of Ingresses', what: message }));
}

function checkedObject(object: KubernetesObject, findings: readonly Finding[]): CheckedObject {
  const { kind, metadata } = object;
  const name = metadata.namespace === undefined ? metadata.name : nameOf(object);
  return { kind, name, verdict: worst(findings), findings };
}

function titleOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

const ORDER: readonly Sameness[] = ['same', 'different', 'refused'];

function worst(judged: readonly { readonly verdict: Sameness }[]): Sameness {
  return ORDER.findLast((one) => judged.some(({ verdict }) => verdict === one)) ?? 'same';
}

/** The controller's settings first, then Ingresses, then what they name. */
function byTitle(a: CheckedObject, b: CheckedObject): number {
  const rank = ({ kind }: CheckedObject) =>
    ['Deployment', 'DaemonSet', 'ConfigMap', 'IngressClass', 'Ingress'].indexOf(kind);
  const [left, right] = [rank(a) < 0 ? 9 : rank(a), rank(b) < 0 ? 9 : rank(b)];
  if (left !== right) return left - right;
  return `${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1;
}
