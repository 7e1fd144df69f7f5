import { MailError, type MailErrorCode } from '../errors.js';
import type { HeaderField } from '../header/raw-fields.js';
import { FileContent } from '../content/file-content.js';
import type { LookBudget } from '../content/look-budget.js';
import { LinkSet } from '../links/link-set.js';
import { ADDRESS_ATTRIBUTES } from '../links/link-attributes.js';
import type { LinkReceiver } from '../html/html-text.js';
import type { MailWants } from '../parsed-mail.js';
import { AttachmentMeter } from './attachment-meter.js';
import type { ByteSink, TransferDecoder } from './byte-sink.js';
import { EntityWalker, isMessage, type EntityVisitor } from './entity-walker.js';
import type { ParseBudget } from './parse-budget.js';
import type { PartHeader } from './part-header.js';
import { SignedContent } from './signed-content.js';
import { isMessageNamed, isSmimeCandidate, isSmimeDeclared } from './smime-part.js';
import { TextCollector, type TextOptions, type TextReceiver } from './text-collector.js';
import { transferDecoder } from './transfer-decoder.js';

/** An attachment before its type has been read from its content. */
export interface RawAttachment {
  readonly part: PartHeader;
  sizeBytes: number;
  /** The first decoded bytes. */
  sample: Uint8Array;
  /** Absent of messages that are walked in place: what is in them are attachments of their own. */
  content?: FileContent;
  /** Of a file within a signature, the first bytes. */
  signedSample?: Uint8Array;
}

/** What a part of the message itself says of the message's type; parts of nested messages say nothing of it. */
export interface SeenPart {
  readonly part: PartHeader;
  readonly isRoot: boolean;
  /** The first decoded bytes, of attachments. */
  readonly attachment: RawAttachment | undefined;
}

/** Reports that programs write for programs (RFC 3464, 8098, 5965, 6533): text to read, but no files. */
const REPORT = /^message\/(?:global-)?(?:delivery-status|disposition-notification|feedback-report|tracking-status)$/;
const HTML = /^(?:text\/(?:html|enriched|richtext)|application\/xhtml\+xml)$/;

/** Gathers what {@link EntityWalker} walks by: texts in reading order, attachments, the parts that tell the type. */
export class MailCollector implements EntityVisitor, TextReceiver {
  readonly texts: string[] = [];
  readonly attachments: RawAttachment[] = [];
  readonly seen: SeenPart[] = [];
  /** Why what was read may not be all that recipients see, in the order of the parts. */
  readonly gaps: MailErrorCode[] = [];
  fields: readonly HeaderField[] | undefined;
  headerSizeBytes = 0;
  /** Labels of charsets that text parts say, as they say them. */
  readonly charsets = new Set<string>();
  /** `undefined` where nobody wants them. */
  readonly links: LinkSet | undefined;
  readonly link: LinkReceiver | undefined;
  #nestedDepth = 0;

  constructor(
    private readonly budget: ParseBudget,
    private readonly lookBudget: LookBudget,
    private readonly wants: MailWants,
  ) {
    const links = wants.links ? new LinkSet(budget.limits.linksMax) : undefined;
    this.links = links;
    this.link =
      links === undefined
        ? undefined
        : (attribute, value) => {
            if (ADDRESS_ATTRIBUTES.has(attribute)) links.addAddress(value);
            else links.addText(value);
          };
  }

  header(fields: readonly HeaderField[], end: Buffer): void {
    this.fields = fields;
    this.headerSizeBytes = fields.reduce((size, { raw }) => size + raw.length, end.length);
  }

  leaf(given: PartHeader, depth: number): TransferDecoder {
    // A multipart that names no boundary cannot be cut; what stands in it is text.
    const part = given.type.startsWith('multipart/') ? { ...given, encoding: '', names: [] } : given;
    this.#begin(part);
    if (isMessageText(part)) {
      this.#see(part, undefined);
      const place = this.#nestedDepth === 0 ? 'message' : 'shown';
      return transferDecoder(part.encoding, this.#textSink(part, place), true);
    }
    const attachment = this.#attach(part);
    if (part.type === 'message/partial') this.#miss('ERR_MAIL_PARTIAL');
    const content = new FileContent(part.names, this.lookBudget, this.wants);
    attachment.content = content;
    const meter = new AttachmentMeter(this.budget, this.#inner(attachment, depth), content, (sizeBytes) => {
      attachment.sample = content.sample;
      attachment.sizeBytes = sizeBytes;
    });
    return transferDecoder(part.encoding, meter, isText(part));
  }

  preamble(part: PartHeader): TransferDecoder & { discard(): void } {
    this.#begin(part);
    this.#see(part, undefined);
    return new TextCollector(
      { kind: 'plain', charset: undefined, isDelSp: false, place: 'message' },
      this.budget,
      this,
    );
  }

  nested(part: PartHeader): (sizeBytes: number) => void {
    this.#begin(part);
    const attachment = this.#attach(part);
    this.#nestedDepth += 1;
    return (sizeBytes) => {
      attachment.sizeBytes = sizeBytes;
      this.#nestedDepth -= 1;
    };
  }

  text(text: string): void {
    if (text !== '') this.texts.push(text);
  }

  missed(code: MailErrorCode): void {
    this.#miss(code);
  }

  /** Who reads the content of a file: a message, a signed entity, text. */
  #inner(attachment: RawAttachment, depth: number): ByteSink | undefined {
    const { part } = attachment;
    if (isMessage(part.type)) return this.#encodedEntity(depth);
    if (isText(part)) return this.#textSink(part, isFile(part) ? 'file' : 'shown');
    if (!isSmimeCandidate(part)) return undefined;
    const isDeclared = isSmimeDeclared(part);
    const unreadable = (): void => {
      this.#miss('ERR_MAIL_SIGNED_UNREADABLE');
    };
    return new SignedContent(isDeclared, {
      entity: () => this.#signedEntity(depth),
      file: (head) => {
        attachment.signedSample = head;
        if (isDeclared && isMessageNamed(part)) unreadable();
      },
      unreadable,
    });
  }

  /** What is signed may be anything: where it goes over a limit it is not read, and that is said, rather than an error. */
  #signedEntity(depth: number): ByteSink {
    const { used } = this.budget;
    const [texts, attachments, nestedDepth] = [this.texts.length, this.attachments.length, this.#nestedDepth];
    const entity = this.#encodedEntity(depth);
    let isGivenUp = false;
    const attempt = (action: () => void): void => {
      try {
        if (!isGivenUp) action();
      } catch (error) {
        if (!(error instanceof MailError) || error.code === 'ERR_MAIL_DECODED_TOO_LARGE') throw error;
        isGivenUp = true;
        this.budget.goBackTo(used);
        this.texts.length = texts;
        for (const { content } of this.attachments.splice(attachments)) content?.release();
        this.#nestedDepth = nestedDepth;
        this.#miss('ERR_MAIL_SIGNED_UNREADABLE');
      }
    };
    return {
      get isHungry() {
        return !isGivenUp;
      },
      push: (bytes) => {
        attempt(() => {
          entity.push(bytes);
        });
      },
      skip: () => undefined,
      end: () => {
        attempt(() => {
          entity.end();
        });
      },
    };
  }

  /** An entity or message that had to be decoded or taken out: walked by a walker of its own. */
  #encodedEntity(depth: number): ByteSink {
    const visitor: EntityVisitor = {
      header: () => undefined,
      leaf: (part, at) => this.leaf(part, at),
      preamble: (part) => this.preamble(part),
      nested: (part) => this.nested(part),
    };
    const walker = new EntityWalker(visitor, this.budget, depth + 1);
    this.#nestedDepth += 1;
    return {
      isHungry: true,
      push: (bytes) => {
        walker.push(bytes);
      },
      skip: () => undefined,
      end: () => {
        walker.end();
        this.#nestedDepth -= 1;
      },
    };
  }

  #textSink(part: PartHeader, place: TextOptions['place']): TextCollector {
    const isDelSp = part.parameters.get('delsp')?.toLowerCase() === 'yes';
    const kind = HTML.test(part.type) ? 'html' : 'plain';
    const charset = part.parameters.get('charset');
    if (charset !== undefined) this.charsets.add(charset);
    return new TextCollector({ kind, charset, isDelSp, place }, this.budget, this);
  }

  #begin(part: PartHeader): void {
    if (part.isAmbiguous) this.#miss('ERR_MAIL_AMBIGUOUS');
    if (part.strayText === '') return;
    this.budget.useText(part.strayText.length);
    this.text(part.strayText);
  }

  #miss(code: MailErrorCode): void {
    if (!this.gaps.includes(code)) this.gaps.push(code);
  }

  #attach(part: PartHeader): RawAttachment {
    const attachment: RawAttachment = { part, sizeBytes: 0, sample: new Uint8Array() };
    this.attachments.push(attachment);
    this.#see(part, attachment);
    return attachment;
  }

  #see(part: PartHeader, attachment: RawAttachment | undefined): void {
    if (this.#nestedDepth === 0) this.seen.push({ part, isRoot: this.seen.length === 0, attachment });
  }
}

/** What people see as text, whether it is shown with the message or as a file; a message is none but what stands in it. */
function isText({ type }: PartHeader): boolean {
  return HTML.test(type) || /^(?:text|multipart|message)\//.test(type);
}

/** What programs offer as a file to be saved. */
function isFile({ names, disposition }: PartHeader): boolean {
  return disposition === 'attachment' && names.length > 0;
}

/** Text of the message and no file. */
function isMessageText({ type, names, disposition }: PartHeader): boolean {
  const isShown = /^(?:text\/plain|text\/html|multipart\/.*)$/.test(type) && names.length === 0;
  return disposition !== 'attachment' && (isShown || REPORT.test(type));
}
