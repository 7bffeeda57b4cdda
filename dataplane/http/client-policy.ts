/** Policies for certificates of clients, ready to be used. */
import { compileRegex, type Regex } from '#platform';
import { type CompiledIdentity, compileIdentity } from '../policy/certificate-identity.ts';
import type { ClientPolicyRecord } from '../policy/client-certificate.ts';
import { newMark, readTrust, type Trust } from './openssl.ts';

export interface ClientPolicy {
  readonly record: ClientPolicyRecord;
  /** Above 0; equal policies have the same one as long as the worker lives. */
  readonly handle: number;
  /** Undefined: nobody is asked for a certificate. */
  readonly trust: Trust | undefined;
  readonly commonName: Regex | undefined;
  /** Undefined: every good certificate is right. */
  readonly identity: CompiledIdentity | undefined;
  /** Its texts cannot be used: nobody gets through. */
  readonly broken: boolean;
}

/** The handle of the policy by which the client of a connection was asked for its certificate; 0: it was not asked. */
export const askedFor = newMark();

const handles: LuaTable<string, number> = new LuaTable();
let lastHandle = 0;

export function compileClientPolicy(record: ClientPolicyRecord): ClientPolicy {
  const verifies = record.verify !== 'off' && record.verify !== 'closed';
  const trust = verifies ? readTrust(record.caPem ?? '', record.crlPem, record.crlOfLeafAlone === true) : undefined;
  const commonName = record.commonName === undefined ? undefined : compileRegex(record.commonName, false);
  const broken = (verifies && trust === undefined) || (record.commonName !== undefined && commonName === undefined);
  if (broken) ngx.log(ngx.ERR, 'client policy ', record.id, ': its certificates or its expression cannot be read');
  const identity = record.identity === undefined ? undefined : compileIdentity(record.identity);
  return { record, handle: handleOf(record.id), trust, commonName, identity, broken };
}

function handleOf(id: string): number {
  const known = handles.get(id);
  if (known !== undefined) return known;
  lastHandle++;
  handles.set(id, lastHandle);
  return lastHandle;
}
