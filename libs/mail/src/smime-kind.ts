import { ENVELOPED_DATA, SIGNED_DATA } from './mime/cms-types.js';
import type { SeenPart } from './mime/mail-collector.js';
import { isSmimeCandidate, isSmimeDeclared } from './mime/smime-part.js';

/** ContentInfo (RFC 5652 section 3) up to its content type, in hex: a SEQUENCE of any length, then an OBJECT IDENTIFIER. */
const CONTENT_INFO = /^30(?:80|[0-7].|81..|82.{4}|83.{6}|84.{8})06(.+)$/;

/**
 * What an S/MIME entity is (RFC 8551 sections 3.2 and 3.9), `undefined` for a part that is none: by the content type in
 * its first bytes, else by `smime-type`, else by what is usual. What is only called `*.p7m` must be one by its content.
 */
export function smimeKind({ part, attachment }: SeenPart): 'encrypted' | 'signed' | 'other' | undefined {
  if (!isSmimeCandidate(part)) return undefined;
  const isDeclared = isSmimeDeclared(part);
  const start = Buffer.from(attachment?.sample.subarray(0, 40) ?? []).toString('hex');
  const oid = CONTENT_INFO.exec(start)?.[1] ?? '';
  if (ENVELOPED_DATA.some((type) => begins(oid, type))) return 'encrypted';
  if (begins(oid, SIGNED_DATA)) return 'signed';
  if (!isDeclared) return undefined;
  const said = (part.parameters.get('smime-type') ?? '').toLowerCase();
  if (said === 'certs-only' || said === 'compressed-data') return 'other';
  return said.startsWith('signed') ? 'signed' : 'encrypted';
}

/** Whether the bytes behind the tag of an OBJECT IDENTIFIER are its length and this type. */
function begins(oid: string, type: string): boolean {
  return oid.startsWith((type.length / 2).toString(16).padStart(2, '0') + type);
}
