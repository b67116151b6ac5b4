import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps what is in Redis from whoever reads Redis. */
export type Seal = {
  /** @param place what it is kept under: elsewhere it does not open */
  seal(text: string, place: string): string;
  /** @returns null: none of the keys opens it there */
  open(sealed: string, place: string): string | null;
  /** Whether it was sealed under the first of the keys. */
  isNewest(sealed: string): boolean;
};

/** The form; another one is of another version, and does not open. */
const version = 's1';
const nonceBytes = 12;
const tagBytes = 16;

type Key = { readonly id: string; readonly bytes: Buffer };

const derived = (secret: string, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `modelarts-gateway ${purpose}`, length));

/**
 * AES-256-GCM under a key derived from each secret (HKDF), with an id of the key in front: `s1.<key id>.<nonce, text, tag>`.
 * @param secrets the first seals, all open
 */
export function createSeal(secrets: readonly [string, ...string[]]): Seal {
  const keyOf = (secret: string): Key => ({
    id: derived(secret, 'state key id', 6).toString('base64url'),
    bytes: derived(secret, 'state', 32),
  });
  const [first, ...others] = secrets;
  const newest = keyOf(first);
  const keys = [newest, ...others.map(keyOf)];
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', newest.bytes, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${version}.${newest.id}.${sealed.toString('base64url')}`;
    },
    open(text, place) {
      const [form, id, body = ''] = text.split('.');
      const key = keys.find((known) => known.id === id);
      const sealed = Buffer.from(body, 'base64url');
      if (form !== version || key === undefined || sealed.length < nonceBytes + tagBytes) return null;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        })
          .setAAD(Buffer.from(place))
          .setAuthTag(sealed.subarray(-tagBytes));
        const opened = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
        return Buffer.concat([opened, decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
    isNewest: (sealed) => sealed.startsWith(`${version}.${newest.id}.`),
  };
}
