import type { PartHeader } from './part-header.js';

/** Whether a part says that it is S/MIME (RFC 8551 section 3.2). */
export function isSmimeDeclared({ type }: PartHeader): boolean {
  return /^application\/(?:x-)?pkcs7-mime$/.test(type);
}

/** Whether a part is called like a signed message, or not at all, rather than like a file that was signed. */
export function isMessageNamed({ names }: PartHeader): boolean {
  return names.every((name) => /^smime\.p7[mz]$/i.test(name));
}

/** Whether a part may be S/MIME: one that says so, or a file that is called `*.p7m`, which programs open as such. */
export function isSmimeCandidate(part: PartHeader): boolean {
  const isNamed = (): boolean => part.names.some((name) => /\.p7m$/i.test(name));
  return isSmimeDeclared(part) || (part.type.startsWith('application/') && isNamed());
}
