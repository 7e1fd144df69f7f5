import type { HeaderBlock } from './header/header-block.js';
import type { ParsedMail } from './parsed-mail.js';

/** RFC 2156 `Importance`; where there is none, what programs write beside it. Without any it is normal. */
export function importanceOf(header: HeaderBlock): ParsedMail['importance'] {
  const first = (name: string): string => header.getRaw(name)[0]?.toLowerCase() ?? '';
  const importance = first('Importance');
  if (/^(?:high|low|normal)\b/.test(importance)) return word(importance, /^high/, /^low/);
  const priority = first('X-Priority');
  if (/^[1-5]/.test(priority)) return word(priority, /^[12]/, /^[45]/);
  const microsoft = first('X-MSMail-Priority');
  if (microsoft !== '') return word(microsoft, /^high/, /^low/);
  return word(first('Priority'), /^urgent/, /^non-urgent/);
}

function word(value: string, high: RegExp, low: RegExp): ParsedMail['importance'] {
  if (high.test(value)) return 'high';
  return low.test(value) ? 'low' : 'normal';
}
