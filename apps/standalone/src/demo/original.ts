import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../failure.js';
import type { Sample } from './cast.js';

/** The file of a message or key of `test/vectors`, above this file in the sources as in what was built of them. */
export function vectorPath(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'test', 'vectors', name);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder)
      throw new Failure(`test/vectors/${name} is missing: the demo needs a whole checkout.`);
  }
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

const TEXT_CHARS_MAX = 100;
const CRLF = Buffer.from('\r\n');
const ADDED = /^(?:received|x-sealflow-id|x-sealflow-loop)\s*:/i;

/**
 * The names of the fields that were put on top of the original; `undefined` if the rest is not the original. SMTP ends data
 * with a line end: a message without one has it at the end of its copy.
 */
export function fieldsOnTop(arrived: Buffer, original: Buffer): string[] | undefined {
  const sent = original.subarray(-2).equals(CRLF) ? original : Buffer.concat([original, CRLF]);
  const topBytes = arrived.length - sent.length;
  if (topBytes < 0 || !arrived.subarray(topBytes).equals(sent)) return undefined;
  const top = arrived.subarray(0, topBytes).toString('latin1');
  const fields = top.split(/\r\n(?![ \t])/).filter((field) => field !== '');
  return fields.every((field) => ADDED.test(field)) ? fields.map((field) => field.split(':')[0] ?? '') : undefined;
}

/** A line or two of an entity's first text, for people to see. */
export function firstText(entity: Buffer): string {
  const text = entity.toString('utf8');
  const part = text.slice(/(?:^|\n)content-type:\s*text\/plain/i.exec(text)?.index ?? 0);
  const boundary = /boundary="?([^"\r\n;]+)/i.exec(text)?.[1];
  const [body = ''] = part
    .slice(part.indexOf('\r\n\r\n') + 4)
    .split(boundary === undefined ? /$^/ : `\r\n--${boundary}`);
  const sentences = body.split('\r\n').filter(isSentence);
  const start = sentences.slice(0, 2).join(' ').replace(/\s+/g, ' ').trim();
  return start.length > TEXT_CHARS_MAX ? `${start.slice(0, TEXT_CHARS_MAX - 1)}…` : start;
}

/** Four words or more, and neither a field nor a mail address. */
function isSentence(line: string): boolean {
  return /^[^-]/.test(line) && !/[@:]/.test(line.replace(/\S+:\/\//g, '')) && line.trim().split(/\s+/).length >= 4;
}
