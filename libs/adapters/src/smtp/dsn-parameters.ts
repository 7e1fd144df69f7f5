import type { Envelope } from '#lib/flow';

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/;
const NOTIFY = /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/;
const ENVID_CHARS_MAX = 100;
const ORCPT_CHARS_MAX = 500;

/** RET and ENVID of RFC 3461 behind MAIL FROM, with a space in front; '' if there is nothing to say. */
export function dsnOfMail({ dsnReturn, envid }: Pick<Envelope, 'dsnReturn' | 'envid'>): string {
  const id = envid === null ? '' : xtext(envid);
  return `${dsnReturn === null ? '' : ` RET=${dsnReturn}`}${id === '' || id.length > ENVID_CHARS_MAX ? '' : ` ENVID=${id}`}`;
}

/** NOTIFY and ORCPT behind RCPT TO, likewise; what does not have their form is left out. */
export function dsnOfRecipient(notify: string | undefined, orcpt: string | undefined): string {
  const [, type, address] = /^([A-Za-z0-9-]{1,40});(.+)$/s.exec(orcpt ?? '') ?? [];
  const original = type === undefined || address === undefined ? '' : `${type};${xtext(address)}`;
  const isFit = original !== '' && original.length <= ORCPT_CHARS_MAX;
  return `${notify !== undefined && NOTIFY.test(notify) ? ` NOTIFY=${notify}` : ''}${isFit ? ` ORCPT=${original}` : ''}`;
}

/** As it came, if it came as xtext; else made so (RFC 3461 section 4). */
function xtext(text: string): string {
  if (XTEXT.test(text)) return text;
  return [...Buffer.from(text)]
    .map((byte) =>
      byte < 0x21 || byte > 0x7e || byte === 0x2b || byte === 0x3d
        ? `+${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}
