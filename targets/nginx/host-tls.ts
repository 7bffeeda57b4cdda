/**
 * What is asked of TLS connections by host: certificates of clients, and ciphers. Several routes may say it for one host: of their
 * policies for clients one that verifies wins over one that lets nobody through, that over none, then the bytewise first.
 *
 * Kept incrementally, like {@link ServerNames}: routes that want nothing cost nothing.
 */
import { hash } from 'node:crypto';
import type { ClientPolicyRecord, HostTlsRecord, TlsSettings } from '@causeway/dataplane/policy/client-certificate';
import type { CiphersIR, ClientPolicyIR, HostTlsIR } from '@causeway/ir/gateway';
import { SharedValues } from './shared-values.ts';

export interface HostClaim {
  readonly port: string;
  /** See `hostsOf`. */
  readonly host: string;
  readonly tls: HostTlsIR;
}

/** `port/host`. */
type Name = string;

/** What is wanted, smaller first, and how many want it. */
class Candidates {
  readonly #counts = new Map<Name, Map<string, number>>();

  add(name: Name, candidate: string): void {
    const counts = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, counts.set(candidate, (counts.get(candidate) ?? 0) + 1));
  }

  delete(name: Name, candidate: string): void {
    const counts = this.#counts.get(name);
    const left = (counts?.get(candidate) ?? 0) - 1;
    if (left > 0) counts?.set(candidate, left);
    else if (counts?.delete(candidate) && counts.size === 0) this.#counts.delete(name);
  }

  first(name: Name): string | undefined {
    let first: string | undefined;
    for (const candidate of this.#counts.get(name)?.keys() ?? []) {
      if (first === undefined || candidate < first) first = candidate;
    }
    return first;
  }

  names(): Iterable<Name> {
    return this.#counts.keys();
  }
}

export class HostTls {
  /** By the owners that want them. */
  readonly #policies = new SharedValues<ClientPolicyRecord>();
  /** Rank and id. */
  readonly #ofHost = new Candidates();
  /** JSON of {@link CiphersIR}. */
  readonly #ciphers = new Candidates();
  readonly #claimsOfOwner = new Map<
    string,
    readonly (readonly [Name, client: string | undefined, ciphers: string | undefined])[]
  >();
  readonly #dirtyNames = new Set<Name>();
  readonly #dirtyPolicies = new Set<string>();

  /**
   * Replaces what a route or port wants.
   *
   * @param further policies that its records name beside those of the hosts
   */
  put(owner: string, claims: readonly HostClaim[], further: readonly ClientPolicyIR[]): void {
    const policies = [...claims.flatMap(({ tls }) => tls.client ?? []), ...further].map(renderClientPolicy);
    const { came, went } = this.#policies.use(owner, policies);
    for (const { id } of [...came, ...went]) this.#dirtyPolicies.add(id);
    for (const [name, client, ciphers] of this.#claimsOfOwner.get(owner) ?? []) {
      if (client !== undefined) this.#ofHost.delete(name, client);
      if (ciphers !== undefined) this.#ciphers.delete(name, ciphers);
      this.#dirtyNames.add(name);
    }
    const made = claims.map(({ port, host, tls }) => {
      const name = `${port}/${host}`;
      const client = tls.client && candidateOf(renderClientPolicy(tls.client));
      const ciphers = tls.ciphers && JSON.stringify(tls.ciphers);
      if (client !== undefined) this.#ofHost.add(name, client);
      if (ciphers !== undefined) this.#ciphers.add(name, ciphers);
      this.#dirtyNames.add(name);
      return [name, client, ciphers] as const;
    });
    if (made.length === 0) this.#claimsOfOwner.delete(owner);
    else this.#claimsOfOwner.set(owner, made);
  }

  /** What changed since the last call; without record: it must not be there. */
  *drain(): Generator<
    readonly [type: 'clientPolicy' | 'hostTls', id: string, record: ClientPolicyRecord | HostTlsRecord | undefined]
  > {
    for (const id of this.#dirtyPolicies) yield ['clientPolicy', id, this.#policies.get(id)];
    this.#dirtyPolicies.clear();
    for (const name of this.#dirtyNames) yield ['hostTls', name, this.#render(name)];
    this.#dirtyNames.clear();
  }

  /** Every record. */
  *all(): Generator<ClientPolicyRecord | HostTlsRecord> {
    yield* this.#policies.values();
    for (const name of new Set([...this.#ofHost.names(), ...this.#ciphers.names()])) {
      const record = this.#render(name);
      if (record !== undefined) yield record;
    }
  }

  #render(name: Name): HostTlsRecord | undefined {
    const client = this.#ofHost.first(name);
    const ciphers = this.#ciphers.first(name);
    if (client === undefined && ciphers === undefined) return undefined;
    const slash = name.indexOf('/');
    return {
      type: 'hostTls',
      id: name,
      port: name.slice(0, slash),
      host: name.slice(slash + 1),
      ...(client === undefined ? {} : { policy: client.slice(1) }),
      ...renderCiphers(ciphers === undefined ? undefined : (JSON.parse(ciphers) as CiphersIR)),
    };
  }
}

/** What holds on a port for hosts of which no route says anything else. */
export function renderPortTls(tls: HostTlsIR | undefined): TlsSettings {
  return {
    ...(tls?.client === undefined ? {} : { policy: renderClientPolicy(tls.client).id }),
    ...renderCiphers(tls?.ciphers),
  };
}

function renderCiphers(ciphers: CiphersIR | undefined): TlsSettings {
  return {
    ...(ciphers?.list === undefined ? {} : { ciphers: ciphers.list }),
    ...(ciphers?.preferServer === undefined ? {} : { preferServerCiphers: ciphers.preferServer }),
  };
}

/** Rendered once for each object: routes are rendered again and again. */
const rendered = new WeakMap<ClientPolicyIR, ClientPolicyRecord>();

export function renderClientPolicy(policy: ClientPolicyIR): ClientPolicyRecord {
  const known = rendered.get(policy);
  if (known !== undefined) return known;
  const fields = fieldsOf(policy);
  const id = hash('sha256', JSON.stringify(fields), 'base64url').slice(0, 16);
  const record: ClientPolicyRecord = { type: 'clientPolicy', id, ...fields };
  rendered.set(policy, record);
  return record;
}

function fieldsOf(policy: ClientPolicyIR): Omit<ClientPolicyRecord, 'type' | 'id'> {
  if (policy.verify === 'off' || policy.verify === 'closed') return policy;
  const { verify, inHandshake, caPem, crlPem, crlOfLeafAlone, depth, errorPage, commonName, identity } = policy;
  return {
    verify,
    ...(inHandshake === undefined ? {} : { inHandshake }),
    caPem,
    ...(crlPem === undefined ? {} : { crlPem }),
    ...(crlOfLeafAlone === undefined ? {} : { crlOfLeafAlone }),
    depth,
    ...(errorPage === undefined ? {} : { errorPage }),
    ...(commonName === undefined ? {} : { commonName }),
    ...(identity === undefined ? {} : { identity }),
    ...(policy.passCertificate ? { passCertificate: true } : {}),
  };
}

function candidateOf({ id, verify }: ClientPolicyRecord): string {
  if (verify === 'off') return `2${id}`;
  return `${verify === 'closed' ? 1 : 0}${id}`;
}
