const SHOWN_MAX = 10;

/**
 * What to tell people who start with `SEALFLOW_ORG_DOMAINS` and find other domains stored; `undefined` where both are the
 * same, in whatever order, or none is given.
 */
export function domainsNotice(given: readonly string[], stored: readonly string[]): string | undefined {
  const isSame = given.every((domain) => stored.includes(domain)) && stored.every((domain) => given.includes(domain));
  if (given.length === 0 || isSame) return undefined;
  const shown = stored.slice(0, SHOWN_MAX).join(', ') + (stored.length > SHOWN_MAX ? ', …' : '');
  return (
    `SEALFLOW_ORG_DOMAINS is passed over: it counts only until the first organization has domains, and these are stored: ` +
    `${shown}. They cannot be changed yet; that comes with the settings over REST.`
  );
}
