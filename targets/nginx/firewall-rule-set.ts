/** Rule sets of firewalls as files of libmodsecurity. Their texts were read and put together by apis/gateway/firewall. */
import { hash } from 'node:crypto';
import type { FirewallRuleSetIR } from '@causeway/ir/gateway';

/** Equal sets have one id. What it ends in says whether the core rules follow: dataplane/firewall/rule-sets.ts. */
export function ruleSetId({ recommended, rules, core }: FirewallRuleSetIR): string {
  const digest = hash('sha256', JSON.stringify([BASE, recommended ? RECOMMENDED : '', rules])).slice(0, 20);
  return core ? `${digest}-core` : digest;
}

/** All but the core rules. */
export function ruleSetText({ recommended, rules }: FirewallRuleSetIR): string {
  return `${BASE}${recommended ? RECOMMENDED : ''}${rules}`;
}

/**
 * In force unless rules say otherwise: nothing is blocked before somebody switches the engine on, and what one request may cost is
 * bounded. A body that is longer than what is looked at is refused, since the rest could hold anything.
 */
const BASE = `SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecRequestBodyLimit 13107200
SecRequestBodyLimitAction Reject
SecRequestBodyJsonDepthLimit 512
SecArgumentsLimit 1000
SecPcreMatchLimit 10000
SecPcreMatchLimitRecursion 10000
SecResponseBodyAccess Off
SecAuditEngine Off
`;

/**
 * Which bodies are read how, and that those which cannot be read are refused. Numbers as in the file that comes with ModSecurity, so
 * that rules which take them away go on to work.
 */
const RECOMMENDED = `SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application(?:/soap\\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/(?:json|[a-z0-9.-]+[+]json)" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQBODY_ERROR "!@eq 0" "id:200002,phase:2,t:none,log,deny,status:400,msg:'The body cannot be read',severity:2"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" "id:200003,phase:2,t:none,log,deny,status:400,msg:'The multipart body is malformed',severity:2"
SecRule MULTIPART_UNMATCHED_BOUNDARY "@eq 1" "id:200004,phase:2,t:none,log,deny,status:400,msg:'The multipart body may have another boundary',severity:2"
SecRule TX:/^MSC_/ "!@streq 0" "id:200005,phase:2,t:none,log,deny,msg:'A rule gave up'"
SecRule &ARGS "@ge 1000" "id:200007,phase:2,t:none,log,deny,status:400,msg:'More arguments than are looked at',severity:2"
`;
