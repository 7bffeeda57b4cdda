/**
 * OpenSSL cipher lists, as far as users may write them: words that are known, of which a suite is left in any case, since nginx
 * refuses its whole configuration otherwise.
 *
 * Source: OpenSSL 3.0, openssl-ciphers(1).
 */

const SUITES = suites();
/** Groups of suites, each with some that nothing of {@link REMOVED} takes away. */
const GROUPS: ReadonlySet<string> = new Set([
  ...['ALL', 'HIGH', 'DEFAULT', 'ECDHE', 'EECDH', 'AESGCM', 'CHACHA20'],
  ...['ECDHE+AESGCM', 'EECDH+AESGCM', 'ECDHE+CHACHA20', 'EECDH+CHACHA20'],
]);
/** What may be taken away, by `!` or `-`. */
const REMOVED: ReadonlySet<string> = new Set([
  ...['aNULL', 'eNULL', 'NULL', 'ADH', 'AECDH', 'EXPORT', 'EXP', 'LOW', 'MEDIUM', 'COMPLEMENTOFDEFAULT'],
  ...['AES', 'MD5', 'SHA', 'SHA1', 'DES', '3DES', 'RC2', 'RC4', 'IDEA', 'SEED', 'CAMELLIA', 'ARIA', 'PSK', 'SRP'],
  ...['DSS', 'aDSS', 'DHE', 'EDH', 'kDHE', 'kRSA', 'kEDH'],
]);
/** Without AES nothing is left of these. */
const ONLY_AES: ReadonlySet<string> = new Set(['AESGCM', 'ECDHE+AESGCM', 'EECDH+AESGCM']);
/** Each of them alone is a list. */
export const CIPHER_WORDS: readonly string[] = [...SUITES, ...GROUPS];
/** How the list is used. */
const COMMANDS: ReadonlySet<string> = new Set(['@STRENGTH', '@SECLEVEL=0', '@SECLEVEL=1', '@SECLEVEL=2']);
const MAX_LENGTH = 2048;

/** @returns what the list must be; undefined when nginx will take it */
export function cipherListMistake(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `must be an OpenSSL cipher list of at most ${MAX_LENGTH} characters`;
  let lasting = false;
  let any = false;
  let removes = false;
  const words = text.split(/[:, ]+/);
  const withoutAes = words.some((word) => /^[!-]AES$/.test(word));
  for (const word of words) {
    if (GROUPS.has(word) || isLasting(word)) lasting ||= !withoutAes || !isOnlyAes(word);
    else if (SUITES.has(word)) any = true;
    else if (/^[!-]/.test(word) && REMOVED.has(word.slice(1))) removes = true;
    else if (!COMMANDS.has(word)) return `must be an OpenSSL cipher list: ${JSON.stringify(word)} is not known`;
  }
  if (lasting || (any && !removes)) return undefined;
  return 'must be an OpenSSL cipher list with a suite like ECDHE-RSA-AES128-GCM-SHA256, or a group like HIGH';
}

function isLasting(word: string): boolean {
  return SUITES.has(word) && /^ECDHE-.*(GCM|CHACHA20)/.test(word);
}

function isOnlyAes(word: string): boolean {
  return ONLY_AES.has(word) || /-AES/.test(word);
}

/** Those of TLS 1.2 and before with a certificate and encryption. */
function suites(): ReadonlySet<string> {
  const exchanges = ['ECDHE-ECDSA-', 'ECDHE-RSA-', 'DHE-RSA-', ''];
  const names: string[] = [];
  for (const exchange of exchanges) {
    for (const bits of ['128', '256']) {
      const hash = bits === '128' ? 'SHA256' : 'SHA384';
      names.push(`${exchange}AES${bits}-GCM-${hash}`, `${exchange}AES${bits}-SHA`);
      names.push(`${exchange}AES${bits}-${exchange.startsWith('ECDHE') ? hash : 'SHA256'}`);
      if (exchange !== 'ECDHE-RSA-') names.push(`${exchange}AES${bits}-CCM`, `${exchange}AES${bits}-CCM8`);
    }
    if (exchange !== '') names.push(`${exchange}CHACHA20-POLY1305`);
  }
  return new Set(names);
}
