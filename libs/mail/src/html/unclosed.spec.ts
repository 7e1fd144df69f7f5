import { HtmlText } from './html-text.js';

function textOf(html: string, size = html.length + 1): string {
  const reader = new HtmlText();
  let text = '';
  for (let at = 0; at < html.length; at += size) text += reader.push(html.slice(at, at + size));
  return text + reader.end();
}

const SECRET = 'financial records';

describe('what does not end in HTML', () => {
  it.each([
    '<html><body><![CDATA[><p>$F</p></body></html>',
    '<p>Hi</p><![CDATA[ x><p>$F</p>',
    '<p>Hi</p><![CDATA[ x><p>fin<b>anc</b>ial rec<i>ords</p>',
    '<![CDATA[><title><!--</title>$F',
    '<!--[if mso]><![CDATA[><p>fin<b>anc</b>ial records<![endif]-->',
    '<svg><![CDATA[><p>$F',
    '<![CDATA[><![CDATA[><p>$F',
  ])('guarantees that an open CDATA hides nothing: %j', (html) => {
    for (const size of [1, 7, 1_000]) expect(textOf(html.replace('$F', SECRET), size)).toContain(SECRET);
  });

  it.each([
    '<![CDATA[><textarea>]]><!--$F--></textarea>',
    '<![CDATA[><xmp>]]><style>$F',
    '<![CDATA[><xmp>]]><img alt="$F',
    '<!--[if mso]><![CDATA[><textarea>]]>$F</textarea><![endif]-->',
  ])('guarantees that CDATA which ends in two places hides nothing behind it: %j', (html) => {
    for (const size of [1, 7, 1_000]) expect(textOf(html.replace('$F', SECRET), size)).toContain(SECRET);
  });

  it.each(['<![CDATA[>', '<!--[if mso]>'])('guarantees that nothing is hidden behind megabytes of %j', (start) => {
    const html = `${start}${'x'.repeat(5_000_000)}<p>fin<b>anc</b>ial records</p>`;
    expect(textOf(html, 65_536)).toContain(SECRET);
    expect(textOf(`${start}<p>fin<b>anc</b>ial records</p>${'x'.repeat(5_000_000)}`, 65_536)).toContain(SECRET);
  });

  it('takes a megabyte of open CDATA once', () => {
    const html = '<![CDATA[>'.repeat(100_000);
    expect(textOf(html, 65_536).length).toBeLessThan(3 * html.length);
  });
});
