/** The lines of a header, unfolded into fields: each with its line ends, as they stand. */
export function fieldsOf(message: Buffer): string[] {
  const { header } = cut(message);
  const fields: string[] = [];
  for (const line of header.match(/[^\n]*\n/g) ?? []) {
    const last = fields.length - 1;
    if (/^[ \t]/.test(line) && last >= 0) fields[last] = `${fields[last] ?? ''}${line}`;
    else fields.push(line);
  }
  return fields;
}

/** What a sealed message has to hold, by the words of the contract: the `Content-*` fields in their order, and the body. */
export function entityOf(message: Buffer): Buffer {
  const content = fieldsOf(message).filter((field) => /^content-/i.test(field));
  const hasType = content.some((field) => /^content-type[ \t]*:/i.test(field));
  const head = [...content, ...(hasType ? [] : ['Content-Type: text/plain\r\n'])].join('');
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), cut(message).body]);
}

const MBOX_LINE = /^>?From \S+(?:\s+\w+ \w+ +\d+ [\d:]+(?: \w+)? \d{4}(?: [+-]\d{4})?)?\s*$/;

/** Whether lines stand above the first empty line that are no fields; a mailbox separator at the top is none of them. */
export function hasStrayLines(message: Buffer): boolean {
  return fieldsOf(message).some(
    (field, index) => !/^[!-9;-~]+[ \t]*:/.test(field) && !(index === 0 && MBOX_LINE.test(field)),
  );
}

/** Each line end as CRLF. */
export function withCrlf(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

function cut(message: Buffer): { header: string; body: Buffer } {
  // Header and body part at the first empty line, whatever stands above; without one all is header.
  if (message.subarray(0, 2).toString('latin1') === '\r\n') return { header: '', body: message.subarray(2) };
  const at = message.indexOf('\r\n\r\n');
  // SMTP cannot carry a line without an end.
  if (at < 0) return { header: `${message.toString('latin1').replace(/\r\n$/, '')}\r\n`, body: Buffer.alloc(0) };
  return { header: message.subarray(0, at + 2).toString('latin1'), body: message.subarray(at + 4) };
}
