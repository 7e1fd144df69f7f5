const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date and time of a header (RFC 5322 section 3.3), in UTC: `Tue, 02 Jan 2024 03:04:05 +0000`. */
export function formatRfcDate(at: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${DAYS[at.getUTCDay()] ?? ''}, ${two(at.getUTCDate())} ${MONTHS[at.getUTCMonth()] ?? ''}`;
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return `${day} ${String(at.getUTCFullYear()).padStart(4, '0')} ${time} +0000`;
}
