import { expect, test } from 'vitest';
import { isPasswordHash, verifyHash } from './verify-hash.ts';

/** Made by htpasswd, openssl passwd and crypt(3). */
const HASHES = [
  { name: 'apr1 of the documentation', hash: '$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1', password: 'bar' },
  {
    name: 'apr1, a long password',
    hash: '$apr1$ab$ZgbyBttfAvWjwKDroS41O1',
    password: 'a much longer password than sixteen bytes',
  },
  { name: 'apr1, no password', hash: '$apr1$x$tMwYqBfQwi3FYAr0aJc8M/', password: '' },
  { name: 'MD5-crypt', hash: '$1$abcdefgh$X4AQOXsoYNpzaat9Hm7iC/', password: 'bar' },
  { name: 'bcrypt 2y', hash: '$2y$05$abcdefghijklmnopqrstuuUq7qXkDOZJ5Q8HA9wCOH0FErWp6q0b6', password: 'bar' },
  {
    name: 'bcrypt 2b, UTF-8',
    hash: '$2b$06$.ABCDEFGHIJKLMNOPQRSTOsFjS9NzTYjxtdsKHHLxuTpLHubPXxzm',
    password: 'pass:wort\u00e4',
  },
  { name: 'SHA-256 crypt', hash: '$5$saltstring$ckecdJS/eSdm0unAeZ/CaKuX1FzfM/3J.RC9FlHSQe.', password: 'bar' },
  {
    name: 'SHA-256 crypt, rounds, long password',
    hash: '$5$rounds=1400$anotherlongsalts$jZiocDg/PTGYtNih.kNmsJOAcnhiU93Bk8C9vIbAa6C',
    password: 'a longer password, of more than sixty-four characters, for the loops of it, yes',
  },
  {
    name: 'SHA-512 crypt',
    hash: '$6$saltstring$88RS2V.D4lbqS2Tyd.vTlUssLIHbUr.cg3ODlcl5Dkii8bUuolsXnckoHcsf7p1EmDfwRtYC34Jz7JU/csQSN1',
    password: 'bar',
  },
  {
    name: 'SHA-512 crypt, rounds',
    hash: '$6$rounds=1001$s$51qxhR8mrb27toVE7p1RXYguRcQeXqyANpcHCrTKsgBsI2LfkkoWHbXGvphoXQWo3umst6LmF/RR5bpkF94oL/',
    password: 'x'.repeat(100),
  },
  { name: 'bcrypt, no password', hash: '$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq', password: '' },
  {
    name: 'SHA-512 crypt, no password',
    hash: '$6$ab$xnh5Qsr2NdbFw1PgdZie7nLON3gv.S.23iQDBqAzkdoXPtDnVSpludXkM5UWybQO3OI7hBj9wHg9Ow6sUWD60/',
    password: '',
  },
  { name: '{SHA}', hash: '{SHA}Ys23Ag/5IOWqZCw9QGaVDdHwH00=', password: 'bar' },
];

test.each(HASHES)('$name', async ({ hash, password }) => {
  expect(await verifyHash(hash, Buffer.from(password))).toBe(true);
  expect(await verifyHash(hash, Buffer.from(`${password}x`))).toBe(false);
  expect(await verifyHash(hash, Buffer.from(''))).toBe(password === '');
});

test('bcrypt looks at 72 bytes', async () => {
  const hash = '$2a$04$abcdefghijklmnopqrstuuwurWIdVVT4m5pTArtqnFNM69nySdHj.';
  expect(await verifyHash(hash, Buffer.from('y'.repeat(80)))).toBe(true);
  expect(await verifyHash(hash, Buffer.from('y'.repeat(72)))).toBe(true);
  expect(await verifyHash(hash, Buffer.from('y'.repeat(71)))).toBe(false);
});

test.each([
  ['plain text', 'bar'],
  ['DES', 'rqXexS6ZhobKA'],
  ['a bcrypt that takes a minute', '$2y$20$abcdefghijklmnopqrstuuWpY6n0vpZP8CUFBqvx6f1yqhAPhgDlC'],
  ['too many rounds', `$6$rounds=900000000$salt$${'a'.repeat(86)}`],
  ['nothing', ''],
])('%s is no hash', async (_, hash) => {
  expect(isPasswordHash(hash)).toBe(false);
  expect(await verifyHash(hash, Buffer.from(hash))).toBe(false);
});
