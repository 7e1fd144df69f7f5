/** Attributes of HTML whose value is an address that somebody is led to, or that is loaded. */
export const ADDRESS_ATTRIBUTES: ReadonlySet<string> = new Set(
  'href src action formaction background data poster longdesc cite lowsrc dynsrc codebase xlink:href'.split(' '),
);

/** Attributes in whose value addresses stand among other things. */
export const TEXT_ATTRIBUTES: ReadonlySet<string> = new Set(['srcset', 'content', 'style', 'ping']);
