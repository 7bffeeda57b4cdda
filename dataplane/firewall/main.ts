/** What the nginx.conf of the firewall calls; see ../http/README.md. */
export { endInspection, inspectRequest, inspectResponse, replaceBody } from './inspection.ts';
export { followIndex, initRuleSets } from './rule-sets.ts';
