/** Bytes that stand in no text: control characters but for tab, line ends, form feed, and the escape of ISO 2022. */
const CONTROLS = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]/;
const UNICODE_MARK = /^(?:\xff\xfe|\xfe\xff|\x00\x00\xfe\xff)/;

/** Whether the first bytes of a file may be those of a text, in any charset. */
export function isTextual(sample: Uint8Array): boolean {
  const text = Buffer.from(sample.buffer, sample.byteOffset, sample.byteLength).toString('latin1');
  return UNICODE_MARK.test(text) || !CONTROLS.test(text);
}
