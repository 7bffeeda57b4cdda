/** What the process knows of layer 4: ports, TLS names with the certificates for them, and the groups they forward to. Everything else of the stream of records is skipped. */
import { PassthroughIndex } from '../policy/passthrough.ts';
import type {
  CertificateRecord,
  DataplaneRecord,
  GroupHop,
  GroupRecord,
  PassthroughRecord,
  Peer,
  StreamLine,
  StreamPortRecord,
} from '../policy/record.ts';
import { newPeerGroup, type PeerGroup } from './peer-choice.ts';

/** An endpoint, and how it is spoken to. */
export interface Hop extends GroupHop {
  readonly peer: Peer;
}

export class StreamState {
  /** Of the last committed transaction, 0 before the first. */
  version = 0;
  #ports = new Map<string, StreamPortRecord>();
  #groups = new Map<string, PeerGroup>();
  #hops = new Map<string, Hop>();
  #passthrough = new PassthroughIndex();
  #certificates = new Map<string, CertificateRecord>();
  #open: { readonly full: boolean; readonly lines: Change[] } | undefined;

  /** The settings of a port, `undefined` when nothing is known of it. */
  port(id: string): StreamPortRecord | undefined {
    return this.#ports.get(id);
  }

  /** What passes a TLS connection of a port on, `undefined`: nobody does. */
  passthrough(port: number, serverName: string): PassthroughRecord | undefined {
    return this.#passthrough.find(String(port), serverName);
  }

  certificate(id: string): CertificateRecord | undefined {
    return this.#certificates.get(id);
  }

  group(id: string | undefined): PeerGroup | undefined {
    return id === undefined ? undefined : this.#groups.get(id);
  }

  /** The endpoint that nginx asks for by this server name. */
  hop(serverName: string): Hop | undefined {
    return this.#hops.get(serverName);
  }

  /**
   * @returns the version of a transaction that this line completed
   * @throws RangeError a line that makes no sense where it stands
   */
  take(line: StreamLine): number | undefined {
    switch (line.op) {
      case 'begin':
        this.#open = { full: line.full, lines: [] };
        return undefined;
      case 'put':
        if (isOurs(line.record)) this.#opened().lines.push(line.record);
        return undefined;
      case 'delete':
        this.#opened().lines.push(line);
        return undefined;
      case 'commit':
        this.#apply(this.#opened());
        this.#open = undefined;
        this.version = line.version;
        return line.version;
    }
  }

  #opened(): { readonly full: boolean; readonly lines: Change[] } {
    if (this.#open === undefined) throw new RangeError('a record outside of a transaction');
    return this.#open;
  }

  #apply({ full, lines }: { readonly full: boolean; readonly lines: readonly Change[] }): void {
    if (full) {
      this.#ports = new Map();
      this.#groups = new Map();
      this.#hops = new Map();
      this.#passthrough = new PassthroughIndex();
      this.#certificates = new Map();
    }
    for (const line of lines) {
      if ('op' in line) {
        if (line.type === 'streamPort') this.#ports.delete(line.id);
        if (line.type === 'group') this.#putGroup(line.id, undefined);
        if (line.type === 'passthrough') this.#passthrough.delete(line.id);
        if (line.type === 'certificate') this.#certificates.delete(line.id);
      } else if (line.type === 'streamPort') this.#ports.set(line.id, line);
      else if (line.type === 'passthrough') this.#passthrough.put(line);
      else if (line.type === 'certificate') this.#certificates.set(line.id, line);
      else this.#putGroup(line.id, line);
    }
  }

  #putGroup(id: string, record: GroupRecord | undefined): void {
    for (const { hop } of this.#groups.get(id)?.ring.peers ?? []) if (hop !== undefined) this.#hops.delete(hop);
    if (record === undefined) this.#groups.delete(id);
    else this.#groups.set(id, newPeerGroup(record));
    const { hop: way, peers = [] } = record ?? {};
    if (way === undefined) return;
    for (const peer of peers) if (peer.hop !== undefined) this.#hops.set(peer.hop, { ...way, peer });
  }
}

type OurRecord = StreamPortRecord | PassthroughRecord | CertificateRecord | GroupRecord;

const OUR_TYPES: ReadonlySet<string> = new Set<OurRecord['type']>([
  'streamPort',
  'passthrough',
  'certificate',
  'group',
]);
type Change = OurRecord | Extract<StreamLine, { op: 'delete' }>;

function isOurs(record: DataplaneRecord): record is OurRecord {
  return OUR_TYPES.has(record.type);
}
