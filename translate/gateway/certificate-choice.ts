import type { CertificateIR } from '@causeway/ir/gateway';
import type { CertificateTranslation } from './certificate.ts';
import type { Problem } from './problem.ts';

/** A certificate that ends within this is told. */
const WARN_MS = 14 * 24 * 3_600_000;
/** Time is looked at again at least this often. */
const RECHECK_MS = 24 * 3_600_000;

/** What is shown to clients for one Secret. */
export interface CertificateChoice {
  /** Present: shown. */
  readonly certificate?: ValidCertificate;
  readonly problems: readonly Problem[];
  /** When the answer may become another one, without any change of the Secret. */
  readonly recheckMs?: number;
}

export interface ValidCertificate {
  readonly fragment: CertificateIR;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * A Secret that becomes unusable does not take away what is shown: the certificate before it stays, until the Secret is mended or
 * deleted. One that is expired or not yet valid is shown only when there is nothing better.
 *
 * @param previous what was shown for this Secret until now
 * @param now milliseconds since 1970
 */
export function chooseCertificate(
  translation: CertificateTranslation,
  previous: ValidCertificate | undefined,
  now: number,
): CertificateChoice {
  const { certificate, problems } = translation;
  if (certificate === undefined) {
    if (translation.missing || previous === undefined) return { problems };
    return { certificate: previous, problems: problems.map(withPreviousShown), recheckMs: RECHECK_MS };
  }
  const doubt = timeProblem(translation.object, certificate, now);
  const stays = doubt?.severe === true && previous !== undefined && isValid(previous, now);
  const told = doubt === undefined ? [] : [stays ? withPreviousShown(doubt.problem) : doubt.problem];
  return {
    certificate: stays ? previous : certificate,
    problems: [...problems, ...told],
    recheckMs: nextChangeMs(certificate, now),
  };
}

function isValid({ notBefore, notAfter }: ValidCertificate, now: number): boolean {
  return notBefore <= now && now < notAfter;
}

function timeProblem(
  object: Problem['object'],
  { notBefore, notAfter }: ValidCertificate,
  now: number,
): { readonly problem: Problem; readonly severe: boolean } | undefined {
  const problem = (message: string, severe: boolean) => ({
    problem: {
      object,
      reason: 'InvalidCertificate',
      message: `data[tls.crt]: ${message}`,
      severity: 'Warning',
    } as const,
    severe,
  });
  if (now < notBefore) return problem(`not valid before ${new Date(notBefore).toISOString()}`, true);
  if (now >= notAfter) return problem(`expired at ${new Date(notAfter).toISOString()}`, true);
  return now >= notAfter - WARN_MS ? problem(`expires at ${new Date(notAfter).toISOString()}`, false) : undefined;
}

function nextChangeMs({ notBefore, notAfter }: ValidCertificate, now: number): number {
  const moments = [notBefore, notAfter - WARN_MS, notAfter].filter((moment) => moment > now);
  return Math.min(RECHECK_MS, ...moments.map((moment) => moment - now));
}

function withPreviousShown(problem: Problem): Problem {
  return { ...problem, message: `${problem.message}; the certificate before it stays in use` };
}
