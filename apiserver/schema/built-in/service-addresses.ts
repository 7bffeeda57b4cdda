import { isIPv6 } from 'node:net';
import { child, duplicate, element, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { addressErrors } from '../ip-address.ts';
import { type JsonObject, jsonEqual, listAt, textAt, textsAt } from '../json.ts';

/*
 * Cluster IPs of a Service and the families they are of. Source: Kubernetes pkg/apis/core/validation,
 * ValidateServiceClusterIPsRelatedFields, validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies.
 */

const ADDRESSES = 'spec.clusterIPs';
const FAMILIES = 'spec.ipFamilies';
const POLICY = 'spec.ipFamilyPolicy';
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

export function isHeadless(spec: JsonObject | undefined): boolean {
  const addresses = textsAt(spec, 'clusterIPs');
  return addresses.length === 1 && addresses[0] === 'None';
}

/** What is wrong with cluster IPs, families and the policy, taken together. */
export function clusterAddressErrors(spec: JsonObject): readonly FieldError[] {
  if (textAt(spec, 'type') === 'ExternalName') return [];
  const addresses = textsAt(spec, 'clusterIPs');
  const errors = [...firstAddressErrors(spec, addresses), ...familyErrors(spec)];
  const invalids = addresses.flatMap((address, index) => {
    if (index > 0 || address !== 'None') return addressErrors(address, element(ADDRESSES, index));
    return addresses.length > 1 ? [invalid(ADDRESSES, [...addresses], "'None' must be the first and only value")] : [];
  });
  errors.push(...invalids);
  if (addresses.length > 2) errors.push(invalid(ADDRESSES, [...addresses], 'may only hold up to 2 values'));
  if (invalids.length > 0) return errors;
  if (addresses.length > 1 && new Set(addresses.map(isIPv6)).size === 1) {
    errors.push(invalid(ADDRESSES, [...addresses], 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return errors;
  const families = textsAt(spec, 'ipFamilies');
  for (const [index, address] of addresses.entries()) {
    const family = families[index];
    if (family === undefined || (family === 'IPv6') === isIPv6(address)) continue;
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(element(ADDRESSES, index), address, detail));
  }
  return errors;
}

function firstAddressErrors(spec: JsonObject, addresses: readonly string[]): FieldError[] {
  const single = textAt(spec, 'clusterIP');
  if (single === '') {
    return addresses.length === 0
      ? []
      : [invalid(ADDRESSES, [...addresses], 'must be empty when `clusterIP` is not specified')];
  }
  if (addresses.length === 0) return [required(ADDRESSES)];
  return addresses[0] === single ? [] : [invalid(ADDRESSES, [...addresses], 'first value must match `clusterIP`')];
}

function familyErrors(spec: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, family] of textsAt(spec, 'ipFamilies').entries()) {
    const path = element(FAMILIES, index);
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(path, family, ['IPv4', 'IPv6']));
    if (seen.has(family)) errors.push(duplicate(path, family));
    seen.add(family);
  }
  const policy = spec['ipFamilyPolicy'];
  if (typeof policy === 'string' && !POLICIES.includes(policy)) errors.push(notSupported(POLICY, policy, POLICIES));
  return errors;
}

/** The first address and the first family are for ever, but for a Service that is or becomes an ExternalName. */
export function addressChangeErrors(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  if (textAt(spec, 'type') === 'ExternalName' || textAt(before, 'type') === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const headless = isHeadless(spec);
  if (!headless || !isHeadless(before)) errors.push(...changedListErrors(spec, before, 'clusterIPs', 'clusterIP'));
  if (!headless && !isHeadless(before)) errors.push(...changedListErrors(spec, before, 'ipFamilies', 'ipFamily'));
  return errors;
}

function changedListErrors(spec: JsonObject, before: JsonObject, key: string, word: string): readonly FieldError[] {
  const [now, then] = [listAt(spec, key), listAt(before, key)];
  const path = element(child('spec', key), 0);
  if (now.length === 0 && then.length > 0) return [invalid(path, [...now], `primary ${word} can not be unset`)];
  const errors: FieldError[] = [];
  const compared = now.length === then.length ? now.length : Math.min(1, then.length);
  for (let index = 0; index < compared; index++) {
    if (jsonEqual(now[index], then[index])) continue;
    const at = key === 'clusterIPs' ? element(child('spec', key), index) : path;
    errors.push(invalid(at, [...now], 'may not change once set'));
  }
  if (now.length === 1 && then.length > 1 && textAt(spec, 'ipFamilyPolicy') !== 'SingleStack') {
    const detail = `must be set to 'SingleStack' when releasing the secondary ${word}`;
    errors.push(invalid(POLICY, spec['ipFamilyPolicy'], detail));
  }
  return errors;
}
