/** A key that only this nginx knows, the same in all of its workers: what is remembered of passwords is no use elsewhere. */
let key = '';

/** To be called before the workers are made. */
export function makeSecretKey(): void {
  const [file] = io.open('/dev/urandom', 'rb');
  const bytes = file === undefined ? undefined : file.read(32);
  if (file !== undefined) file.close();
  if (bytes === undefined) error('no random numbers: /dev/urandom cannot be read');
  key = bytes;
}

/** A name for `text` from which nobody can get back to it. */
export function sealed(text: string): string {
  return ngx.hmac_sha1(key, text);
}
