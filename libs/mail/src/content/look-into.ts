import { attachmentType } from '../attachment-type.js';
import { isEncryptedCompound } from './compound-file.js';
import { containerKind, type ContainerKind } from './container-kind.js';
import { isExecutable } from './executable.js';
import { FileContent, type ContentWants } from './file-content.js';
import type { Findings } from './findings.js';
import type { HeldBytes } from './held-bytes.js';
import type { LookBudget } from './look-budget.js';
import { baseName, type ListedMember, type ReadableMember } from './member.js';
import { isEncryptedPdf } from './pdf-encryption.js';
import { rarMembers } from './rar-members.js';
import { isEncryptedSevenZip } from './seven-zip.js';
import { tarMembers } from './tar-members.js';
import { isTextual } from './textual.js';
import { sampleOf, unpackInto, unpackSmall } from './unpack.js';
import { zipMembers, ZipUnreadable } from './zip-members.js';

/** Documents that are zip archives: what lies in them are parts of them, not files that people open. */
const DOCUMENT =
  /\.(?:doc[xm]|dot[xm]|xls[xmb]|xlt[xm]|xlam|ppt[xm]|pps[xm]|pot[xm]|ppam|vsd[xm]|vss[xm]|od[tspgf]|ot[tsp]|epub|pages|numbers|key)[.\s]*$/i;
const DOCUMENT_PART = /^(?:\[content_types\]\.xml|mimetype|meta-inf\/manifest\.xml|index\.zip|index\/document\.iwa)$/i;
/** ODF says there what is encrypted (ODF 1.3 part 2, 3.4.1); iWork has a file for it. */
const MANIFEST = 'META-INF/manifest.xml';
const ENCRYPTED_PART = /^(?:encrypted-package|\.iwpv2)$/;
/** Packed; the first file that is encrypted stands in the beginning. */
const MANIFEST_BYTES = 8 * 1024;
const ARCHIVES: readonly (ContainerKind | undefined)[] = ['zip', 'tar', 'gzip', 'rar', '7z'];

/** A file in which others lie. */
interface Container {
  readonly names: readonly string[];
  readonly bytes: HeldBytes;
  /** Of the files in it: 1 in an attachment. */
  readonly depth: number;
  /** What lies in it are parts of a document. */
  readonly isDocument: boolean;
}

/** Looks into the attachments of one message, each with all that lies in it, within one budget. */
export class Looker {
  constructor(
    private readonly budget: LookBudget,
    private readonly wants: ContentWants,
  ) {}

  /** Adds to `findings` what lies in a file whose content has ended, and lets go of its bytes. */
  async look(names: readonly string[], content: FileContent, findings: Findings, depth = 0): Promise<void> {
    if (content.sha256 !== undefined) findings.hashes.push(content.sha256);
    if (content.isCut) findings.limitExceeded = true;
    if (this.wants.contents && content.kind === 'closed') findings.isUnscannable = true;
    if (content.held !== undefined && content.kind !== undefined) {
      const container = { names, bytes: content.held, depth: depth + 1, isDocument: false };
      await this.#open(content.kind, container, findings);
    }
    content.release();
  }

  async #open(kind: ContainerKind, container: Container, findings: Findings): Promise<void> {
    const { bytes, names } = container;
    switch (kind) {
      case 'zip':
        await this.#openZip(container, findings);
        break;
      case 'tar':
        await this.#openTar(container, findings);
        break;
      case 'gzip': {
        const name = (names[0] ?? '').replace(/\.t[ag]z$/i, '.tar').replace(/\.g?z(?:ip)?$/i, '');
        const member = { name, isEncrypted: false, bytes, start: 0, end: bytes.length, method: 'gzip' } as const;
        if (this.#list(member, container, findings)) await this.#member(member, container, findings);
        break;
      }
      case 'rar':
        // What lies in it is named, and not opened.
        findings.isUnscannable = true;
        for (const member of rarMembers(bytes)) if (!this.#list(member, container, findings)) break;
        break;
      case '7z':
        findings.isUnscannable = true;
        if (isEncryptedSevenZip(bytes)) findings.isPasswordProtected = true;
        break;
      case 'compound':
        if (isEncryptedCompound(bytes)) close(findings);
        break;
      case 'pdf':
        if (isEncryptedPdf(bytes)) close(findings);
        break;
      case 'closed':
        break;
    }
  }

  async #openZip(container: Container, findings: Findings): Promise<void> {
    const members: ReadableMember[] = [];
    try {
      for await (const member of zipMembers(container.bytes)) {
        if (!this.#count(findings)) break;
        members.push(member);
      }
    } catch (error) {
      if (!(error instanceof ZipUnreadable)) throw error;
      findings.isUnscannable = true;
      if (error.isEncrypted) findings.isPasswordProtected = true;
    }
    const { names } = container;
    const isNamed = names.length > 0 && names.every((name) => DOCUMENT.test(name));
    const isDocument = isNamed && members.some(({ name }) => DOCUMENT_PART.test(name));
    const inner = { ...container, isDocument };
    for (const member of members) this.#name(member, inner, findings);
    if (isDocument && isEncryptedDocument(members)) close(findings);
    for (const member of members) if (!(await this.#member(member, inner, findings))) break;
  }

  async #openTar(container: Container, findings: Findings): Promise<void> {
    const members = tarMembers(container.bytes);
    for (let next = members.next(); ; next = members.next()) {
      if (next.done === true) {
        if (!next.value) findings.isUnscannable = true;
        return;
      }
      if (!this.#list(next.value, container, findings)) return;
      if (!(await this.#member(next.value, container, findings))) return;
    }
  }

  #list(member: ListedMember, container: Container, findings: Findings): boolean {
    if (!this.#count(findings)) return false;
    this.#name(member, container, findings);
    return true;
  }

  #count(findings: Findings): boolean {
    if (this.budget.tryMember()) return true;
    findings.limitExceeded = true;
    return false;
  }

  /** What is known of a file within an archive before it is opened. */
  #name({ name, isEncrypted }: ListedMember, { isDocument }: Container, findings: Findings): void {
    if (isEncrypted) close(findings);
    const base = baseName(name);
    if (isDocument || base === '') return;
    findings.memberNames.push(base);
    if (isExecutable(NO_BYTES, [base])) findings.isExecutable = true;
  }

  /** Looks into one file of an archive; `false` once nothing more may be unpacked. */
  async #member(member: ReadableMember, container: Container, findings: Findings): Promise<boolean> {
    if (member.isEncrypted || member.method === 'other') {
      findings.isUnscannable = true;
      return true;
    }
    if (this.budget.inflatableSizeBytes <= 0) {
      findings.limitExceeded = true;
      return false;
    }
    const name = baseName(member.name);
    const sample = member.method === 'gzip' || this.wants.hashes ? undefined : sampleOf(member, this.budget);
    if (sample === undefined || containerKind(sample, [name]) !== undefined) {
      return await this.#unpack(member, name, container, findings);
    }
    if (sample.length === 0 && member.end > member.start + EMPTY_BYTES_MAX) findings.isUnscannable = true;
    await judge(sample, container.isDocument, findings);
    return true;
  }

  async #unpack(member: ReadableMember, name: string, container: Container, findings: Findings): Promise<boolean> {
    const { depth, isDocument } = container;
    const isTooDeep = depth > this.budget.limits.archiveDepthMax;
    const names = name === '' ? [] : [name];
    const content = new FileContent(names, this.budget, { ...this.wants, contents: this.wants.contents && !isTooDeep });
    const unpacked = await unpackInto(content, member, this.budget);
    content.end();
    await judge(content.sample, isDocument, findings);
    if (unpacked === 'damaged') findings.isUnscannable = true;
    if (unpacked === 'limit' || (isTooDeep && ARCHIVES.includes(content.kind))) findings.limitExceeded = true;
    if (unpacked === 'limit') content.release();
    else await this.look(names, content, findings, depth);
    return unpacked !== 'limit';
  }
}

const NO_BYTES = Buffer.alloc(0);
/** Packed, nothing takes so much. */
const EMPTY_BYTES_MAX = 16;

/** What the first bytes of a file within an archive, or of a part of a document, tell of it. */
async function judge(sample: Buffer, isPart: boolean, findings: Findings): Promise<void> {
  if (isExecutable(sample, [])) findings.isExecutable = true;
  if (isPart) return;
  const type = await attachmentType(sample, '');
  if (type !== '') findings.memberTypes.add(type);
  else if (!isTextual(sample) && containerKind(sample, []) === undefined) findings.isUnscannable = true;
}

/** What is encrypted cannot be looked into. */
function close(findings: Findings): void {
  findings.isPasswordProtected = true;
  findings.isUnscannable = true;
}

function isEncryptedDocument(members: readonly ReadableMember[]): boolean {
  if (members.some(({ name }) => ENCRYPTED_PART.test(name))) return true;
  const manifest = members.find(({ name, method }) => name === MANIFEST && method !== 'other');
  return manifest !== undefined && unpackSmall(manifest, MANIFEST_BYTES)?.includes('encryption-data') === true;
}
