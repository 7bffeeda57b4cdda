/** Tests of conditions in CEL that must fail, by name: a part of how. What they want refused is refused in other words. */
export const CEL_DIFFERENCES: Readonly<Record<string, string>> = {
  // Networks are refused by another pattern.
  'TestClientTrafficPolicyTarget/clientIPDetection_invalid_trustedCIDRs':
    'spec.clientIPDetection.xForwardedFor.trustedCIDRs[0] in body should match',
  // Nothing of other rules, which are looked at all the same.
  'TestBackendTrafficPolicyTarget/invalid_connectionBufferLimitBytes_format':
    'spec.connection.bufferLimit in body should match',
  'TestClientTrafficPolicyTarget/invalid_bufferLimit_format': 'spec.connection.bufferLimit in body should match',
  // sourceCIDRs alone are enough (GW-39).
  'TestSecurityPolicyTarget/authorization-missing_principal':
    'at least one of clientCIDRs, sourceCIDRs, jwt, or headers must be specified',
  // Our condition tells what is wrong, theirs fails while it is evaluated.
  'TestSecurityPolicyTarget/jwt_with_recomputeRoute': 'claimToHeaders must be specified if recomputeRoute is enabled',
};
