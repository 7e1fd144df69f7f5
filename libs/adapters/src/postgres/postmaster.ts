/** Who is told about an organization's mail where `SEALFLOW_POSTMASTER` is not set (RFC 5321 section 4.5.1). */
export function postmasterOf(firstDomain: string | undefined): string {
  return `postmaster@${firstDomain ?? 'localhost'}`;
}
