import fc from 'fast-check';
import { bounded } from '../../../../test/support/bounded.js';
import { HtmlText } from './html-text.js';

function textOf(html: string, size = html.length + 1): string {
  const reader = new HtmlText();
  let text = '';
  for (let at = 0; at < html.length; at += size) text += reader.push(html.slice(at, at + size));
  return text + reader.end();
}

describe('HtmlText', () => {
  it.each([
    ['<p>Hello <b>wor</b>ld</p><p>again</p>', 'Hello world\nagain'],
    ['fin<span>an</span>cial<br>rec&shy;ords', 'financial\nrec\u00adords'],
    ['<td>1</td><td>2</td>', '1\n2'],
    ['<div style="display:none">hidden</div>', 'hidden'],
    ['<script>if (a<b) "</p>"</script>x<STYLE>y</style >z', 'xz'],
    ['a<!-- b -->c<!-->d<!--->e', 'acde'],
    ['<!--[if mso]><p>Outlook sees it</p><![endif]-->', 'Outlook sees it'],
    ['<![if !mso]>shown<![endif]>', 'shown'],
    ['a &amp; b &lt;c&gt; &#65;&#x42;&euro;&nbsp;&notit; &hearts', 'a & b <c> AB€\u00a0¬it; &hearts'],
    ['&#128;&#0;&#xD800;&#x110000;&CounterClockwiseContourIntegral;', '€\ufffd\ufffd\ufffd∳'],
    ['<img src=x alt="Financial &amp; records"><a title=\'more\'>x</a>', 'Financial & records\nmore\nx'],
    ['<a href="x>y">z</a>', 'z'],
    ["<a b='\"'>z", 'z'],
    ['1 < 2 and 3 <4 <>', '1 < 2 and 3 <4 <>'],
    ['<title>T</title><textarea>u</textarea>', 'T\nu'],
    ['<?xml version="1.0"?><!DOCTYPE html></ p>x', 'x'],
    ['<p>x', 'x'],
    ['x<p hidden text', 'x'],
    ['<svg><style><p>financial records</p></style></svg>', 'financial records'],
    ['<!--[if mso]>a<!--[if mso]>b-->c', 'a\nc'],
    ['<noframes>in frames</noframes><iframe>in a frame</iframe>', 'in frames\nin a frame'],
    ['', ''],
  ])('reads %j', (html, expected) => {
    expect(textOf(html)).toBe(expected);
  });

  const SECRET = 'financial records';
  it.each([
    '<![CDATA[>$F]]>',
    '<![CDATA[ x > $F ]]>',
    '<![CDATA[><p>fin<b>anc</b>ial rec<i>ords]]>',
    '<svg><![CDATA[$F]]></svg>',
    '<svg><p><title><!--</title>$F--></title>',
    '<svg><p><![CDATA[>$F]]>',
    '<svg><br><style><!--</style>$F-->',
    '<svg><p><style><!--</style>$F-->',
    '<svg></p><style><a title="</style>$F">',
    '<svg></p><style><a href="</style>$F">',
    '<svg><img><xmp><!--</xmp>$F-->',
    '<svg><p><xmp><$F></xmp>',
    '<svg/><xmp><$F></xmp>',
    '<math></p><style><!--</style>$F--></style>',
    '<math><annotation-xml encoding="text/html"><title><!--</title>$F--></annotation-xml></math>',
    '<svg><foreignObject><title><!--</title>$F--></foreignObject></svg>',
    '<svg><foreignObject><p></p></foreignObject><style><p>fin<b>anc</b>ial records</p></style>',
    '<svg><foreignObject><p></p></foreignObject><title>fin<b>anc</b>ial records</title>',
    '<svg><title><!--</title>$F--></title></svg>',
    '<svg><style><p>fin<b>anc</b>ial records</p></style></svg>',
    '<svg><style><p>$F',
    '<svg><style><!-- </style><script> --><p>$F</p>',
    `<svg><style><a b="</style><a c='"><p>$F</p>`,
    '<svg><style><a b="</style><!--"><p>$F</p>',
    '<input value="$F">',
    "<input placeholder='financial &#114;ecords'>",
    '<optgroup label="$F"><option>',
  ])('guarantees that no browser shows what rules do not see in %j', (html) => {
    expect(textOf(html.replaceAll('$F', SECRET))).toContain(SECRET);
  });

  it('has no styles, scripts and comments of ordinary mail', () => {
    const html =
      '<style>p{color:red}</style><!-- note --><!--[if mso]><style>q{}</style><![endif]-->hello<script>x()</script>';
    expect(textOf(html)).toBe('hello');
    expect(textOf(`${html}<svg><path d="M 0 0"/></svg> there`)).toBe('hello\nthere');
  });

  it('guarantees the same text wherever the input is cut', () => {
    const pieces = fc.constantFrom(
      ...[
        '<',
        '>',
        '</',
        'p',
        'script',
        'style',
        '<!--',
        '-->',
        '[if',
        '"',
        "'",
        '=',
        ' alt="a"',
        '&',
        'amp',
        ';',
        '#65',
        ' ',
        'x',
        '<br>',
        '<b>',
        '<svg>',
        '<title>',
        '</title>',
        '<![CDATA[',
        ']]>',
        ' value=',
        '!',
        '?',
        '/',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const html = parts.join('');
        expect(textOf(html, size)).toBe(textOf(html));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads what is said behind the data of a very long tag', () => {
    expect(textOf(`a<img src="data:${'x'.repeat(3_000_000)}" alt="said">b`, 65_536)).toBe('a\nsaid\nb');
  });

  it('reads attributes in attributes in linear time', () => {
    const quotes = Array.from({ length: 1_000 }, (_, depth) =>
      depth === 0 ? '"' : `&${'amp;'.repeat(depth - 1)}#34;`,
    );
    const html = `<svg>${quotes.map((quote) => `<a b=${quote}`).join('')}${quotes.reverse().join('>')}>`;
    expect(bounded(() => textOf(html)).length).toBeGreaterThan(1_000_000);
  });

  it('takes a comment that is too long to be kept for text, rather than for nothing', () => {
    expect(textOf(`a<!--[if mso]>${'x'.repeat(6_000_000)}`, 65_536).length).toBeGreaterThan(1_700_000);
    expect(textOf(`a<!--${'x'.repeat(3_000_000)}-->b`, 65_536)).toBe('ab');
  });

  it.each([
    '<div>',
    '<a b="',
    "<a b='",
    '<!--',
    '<!',
    '<script>',
    '</script',
    '<a ',
    '&',
    '&#',
    '&a',
    ' ',
    '<p alt="',
    ' alt=',
    '< ',
    '<![if',
    '\u00e9<',
    '<svg><style>',
    '<svg><!--',
    '<svg><title><!--',
    '<![CDATA[<',
    '<svg><a b="<',
    '<svg a="<">',
  ])('reads a megabyte of %j in linear time', (piece) => {
    const html = piece.repeat(1_000_000 / piece.length);
    expect(bounded(() => textOf(html, 65_536)) === bounded(() => textOf(html))).toBe(true);
  });
});
