import { registerDecorator, type ValidationOptions } from 'class-validator';
import { isIP } from 'node:net';
import { normalizeAddress, normalizeDomain, Secret } from '#lib/core';
import { parseRelayUrl } from '../smtp/relay-url.js';

function constraint(name: string, message: string, holds: (value: unknown) => boolean) {
  return (options?: ValidationOptions): PropertyDecorator =>
    (target, property) => {
      registerDecorator({
        name,
        target: target.constructor,
        propertyName: String(property),
        options: { message, ...options },
        validator: { validate: holds },
      });
    };
}

const protocolOf = (text: string): string | undefined => {
  try {
    return new URL(text).protocol;
  } catch {
    return undefined;
  }
};
const revealed = (value: unknown): string => (value instanceof Secret ? String(value.reveal()) : String(value));

/** A URL with one of the schemes; secrets are looked into, never printed. */
export function IsUrlOf(...schemes: readonly string[]): PropertyDecorator {
  const names = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return constraint('isUrlOf', `must be a URL that begins with ${names}`, (value) =>
    schemes.some((scheme) => protocolOf(revealed(value)) === `${scheme}:`),
  )();
}

/** What `parseRelayUrl` takes. */
export const IsRelayUrl = constraint(
  'isRelayUrl',
  'must be smtp://host:port or smtps://host:port, with user:password@ if wanted (special characters percent-encoded), and ?tls=none|opportunistic|required|verified',
  (value) => {
    try {
      return value instanceof Secret && parseRelayUrl(value as Secret).host !== '';
    } catch {
      return false;
    }
  },
);

/** `file:` with an absolute or relative path behind it. */
export const IsFileUrl = constraint(
  'isFileUrl',
  'must be file: and a folder, such as file:/var/lib/sealflow',
  (value) => /^file:.+/.test(revealed(value)),
);

export const IsPort = constraint(
  'isPort',
  'must be a port, 0 to 65535',
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65535,
);

export const IsNetworkList = constraint('isNetworkList', 'must be networks such as 10.0.0.0/8,::1/128', (value) =>
  (value as string[]).every((item) => {
    const [address = '', bits = ''] = item.split('/');
    const family = isIP(address);
    return (
      family !== 0 && (!item.includes('/') || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
    );
  }),
);

export const IsDomainList = constraint('isDomainList', 'must be domains such as example.org,clinic.example', (value) =>
  (value as string[]).every((item) => normalizeDomain(item) !== undefined),
);

export const IsMailAddress = constraint(
  'isMailAddress',
  'must be a mail address',
  (value) => normalizeAddress(String(value)) !== undefined,
);

export const IsApiKeyText = constraint('isApiKeyText', 'must be 32 or more printable characters', (value) =>
  /^[\x21-\x7e]{32,512}$/.test(revealed(value)),
);
