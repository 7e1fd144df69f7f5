import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalizeDomain } from '#lib/core';
import { describeWithCorpus } from '../../../../test/support/corpus.js';
import { inPieces } from '../../../../test/support/streams.js';
import { parseMail } from '../parse-mail.js';
import { defaultMailLimits, EVERYTHING, type MailLimits, type ParsedMail } from '../parsed-mail.js';

async function linksOf(
  body: string,
  type = 'text/html',
  limits: Partial<MailLimits> = {},
): Promise<ParsedMail['links']> {
  const raw = Buffer.from(`Content-Type: ${type}; charset=utf-8\r\n\r\n${body}`);
  return (await parseMail(inPieces(raw, 1_000), { ...defaultMailLimits, ...limits }, EVERYTHING)).links;
}

async function domainsOf(body: string, type?: string): Promise<unknown> {
  const links = await linksOf(body, type);
  return typeof links === 'object' ? links?.domains : links;
}

describe('the links of HTML', () => {
  it.each<[string, string, readonly string[]]>([
    ['a reference', '<a href="https://Shop.Example/x?y#z">x</a>', ['shop.example']],
    ['without quotes', '<a href=http://a.example>x', ['a.example']],
    ['a form', '<form action="https://a.example/in"><button formaction="//b.example">', ['a.example', 'b.example']],
    ['a picture', '<img src="http://a.example/x.png" srcset="https://b.example/2x 2x">', ['a.example', 'b.example']],
    [
      'a style',
      '<td background="http://a.example/" style="background:url(https://b.example/)">',
      ['a.example', 'b.example'],
    ],
    ['a refresh', '<meta http-equiv="refresh" content="0; url=http://a.example/">', ['a.example']],
    ['a user before the host', '<a href="http://bank.example@evil.example/">bank.example</a>', ['evil.example']],
    ['entities', '<a href="&#104;ttp://a&#46;example">x', ['a.example']],
    ['spaces, tabs and line ends', '<a href=" \n ht\ntp://a.exam\tple/">x', ['a.example']],
    ['backslashes', '<a href="http:\\\\a.example\\x">x <a href="\\\\b.example">', ['a.example', 'b.example']],
    ['no slashes', '<a href="https:a.example">x', ['a.example']],
    ['other letters', '<a href="http://bücher.example">x', ['xn--bcher-kva.example']],
    ['escapes', '<a href="http://%65vil.example">x', ['evil.example']],
    ['a dot at the end', '<a href="http://evil.example./">x', ['evil.example']],
    ['numbers', '<a href="http://2130706433/">x <a href="http://[::1]/">', ['127.0.0.1', '::1']],
    ['a program that is given one', '<a href="ms-word:ofe|u|https://evil.example/a.docx">', ['evil.example']],
    ['a conditional comment', '<!--[if mso]><a href="http://a.example">x</a><![endif]-->', ['a.example']],
    [
      'behind SVG',
      '<svg><a xlink:href="http://a.example">x</a></svg><a href="http://b.example">',
      ['a.example', 'b.example'],
    ],
    ['what it shows', '<p>See https://a.example/x, www.<b>b</b>.example.</p>', ['a.example', 'www.b.example']],
    [
      'mail, telephones, parts and scripts',
      '<a href="mailto:a@b.example">x<a href="tel:1"><img src="cid:x"><a href="javascript:x()">',
      [],
    ],
    ['a place on the same page', '<a href="#top">x</a><a href="/x">y</a>', []],
  ])('%s', async (_what, html, domains) => {
    expect(await domainsOf(html)).toEqual(domains);
  });

  it('are found behind any number of spaces, and in long data', async () => {
    expect(await domainsOf(`<a href="${' '.repeat(100_000)}http://a.example/${'x'.repeat(100_000)}">`)).toEqual([
      'a.example',
    ]);
  });
});

describe('the links of a text', () => {
  it.each<[string, string, readonly string[]]>([
    ['in a sentence', 'See (http://a.example/x). Or ftp://b.example!', ['a.example', 'b.example']],
    ['without a scheme', 'www.Shop.example/x', ['www.shop.example']],
    ['a user before the host', 'http://www.bank.example@evil.example', ['evil.example']],
    ['none', 'a.example, mail@b.example, http:', []],
  ])('%s', async (_what, text, domains) => {
    const found = await domainsOf(text, 'text/plain');
    expect(found).toEqual(domains);
  });

  it('end before letters of other scripts, or do not, as programs differ', async () => {
    const domains = await domainsOf('http://a.exampleです', 'text/plain');
    expect(domains).toEqual([expect.stringMatching(/^a\.xn--/), 'a.example']);
  });

  it('count once for each address, in whatever part it stands', async () => {
    const links = await linksOf(
      '<a href="http://a.example/1">http://a.example/1</a> http://a.example/2 HTTP://A.example/2',
    );
    expect(links).toEqual({ domains: ['a.example'], count: 2 });
  });

  it('are in error beyond a limit', async () => {
    const text = Array.from({ length: 10_001 }, (_, n) => `http://a.example/${n}`).join(' ');
    expect(await linksOf(text, 'text/plain')).toBe('ERR_MAIL_TOO_MANY_LINKS');
    expect(await linksOf('http://a.example http://b.example', 'text/plain', { linksMax: 2 })).toMatchObject({
      count: 2,
    });
  });

  it('are not looked for where nobody wants them', async () => {
    const raw = Buffer.from('\r\nhttp://a.example');
    const nothing = { contents: false, hashes: false, links: false };
    expect((await parseMail(inPieces(raw), defaultMailLimits, nothing)).links).toBeNull();
  });

  it.each([
    ['one character', 'a'.repeat(1_000_000)],
    ['slashes', '/'.repeat(1_000_000)],
    ['beginnings', 'http://'.repeat(150_000)],
    ['other beginnings', 'www.'.repeat(250_000)],
    ['combining marks', `http://a\u0301${'\u0315\u0300'.repeat(500_000)}`],
    ['mixed scripts', 'http://аbс日本.example '.repeat(40_000)],
  ])('are found in bounded work in a megabyte of %s', async (_what, text) => {
    expect(await linksOf(text, 'text/plain')).not.toBeNull();
    expect(await linksOf(`<a href="${text}">`)).not.toBeNull();
  });
});

describeWithCorpus('links that deceive', (folder) => {
  const read = (name: string): readonly Record<string, string>[] =>
    readFileSync(join(folder, 'attacks', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);

  it('have domains as A-labels, never those that they look like', async () => {
    for (const { domain = '', looksLike } of read('idn-homographs.jsonl')) {
      const found = (await domainsOf(`<a href="http://${domain}/">`)) as readonly string[];
      for (const one of found) expect(one).toMatch(/^[\x21-\x7e]+$/);
      const like = normalizeDomain(looksLike ?? '') ?? '';
      expect([domain, found.includes(like)]).toEqual([domain, normalizeDomain(domain) === like]);
    }
  });

  it('have a host as browsers read it', async () => {
    for (const { url = '' } of read('ssrf-urls.jsonl').filter((one) => /^https?:/i.test(one['url'] ?? ''))) {
      const attribute = url.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
      const host = URL.parse(url)
        ?.hostname.replace(/^\[|\]$/g, '')
        .replace(/\.$/, '');
      expect([url, await domainsOf(`<a href="${attribute}">`)]).toEqual([url, host === undefined ? [] : [host]]);
    }
  });
});
