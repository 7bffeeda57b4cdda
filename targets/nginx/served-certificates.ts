/**
 * Which certificates an instance holds, and which of them its ports show for a server name, kept up to date piece by piece.
 * A certificate that no port and no name refers to is not held.
 */
import type { CertificateRecord, ServerNameRecord } from '@causeway/dataplane/policy/record';
import type { CertificateIR } from '@causeway/ir/gateway';
import { renderCertificate } from './certificate-record.ts';
import { MultiMap } from './multi-map.ts';
import { type NameClaim, ServerNames } from './server-names.ts';

type TlsRecord = CertificateRecord | ServerNameRecord;

export class ServedCertificates {
  readonly #certificate: (id: string) => CertificateIR | undefined;
  readonly #names = new ServerNames();
  readonly #portsOf = new MultiMap();
  readonly #defaultsOfPort = new Map<string, readonly string[]>();
  readonly #dirtyNames = new Set<string>();
  readonly #dirtyCertificates = new Set<string>();

  constructor(certificate: (id: string) => CertificateIR | undefined) {
    this.#certificate = certificate;
  }

  readonly exists = (id: string): boolean => this.#certificate(id) !== undefined;

  /** Replaces what a port or route wants to be shown for names. */
  claim(owner: string, byListener: boolean, claims: readonly NameClaim[]): void {
    for (const { sni } of claims) this.#dirtyCertificates.add(sni.certificate);
    for (const certificate of this.#names.certificatesOf(owner)) this.#dirtyCertificates.add(certificate);
    for (const name of this.#names.claim(owner, byListener, claims)) this.#dirtyNames.add(name);
  }

  /** Replaces what a port shows where no name says anything else. */
  useDefaults(port: string, certificates: readonly string[]): void {
    for (const id of this.#defaultsOfPort.get(port) ?? []) {
      this.#portsOf.delete(id, port);
      this.#dirtyCertificates.add(id);
    }
    for (const id of certificates) {
      this.#portsOf.add(id, port);
      this.#dirtyCertificates.add(id);
    }
    if (certificates.length === 0) this.#defaultsOfPort.delete(port);
    else this.#defaultsOfPort.set(port, certificates);
  }

  /**
   * @param cameOrWent it was absent before or is now: ports and names do without a certificate that is not there
   * @returns ports to render again
   */
  changed(id: string, cameOrWent: boolean): ReadonlySet<string> {
    if (this.#isUsed(id)) this.#dirtyCertificates.add(id);
    if (!cameOrWent) return new Set();
    for (const name of this.#names.namesOf(id)) this.#dirtyNames.add(name);
    return this.#portsOf.get(id);
  }

  /** What changed since the last call; without record: it must not be there. */
  *drain(): Generator<readonly [type: TlsRecord['type'], id: string, record: TlsRecord | undefined]> {
    for (const id of this.#dirtyNames) yield ['serverName', id, this.#names.render(id, this.exists)];
    this.#dirtyNames.clear();
    for (const id of this.#dirtyCertificates) yield ['certificate', id, this.#render(id)];
    this.#dirtyCertificates.clear();
  }

  /** Every record. */
  *all(): Generator<TlsRecord> {
    for (const id of this.#names.names()) {
      const record = this.#names.render(id, this.exists);
      if (record !== undefined) yield record;
    }
    for (const id of new Set([...this.#portsOf.keys(), ...this.#names.certificates()])) {
      const record = this.#render(id);
      if (record !== undefined) yield record;
    }
  }

  #render(id: string): CertificateRecord | undefined {
    const certificate = this.#isUsed(id) ? this.#certificate(id) : undefined;
    return certificate && renderCertificate(certificate);
  }

  #isUsed(id: string): boolean {
    return this.#portsOf.has(id) || this.#names.namesOf(id).size > 0;
  }
}
