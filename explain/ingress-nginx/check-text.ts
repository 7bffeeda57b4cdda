import type { CheckedObject, Finding, ManifestCheck, Sameness } from './check.ts';

/** A paragraph an object: what is not the same, a line each; then what is, in one line. */
export function renderManifestCheck({ objects, missing, ignored }: ManifestCheck): string {
  const paragraphs = objects.map(renderObject);
  if (missing.length > 0) {
    paragraphs.push(['Not among the manifests:', ...missing.map(({ by, what }) => `  ${what} (${by})`)].join('\n'));
  }
  if (ignored.length > 0) {
    paragraphs.push(['Not looked at:', ...ignored.map(({ object, reason }) => `  ${object}: ${reason}`)].join('\n'));
  }
  const count = (wanted: Sameness) => objects.filter(({ verdict }) => verdict === wanted).length;
  paragraphs.push(
    `${objects.length} objects: ${count('same')} same, ${count('different')} different, ${count('refused')} refused`,
  );
  return paragraphs.join('\n\n');
}

function renderObject({ kind, name, verdict, findings }: CheckedObject): string {
  const told = findings.filter(({ reason }) => reason !== undefined);
  const same = findings.filter(({ reason }) => reason === undefined).map(({ subject }) => subject);
  return [
    `${kind} ${name}: ${verdict}`,
    ...told.map(renderFinding),
    ...(same.length === 0 ? [] : [`  same       ${same.join(', ')}`]),
  ].join('\n');
}

function renderFinding({ verdict, subject, reason, instead }: Finding): string {
  const lines = `${reason ?? ''}${instead === undefined ? '' : `\ninstead: ${instead}`}`.split('\n');
  return `  ${verdict.padEnd(10)} ${subject}: ${lines.join('\n             ')}`;
}
