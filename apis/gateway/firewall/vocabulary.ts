/**
 * The words of the ModSecurity language that users may write (design D7): what a rule can look at, compare, change and do, as far as
 * it stays within one request. Left out is what runs programs, reads or writes files, asks other hosts, reads the environment, or keeps
 * state beyond the request.
 *
 * Source: ModSecurity v3 Reference Manual.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What rules look at, upper case. Not here: ENV, GEO, PERF_*, FILES_TMPNAMES, FILES_TMP_CONTENT, and the persistent collections. */
export const VARIABLES = words(`
  ARGS ARGS_COMBINED_SIZE ARGS_GET ARGS_GET_NAMES ARGS_NAMES ARGS_POST ARGS_POST_NAMES AUTH_TYPE DURATION
  FILES FILES_COMBINED_SIZE FILES_NAMES FILES_SIZES FULL_REQUEST FULL_REQUEST_LENGTH HIGHEST_SEVERITY INBOUND_DATA_ERROR
  MATCHED_VAR MATCHED_VARS MATCHED_VARS_NAMES MATCHED_VAR_NAME
  MULTIPART_BOUNDARY_QUOTED MULTIPART_BOUNDARY_WHITESPACE MULTIPART_CRLF_LF_LINES MULTIPART_DATA_AFTER MULTIPART_DATA_BEFORE
  MULTIPART_FILENAME MULTIPART_FILE_LIMIT_EXCEEDED MULTIPART_HEADER_FOLDING MULTIPART_INVALID_HEADER_FOLDING
  MULTIPART_INVALID_PART MULTIPART_INVALID_QUOTING MULTIPART_LF_LINE MULTIPART_MISSING_SEMICOLON MULTIPART_NAME
  MULTIPART_PART_HEADERS MULTIPART_SEMICOLON_MISSING MULTIPART_STRICT_ERROR MULTIPART_UNMATCHED_BOUNDARY
  OUTBOUND_DATA_ERROR PATH_INFO QUERY_STRING REMOTE_ADDR REMOTE_HOST REMOTE_PORT REMOTE_USER REQBODY_ERROR REQBODY_ERROR_MSG
  REQBODY_PROCESSOR REQBODY_PROCESSOR_ERROR REQBODY_PROCESSOR_ERROR_MSG REQUEST_BASENAME REQUEST_BODY REQUEST_BODY_LENGTH
  REQUEST_COOKIES REQUEST_COOKIES_NAMES REQUEST_FILENAME REQUEST_HEADERS REQUEST_HEADERS_NAMES REQUEST_LINE REQUEST_METHOD
  REQUEST_PROTOCOL REQUEST_URI REQUEST_URI_RAW RESPONSE_BODY RESPONSE_CONTENT_LENGTH RESPONSE_CONTENT_TYPE RESPONSE_HEADERS
  RESPONSE_HEADERS_NAMES RESPONSE_PROTOCOL RESPONSE_STATUS RULE SERVER_ADDR SERVER_NAME SERVER_PORT STATUS_LINE
  TIME TIME_DAY TIME_EPOCH TIME_HOUR TIME_MIN TIME_MON TIME_SEC TIME_WDAY TIME_YEAR TX UNIQUE_ID URLENCODED_ERROR XML
`);

/** How rules compare, lower case. Not here: those that read files or ask hosts (pmFromFile, rbl, geoLookup, inspectFile, ...). */
export const OPERATORS = words(`
  rx rxglobal pm contains containsword streq strmatch beginswith endswith within eq ge gt le lt ipmatch detectsqli detectxss
  validatebyterange validateurlencoding validateutf8encoding verifycc verifycpf verifyssn verifysvnr nomatch unconditionalmatch
`);

/** Lower case. */
export const TRANSFORMATIONS = words(`
  base64decode base64decodeext base64encode cmdline compresswhitespace cssdecode escapeseqdecode hexdecode hexencode
  htmlentitydecode jsdecode length lowercase md5 none normalisepath normalizepath normalisepathwin normalizepathwin
  parityeven7bit parityodd7bit parityzero7bit removecomments removecommentschar removenulls removewhitespace replacecomments
  replacenulls sha1 sqlhexdecode trim trimleft trimright uppercase urldecode urldecodeuni urlencode utf8tounicode
`);

const NUMBER = /^[0-9]{1,10}$/;
const WORD = /^[A-Za-z0-9_.-]{1,128}$/;
const LABEL = /^[A-Za-z0-9_./:-]{1,256}$/;
const TEXT = /^[^\p{Cc}]{1,2048}$/u;
const NAME_OF_VARIABLE = '!?[A-Za-z_]+(?::[A-Za-z0-9_.*-]+)?';

/** What rules do, lower case, and the form of the value; undefined: the action has none. */
export const ACTIONS: Readonly<Record<string, RegExp | undefined>> = {
  accuracy: NUMBER,
  allow: /^(|request|phase)$/,
  auditlog: undefined,
  block: undefined,
  capture: undefined,
  chain: undefined,
  ctl: new RegExp(
    `^(${[
      'forceRequestBodyVariable=(on|off)',
      'requestBodyAccess=(on|off)',
      'requestBodyProcessor=(urlencoded|json|xml|multipart)',
      'ruleEngine=(on|off|detectiononly)',
      'ruleRemoveById=[0-9]{1,10}(-[0-9]{1,10})?',
      'ruleRemoveByTag=[A-Za-z0-9_./:-]{1,256}',
      `ruleRemoveTargetById=[0-9]{1,10};${NAME_OF_VARIABLE}`,
      `ruleRemoveTargetByTag=[A-Za-z0-9_./:-]{1,256};${NAME_OF_VARIABLE}`,
    ].join('|')})$`,
    'i',
  ),
  deny: undefined,
  drop: undefined,
  id: /^[0-9]{1,10}$/,
  log: undefined,
  logdata: TEXT,
  maturity: NUMBER,
  msg: TEXT,
  multimatch: undefined,
  noauditlog: undefined,
  nolog: undefined,
  pass: undefined,
  phase: /^([1-5]|request|response|logging)$/i,
  redirect: /^[\x21-\x7e]{1,2048}$/,
  rev: WORD,
  setvar: /^(!tx\.[A-Za-z0-9_.-]+|tx\.[A-Za-z0-9_.%{}-]+(=[^\p{Cc}]{0,1024})?)$/iu,
  severity: /^([0-7]|emergency|alert|critical|error|warning|notice|info|debug)$/i,
  skip: NUMBER,
  skipafter: LABEL,
  status: /^[345][0-9][0-9]$/,
  t: WORD,
  tag: TEXT,
  ver: LABEL,
};

export type DirectiveType =
  /** `SecRule VARIABLES OPERATOR [ACTIONS]` */
  | { readonly type: 'rule' }
  /** `NAME ACTIONS` */
  | { readonly type: 'actions'; readonly rule: boolean }
  /** Words, each of a form. */
  | { readonly type: 'words'; readonly words: readonly RegExp[] }
  /** `NAME ID|TAG VARIABLES` */
  | { readonly type: 'targets'; readonly of: RegExp }
  /** Has no effect here: logs and files are not the user's to place. */
  | { readonly type: 'ignored' };

const setting = (...forms: readonly RegExp[]): DirectiveType => ({ type: 'words', words: forms });
const SWITCH = /^(on|off)$/i;
const IDS = /^[0-9]{1,10}(-[0-9]{1,10})?$/;
const IGNORED: DirectiveType = { type: 'ignored' };

/** By name in lower case. */
export const DIRECTIVES: Readonly<Record<string, DirectiveType>> = {
  secrule: { type: 'rule' },
  secaction: { type: 'actions', rule: true },
  secdefaultaction: { type: 'actions', rule: false },
  secmarker: setting(LABEL),
  secruleengine: setting(/^(on|off|detectiononly)$/i),
  secrequestbodyaccess: setting(SWITCH),
  secrequestbodylimit: setting(/^[0-9]{1,9}$/),
  secrequestbodynofileslimit: setting(/^[0-9]{1,9}$/),
  secrequestbodylimitaction: setting(/^(reject|processpartial)$/i),
  secrequestbodyjsondepthlimit: setting(/^[0-9]{1,5}$/),
  secargumentslimit: setting(/^[0-9]{1,6}$/),
  secargumentseparator: setting(/^[&;]$/),
  seccookieformat: setting(/^[01]$/),
  secpcrematchlimit: setting(/^[0-9]{1,6}$/),
  secpcrematchlimitrecursion: setting(/^[0-9]{1,6}$/),
  seccollectiontimeout: setting(/^[0-9]{1,6}$/),
  seccomponentsignature: IGNORED,
  secruleremovebyid: { type: 'words', words: [IDS] },
  secruleremovebytag: setting(LABEL),
  secruleremovebymsg: setting(/^[A-Za-z0-9_./: -]{1,256}$/),
  secruleupdatetargetbyid: { type: 'targets', of: IDS },
  secruleupdatetargetbytag: { type: 'targets', of: LABEL },
  secresponsebodyaccess: IGNORED,
  secresponsebodylimit: IGNORED,
  secresponsebodylimitaction: IGNORED,
  secresponsebodymimetype: IGNORED,
  secresponsebodymimetypesclear: IGNORED,
  secauditengine: IGNORED,
  secauditlog: IGNORED,
  secauditlog2: IGNORED,
  secauditlogdirmode: IGNORED,
  secauditlogfilemode: IGNORED,
  secauditlogformat: IGNORED,
  secauditlogparts: IGNORED,
  secauditlogprefix: IGNORED,
  secauditlogrelevantstatus: IGNORED,
  secauditlogstoragedir: IGNORED,
  secauditlogtype: IGNORED,
  secdatadir: IGNORED,
  secdebuglog: IGNORED,
  secdebugloglevel: IGNORED,
  secserversignature: IGNORED,
  secstatusengine: IGNORED,
  sectmpdir: IGNORED,
  sectmpsaveuploadedfiles: IGNORED,
  secunicodemapfile: IGNORED,
  secuploaddir: IGNORED,
  secuploadfilemode: IGNORED,
  secuploadkeepfiles: IGNORED,
  secwebappid: IGNORED,
};

/** What to write instead of a directive that is refused, by name in lower case. */
export const ALTERNATIVES: Readonly<Record<string, string>> = {
  include: 'use useCoreRules, useRecommend or cmRef',
  includeoptional: 'use useCoreRules, useRecommend or cmRef',
  secremoterules: 'use cmRef',
  secremoterulesfailaction: 'use cmRef',
  secrulescript: 'rules cannot run programs',
  secruleupdateactionbyid: 'remove the rule and write it again',
};
