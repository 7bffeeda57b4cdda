/**
 * Which certificate a TLS port shows for a host name, when several listeners and
 * routes bring one: the listener's, then the one with the bytewise first id; one
 * that does not exist counts for nothing (spec ALB-108).
 *
 * Kept incrementally: a claim that comes or goes costs the same however many
 * routes claim that name.
 */
import type { ServerNameRecord } from '@causeway/dataplane/policy/record';
import type { SniCertificateIR } from '@causeway/ir/gateway';
import { MultiMap } from './multi-map.ts';

export interface NameClaim {
  readonly port: string;
  readonly sni: SniCertificateIR;
}

/** Rank (`0` by a listener, `1` by a route) and certificate id: the bytewise first one wins. */
type Candidate = string;

export class ServerNames {
  /** Record id (`port/host`) -> candidate -> how many claim it. */
  readonly #candidates = new Map<string, Map<Candidate, number>>();
  readonly #claimsOfOwner = new Map<string, readonly (readonly [name: string, Candidate])[]>();
  readonly #namesOfCertificate = new MultiMap();

  /**
   * Replaces what an owner claims.
   *
   * @returns ids of the names to render again
   */
  claim(owner: string, byListener: boolean, claims: readonly NameClaim[]): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const [name, candidate] of this.#claimsOfOwner.get(owner) ?? []) {
      touched.add(name);
      this.#drop(name, candidate);
    }
    const made: [string, Candidate][] = [];
    for (const { port, sni } of claims) {
      const name = `${port}/${sni.host.toLowerCase()}`;
      const candidate = `${byListener ? 0 : 1}${sni.certificate}`;
      made.push([name, candidate]);
      touched.add(name);
      const counts = this.#candidates.get(name) ?? new Map<Candidate, number>();
      this.#candidates.set(name, counts.set(candidate, (counts.get(candidate) ?? 0) + 1));
      this.#namesOfCertificate.add(sni.certificate, name);
    }
    if (made.length === 0) this.#claimsOfOwner.delete(owner);
    else this.#claimsOfOwner.set(owner, made);
    return touched;
  }

  /** Certificates that an owner claims now. */
  certificatesOf(owner: string): string[] {
    return (this.#claimsOfOwner.get(owner) ?? []).map(([, candidate]) => candidate.slice(1));
  }

  namesOf(certificate: string): ReadonlySet<string> {
    return this.#namesOfCertificate.get(certificate);
  }

  certificates(): Iterable<string> {
    return this.#namesOfCertificate.keys();
  }

  names(): Iterable<string> {
    return this.#candidates.keys();
  }

  render(name: string, hasCertificate: (id: string) => boolean): ServerNameRecord | undefined {
    let best: Candidate | undefined;
    for (const candidate of this.#candidates.get(name)?.keys() ?? []) {
      if (hasCertificate(candidate.slice(1)) && (best === undefined || candidate < best)) best = candidate;
    }
    if (best === undefined) return undefined;
    const slash = name.indexOf('/');
    const [port, host] = [name.slice(0, slash), name.slice(slash + 1)];
    return { type: 'serverName', id: name, port, host, certificate: best.slice(1) };
  }

  #drop(name: string, candidate: Candidate): void {
    const counts = this.#candidates.get(name);
    if (counts === undefined) return;
    const left = (counts.get(candidate) ?? 0) - 1;
    if (left > 0) {
      counts.set(candidate, left);
      return;
    }
    counts.delete(candidate);
    if (counts.size === 0) this.#candidates.delete(name);
    const certificate = candidate.slice(1);
    if (!counts.has(`0${certificate}`) && !counts.has(`1${certificate}`)) {
      this.#namesOfCertificate.delete(certificate, name);
    }
  }
}
