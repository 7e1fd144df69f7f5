import { attachmentType, knownType } from './attachment-type.js';
import { containerKind } from './content/container-kind.js';
import { isExecutable } from './content/executable.js';
import { noFindings, type Findings } from './content/findings.js';
import type { Looker } from './content/look-into.js';
import { baseName } from './content/member.js';
import { isTextual } from './content/textual.js';
import type { RawAttachment } from './mime/mail-collector.js';
import type { Attachment, AttachmentContents, MailWants } from './parsed-mail.js';
import { smimeKind } from './smime-kind.js';

/** Attachments as rules see them. One after the other: looking into some takes memory. */
export async function describeAll(
  all: readonly RawAttachment[],
  looker: Looker,
  wants: MailWants,
): Promise<readonly Attachment[]> {
  const described: Attachment[] = [];
  for (const one of all) described.push(await describe(one, looker, wants));
  return described;
}

async function describe(raw: RawAttachment, looker: Looker, wants: MailWants): Promise<Attachment> {
  const { part, sample, signedSample, sizeBytes, content } = raw;
  const findings = noFindings();
  if (content !== undefined) await looker.look(part.names, content, findings);
  if (wants.contents && content !== undefined) await judge(raw, findings);
  return {
    names: part.names,
    extensions: extensionsOf(part.names),
    type: await attachmentType(signedSample ?? sample, part.type),
    sizeBytes,
    isInline: part.disposition === 'inline' || (part.disposition === '' && part.hasContentId),
    contents: wants.contents ? contentsOf(findings) : null,
    hashes: findings.hashes,
  };
}

/** What the attachment itself is. */
async function judge(raw: RawAttachment, findings: Findings): Promise<void> {
  const { part, sample, signedSample, content } = raw;
  const start = Buffer.from(signedSample ?? sample);
  if (isExecutable(start, part.names.map(baseName))) findings.isExecutable = true;
  // Of a file within a signature only the first bytes are seen.
  if (signedSample !== undefined && containerKind(start, []) !== undefined) findings.isUnscannable = true;
  if (sample.length === 0 || content?.kind !== undefined || isTextual(start)) return;
  const isSignature = /^application\/(?:x-)?pkcs7-signature$/.test(part.type);
  const isSigned = smimeKind({ part, isRoot: false, attachment: raw }) === 'signed';
  if (isSignature || isSigned || (await knownType(start)) !== undefined) return;
  findings.isUnscannable = true;
}

function contentsOf(findings: Findings): AttachmentContents {
  const { isExecutable, isPasswordProtected, isUnscannable, limitExceeded, memberNames, memberTypes } = findings;
  return {
    isExecutable,
    isPasswordProtected,
    isUnscannable,
    limitExceeded,
    memberNames,
    memberExtensions: extensionsOf(memberNames),
    memberTypes: [...memberTypes],
  };
}

function extensionsOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map(extensionOf).filter((extension) => extension !== ''))];
}

/** What is not seen (white space at the end, format characters such as a turn of direction anywhere) hides no extension. */
function extensionOf(name: string): string {
  const seen = name.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu, '').slice(-200);
  return /\.([^.\s/\\]{1,64})[.\s]*$/.exec(seen)?.[1]?.toLowerCase() ?? '';
}
