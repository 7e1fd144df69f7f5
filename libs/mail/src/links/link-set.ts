/** Schemes with a host that people are led to. */
const WITH_HOST = /^(?:https?|ftp|wss?):/i;
/** Without a scheme: that of the page. */
const OF_ANY_SCHEME = /^[\\/]{2}/;
/** What programs make a link of in a text. */
const IN_TEXT = /(?:\b(?:https?|ftp):[\\/]{2}|\bwww\.)[^\s<>"\x00-\x1f\x7f]{1,2048}/giu;
/** Punctuation at the end belongs to the sentence. */
const SENTENCE_END = /[.,;:!?'\u2019\u201d\u00bb)\]}]{1,20}$/u;
const URL_CHARS_MAX = 4_096;

/** What a message leads to: hosts, and how many different addresses. Work is linear in what is added, up to a limit. */
export class LinkSet {
  /** There were more than the limit; they are not in it. */
  isOver = false;
  readonly #domains = new Set<string>();
  readonly #urls = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(private readonly countMax: number) {}

  /** Hosts in lower case, domains as A-labels without a dot at the end, IPv6 addresses without brackets; in order. */
  get domains(): readonly string[] {
    return [...this.#domains];
  }

  /** Different addresses. */
  get count(): number {
    return this.#urls.size;
  }

  /** An attribute whose value is an address. Schemes without a host, `mailto:` among them, lead to none by themselves. */
  addAddress(value: string): void {
    const address = value
      .slice(0, URL_CHARS_MAX)
      .replace(/[\t\n\r]+/g, '')
      .replace(/^[\x00-\x20]+/, '');
    if (WITH_HOST.test(address)) this.#add(address);
    else if (OF_ANY_SCHEME.test(address)) this.#add(`https:${address}`);
    // `ms-word:ofe|u|https://…`
    else this.addText(address);
  }

  /** A text in which addresses stand. */
  addText(text: string): void {
    for (const [found] of text.matchAll(IN_TEXT)) {
      const address = found.replace(SENTENCE_END, '');
      const isBare = /^www\./i.test(address);
      this.#add(isBare ? `http://${address}` : address);
      // Where letters of other scripts follow, some programs end the link before them.
      const ascii = /^[\x21-\x7e]*/.exec(address)?.[0] ?? '';
      if (ascii !== address) this.#addDomain(parsed(isBare ? `http://${ascii}` : ascii)?.hostname);
    }
  }

  #add(address: string): void {
    if (this.#seen.has(address)) return;
    if (this.#seen.size >= this.countMax) {
      this.isOver = true;
      return;
    }
    this.#seen.add(address);
    const url = parsed(address);
    if (url === undefined) return;
    this.#urls.add(url.href);
    this.#addDomain(url.hostname);
  }

  #addDomain(hostname = ''): void {
    const domain = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
    if (domain !== '') this.#domains.add(domain.toLowerCase());
  }
}

/** As browsers read it (WHATWG URL): what stands before an `@` is no host, backslashes are slashes, numbers are addresses. */
function parsed(address: string): URL | undefined {
  return URL.parse(address) ?? undefined;
}
