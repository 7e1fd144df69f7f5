import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Sample } from './cast.js';

const VECTORS = new URL('../../../../../test/vectors/', import.meta.url);

/** The file of a message or key of `test/vectors`. */
export function vectorPath(name: string): string {
  return fileURLToPath(new URL(name, VECTORS));
}

/** The message as it is kept on disk. */
export function readSample(sample: Sample): Buffer {
  return readFileSync(vectorPath(`messages/${sample.file}`));
}

/** The message as it counts once it is accepted: every line end CRLF. */
export function canonical(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

/** What must have been sealed of it: the `Content-*` fields in their order and the body, nothing else. */
export function entityOf(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n');
  const header = message.subarray(0, end + 2).toString('latin1');
  const fields = header.split(/\r\n(?![ \t])/).filter((field) => /^content-/i.test(field));
  if (!fields.some((field) => /^content-type\s*:/i.test(field))) fields.push('Content-Type: text/plain');
  const body = message.subarray(end + 4);
  return Buffer.concat([Buffer.from(`${fields.map((field) => `${field}\r\n`).join('')}\r\n`, 'latin1'), body]);
}

const ADDED = /^(?:received|x-sealflow-id|x-sealflow-loop)\s*:/i;

/** The names of the fields that were put on top of the original; `undefined` if the rest is not the original. */
export function fieldsOnTop(arrived: Buffer, original: Buffer): string[] | undefined {
  const topBytes = arrived.length - original.length;
  if (topBytes < 0 || !arrived.subarray(topBytes).equals(original)) return undefined;
  const top = arrived.subarray(0, topBytes).toString('latin1');
  const fields = top.split(/\r\n(?![ \t])/).filter((field) => field !== '');
  return fields.every((field) => ADDED.test(field)) ? fields.map((field) => field.split(':')[0] ?? '') : undefined;
}

/** The first lines of text in an entity, as a person would see them. */
export function firstText(entity: Buffer): string {
  const text = entity.toString('utf8');
  const part = /(?:^|\n)content-type:\s*text\/plain/i.exec(text);
  const body = text.slice(part?.index ?? 0).replace(/^[\s\S]*?\r\n\r\n/, '');
  const lines = body
    .split('\r\n')
    .map((line) => line.replace(/=$/, '').trim())
    .filter((line) => /\p{L}{2}/u.test(line) && !line.startsWith('--'));
  const start = lines.slice(0, 4).join(' ').replace(/\s+/g, ' ');
  return start.length > 100 ? `${start.slice(0, 99)}…` : start;
}
