import type { HeaderField } from '../header/raw-fields.js';
import { AttachmentMeter } from './attachment-meter.js';
import type { ByteSink, TransferDecoder } from './byte-sink.js';
import { EntityWalker, isMessage, type EntityVisitor } from './entity-walker.js';
import type { ParseBudget } from './parse-budget.js';
import type { PartHeader } from './part-header.js';
import { TextCollector } from './text-collector.js';
import { transferDecoder } from './transfer-decoder.js';

/** An attachment before its type has been read from its content. */
export interface RawAttachment {
  readonly part: PartHeader;
  sizeBytes: number;
  /** The first decoded bytes. */
  sample: Uint8Array;
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
export class MailCollector implements EntityVisitor {
  readonly texts: string[] = [];
  readonly attachments: RawAttachment[] = [];
  readonly seen: SeenPart[] = [];
  fields: readonly HeaderField[] | undefined;
  headerSizeBytes = 0;
  #nestedDepth = 0;

  constructor(private readonly budget: ParseBudget) {}

  header(fields: readonly HeaderField[], end: Buffer): void {
    this.fields = fields;
    this.headerSizeBytes = fields.reduce((size, { raw }) => size + raw.length, end.length);
  }

  leaf(given: PartHeader, depth: number): TransferDecoder {
    // A multipart that names no boundary cannot be cut; what stands in it is text.
    const part = given.type.startsWith('multipart/') ? { ...given, encoding: '', names: [] } : given;
    this.#addText(part.strayText);
    const text = this.#textSink(part);
    const isMessageText = /^(?:text\/plain|text\/html|multipart\/.*)$/.test(part.type) && part.names.length === 0;
    if (text !== undefined && (isMessageText || REPORT.test(part.type))) {
      this.#see(part, undefined);
      return transferDecoder(part.encoding, text);
    }
    const attachment = this.#attach(part);
    const inner = isMessage(part.type) ? this.#encodedMessage(depth) : text;
    return transferDecoder(
      part.encoding,
      new AttachmentMeter(this.budget, inner, (sample, sizeBytes) => {
        attachment.sample = sample;
        attachment.sizeBytes = sizeBytes;
      }),
    );
  }

  preamble(part: PartHeader): TransferDecoder & { discard(): void } {
    this.#addText(part.strayText);
    this.#see(part, undefined);
    const collector = new TextCollector({ kind: 'plain', charset: undefined, isDelSp: false }, this.budget, (text) => {
      this.#push(text);
    });
    return collector;
  }

  nested(part: PartHeader): (sizeBytes: number) => void {
    this.#addText(part.strayText);
    const attachment = this.#attach(part);
    this.#nestedDepth += 1;
    return (sizeBytes) => {
      attachment.sizeBytes = sizeBytes;
      this.#nestedDepth -= 1;
    };
  }

  /** A message in base64 or quoted-printable: decoded, and walked by a walker of its own. */
  #encodedMessage(depth: number): ByteSink {
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

  /** Text that people see; an attached text is content of its own. */
  #textSink(part: PartHeader): TextCollector | undefined {
    const isHtml = HTML.test(part.type);
    const isText = isHtml || /^(?:text|multipart)\//.test(part.type) || REPORT.test(part.type);
    if (!isText || part.disposition === 'attachment') return undefined;
    return new TextCollector(
      {
        kind: isHtml ? 'html' : 'plain',
        charset: part.parameters.get('charset'),
        isDelSp: part.parameters.get('delsp')?.toLowerCase() === 'yes',
      },
      this.budget,
      (text) => {
        this.#push(text);
      },
    );
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

  #addText(text: string): void {
    if (text === '') return;
    this.budget.useText(text.length);
    this.#push(text);
  }

  #push(text: string): void {
    if (text !== '') this.texts.push(text);
  }
}
