import { fileTypeFromBuffer } from 'file-type';

/** Containers that many types are kept in: there the declared type says more, if it is one that is kept so. */
const CONTAINERS: Readonly<Record<string, RegExp>> = {
  'application/zip':
    /^application\/(?:vnd\.(?:openxmlformats-officedocument\.|oasis\.opendocument\.|ms-[\w.-]+\.12$|google-earth\.kmz$|android\.package-archive$)|epub\+zip$|java-archive$|x-zip)/,
  'application/x-cfb': /^application\/(?:msword|x-msi|vnd\.(?:ms-|visio|openxmlformats-officedocument\.))/,
  'application/xml': /^(?:text\/xml|[\w.-]+\/[\w.-]+\+xml)$/,
};

/**
 * The media type of an attachment from its first bytes, else the declared one, in lower case. What a file says of itself
 * by its content counts before what the message says of it. Never throws.
 */
export async function attachmentType(sample: Uint8Array, declared: string): Promise<string> {
  const type = await knownType(sample);
  if (type === undefined) return declared;
  return CONTAINERS[type]?.test(declared) === true ? declared : type;
}

/** The media type that the first bytes of a file tell; `undefined` where they tell none. Never throws. */
export async function knownType(sample: Uint8Array): Promise<string | undefined> {
  const found = sample.length < 2 ? undefined : await fileTypeFromBuffer(sample).catch(() => undefined);
  return found?.mime.toLowerCase().replace(/;.*$/, '');
}
